# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries in Blender's menus: every operator is in one, so that menu search (F3) finds it."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

import blender_text3d
from blender_text3d.addon import menus
from blender_text3d.addon.operators.add import TEXT3D_OT_add
from blender_text3d.addon.operators.recipe import TEXT3D_OT_decode_again, expected_faces
from blender_text3d.addon.registration import OPERATORS
from blender_text3d.addon.state.count_text import count_text
from blender_text3d.addon.state.session_state import state
from tests.blender.recording_layout import RecordingLayout

NEED_AN_ITEM = {
    "text3d.add_preset",  # in Blender's menu of presets
    "text3d.drop_image",  # by dropping a file
    "text3d.drop_images",
    "text3d.forget_prompt",  # on one prompt of the list
    "text3d.star_prompt",
    "text3d.use_prompt",
    "text3d.queue_move",  # on one job of the queue
    "text3d.swap_word",  # on one word of a prompt
    "text3d.set_version",  # on one version of the list
}


def entries() -> RecordingLayout:
    """Return all entries of the add-on in Blender's menus, with those of its submenus."""
    layout = RecordingLayout()
    for _, draw in menus.ENTRIES:
        draw(SimpleNamespace(layout=layout), bpy.context)
    done = set()
    while new := [name for name in layout.menus if name not in done]:
        done |= set(new)
        for name in dict.fromkeys(new):
            getattr(bpy.types, name).draw(SimpleNamespace(layout=layout), bpy.context)
    return layout


def found(words: str) -> list[str]:
    """Return the entries that a search finds."""
    layout = entries()
    return [text for text in [*layout.texts, *(button.rna.name for button in layout.buttons)] if words in text.lower()]


def test_every_operator_is_in_a_menu(addon):
    in_menus = {button.identifier for button in entries().buttons}
    ours = {kind.bl_idname: kind for kind in OPERATORS if issubclass(kind, bpy.types.Operator)}
    public = {name for name, kind in ours.items() if "INTERNAL" not in getattr(kind, "bl_options", ())}
    missing = {name for name in public if f"TEXT3D_OT_{name.partition('.')[2]}" not in in_menus}
    assert missing == NEED_AN_ITEM & public


@pytest.mark.parametrize("words", ["generate", "variation", "bake", "text3d", "refine", "rotate", "cancel", "set up"])
def test_a_search_finds_it_by_its_word(addon, words):
    assert found(words)


def test_the_entries_are_in_blenders_menus_and_gone_afterwards(addon):
    for name, draw in menus.ENTRIES:
        assert draw in getattr(bpy.types, name)._dyn_ui_initialize()
    blender_text3d.unregister()
    for name, draw in menus.ENTRIES:
        assert draw not in getattr(bpy.types, name)._dyn_ui_initialize()
    blender_text3d.register()


def test_the_context_menu_has_them_for_generated_objects_only(addon, scene):
    def drawn():
        layout = RecordingLayout()
        menus.draw_in_context_menu(SimpleNamespace(layout=layout), bpy.context)
        return layout.menus

    assert drawn() == []
    bpy.ops.text3d.generate()
    assert drawn() == ["TEXT3D_MT_generated_object"]
    bpy.ops.mesh.primitive_cube_add()
    assert drawn() == []


def test_add_generates_from_its_own_prompt(addon, scene, tmp_path):
    addon.image = str(tmp_path / "unused.png")
    assert bpy.ops.text3d.add(prompt="a boat") == {"FINISHED"}
    assert [target.name for target in scene.objects] == ["a boat"]
    assert addon.prompt == "a boat"


def test_add_asks_with_the_prompt_of_the_panel(addon):
    asked = []
    manager = SimpleNamespace(invoke_props_dialog=lambda operator, **options: asked.append((operator.prompt, options)))
    context = SimpleNamespace(window_manager=manager, scene=bpy.context.scene)
    TEXT3D_OT_add.invoke(SimpleNamespace(prompt=""), context, None)
    assert asked == [("a red chair", {"title": "Text to 3D", "confirm_text": "Generate"})]


@pytest.mark.parametrize(("angle", "turn_deg"), [("-90", 270), ("90", 90), ("180", 180)])
def test_rotate_takes_an_angle(addon, scene, angle, turn_deg):
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    before = np.array([vertex.co[:2] for vertex in target.data.vertices])
    assert bpy.ops.text3d.turn(angle=angle) == {"FINISHED"}
    after = np.array([vertex.co[:2] for vertex in target.data.vertices])
    turned = {"-90": (before[:, 1], -before[:, 0]), "90": (-before[:, 1], before[:, 0]), "180": -before.T}[angle]
    np.testing.assert_allclose(after, np.stack(turned, axis=1), atol=1e-6)
    assert f'"turn_deg": {turn_deg}' in target["text3d_recipe"]


@pytest.mark.parametrize("name", ["turn", "bake_texture", "import_job", "check_mesh", "use_settings"])
def test_operators_that_end_at_once_can_be_adjusted_and_undone(addon, name):
    operator = getattr(bpy.types, f"TEXT3D_OT_{name}")
    assert {"REGISTER", "UNDO"} <= operator.bl_options


def test_import_puts_the_first_object_at_its_location(start_job, drive):
    (first, second) = start_job("slowly a chair", count=2)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(lambda: not state.jobs)
    bpy.ops.text3d.import_job(location=(5, 6, 7))
    locations = sorted(tuple(target.location) for target in bpy.context.scene.objects)
    assert locations[0] == (5, 6, 7)
    assert locations[1][0] > 6
    assert locations[1][1:] == (6, 7)


def test_import_repeated_by_f9_imports_the_same_objects_elsewhere(start_job, drive):
    (job,) = start_job("slowly a chair")
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    drive(lambda: not state.jobs)
    bpy.ops.text3d.import_job()
    bpy.data.objects.remove(bpy.context.scene.objects[0])
    assert bpy.ops.text3d.import_job(imported=job.folder.job_id, location=(1, 0, 0)) == {"FINISHED"}
    assert bpy.context.scene.objects[0].location.x == 1


def test_the_material_has_the_name_of_its_object(addon, scene):
    bpy.ops.text3d.generate()
    addon.prompt, addon.outputs = "a boat", "cloud"
    bpy.ops.text3d.generate()
    for target in scene.objects:
        assert [material.name for material in target.data.materials] == [target.name]


def test_the_size_is_a_length_in_the_scenes_unit(addon, scene):
    size = bpy.types.Scene.bl_rna.properties["text3d_size"]
    assert (size.name, size.subtype, size.unit) == ("Size", "DISTANCE", "LENGTH")
    scene.unit_settings.scale_length = 0.01
    scene.text3d_size = 25.0
    assert addon.size_m == pytest.approx(0.25)


def test_the_dialog_of_refine_says_how_many_faces_to_expect(addon, scene):
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    assert expected_faces(target, {"grid": 128}, 256) == 16
    assert expected_faces(target, {"grid": "128"}, 256) == expected_faces(target, {}, 256) == 0
    layout = RecordingLayout()
    operator = SimpleNamespace(layout=layout, grid=256, views=0, bl_rna=bpy.ops.text3d.decode_again.get_rna_type())
    TEXT3D_OT_decode_again.draw(operator, bpy.context)
    assert "About 16 faces" in layout.texts


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9500, "9.5k"), (9960, "10k"), (95148, "95k"), (481876, "482k"),
     (999_499, "999k"), (999_500, "1.0M"), (12_345_678, "12M")],
)  # fmt: skip
def test_counts_are_short(count, text):
    assert count_text(count) == text
