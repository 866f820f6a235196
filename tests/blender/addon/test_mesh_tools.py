# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators on selected meshes, on objects as users have them: edited, joined, shared, linked, with many layers."""

import os
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh
from blender_text3d.scene.mesh_report import count_mesh
from blender_text3d.scene.recipe import recipe_of
from blender_text3d.scene.version_list import version_count
from tests.blender.mesh_measures import add_colored_ball, difference
from tests.blender.recording_layout import drawn

REPOSITORY = Path(__file__).parents[3]
OPERATORS = ("set_faces", "remesh", "smooth", "fix_mesh", "make_lods")
CHANGE = {
    "set_faces": {"faces": 100, "is_applied": True},
    "remesh": {"faces": 400},
    "smooth": {"is_applied": True},
    "fix_mesh": {},
    "make_lods": {},
}


def call(name, **options):
    return getattr(bpy.ops.text3d, name)(**CHANGE[name] | options)


def select(*targets):
    bpy.ops.object.select_all(action="DESELECT")
    for target in targets:
        target.select_set(True)
    bpy.context.view_layer.objects.active = targets[0]


def tear(target):
    """Remove a face of an object's mesh."""
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="DESELECT")
    bpy.ops.object.mode_set(mode="OBJECT")
    target.data.polygons[0].select = True
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.delete(type="ONLY_FACE")
    bpy.ops.object.mode_set(mode="OBJECT")


@pytest.fixture
def generated(addon, scene, mesh):
    """A generated object, active and selected."""
    from blender_text3d.scene.importer import Result, import_result

    (target,) = import_result(Result("job-1", "a ball", {"prompt": "a ball"}, mesh, None, 1.0, (0, 0, 0)), scene)
    select(target)
    return target


def test_a_generated_object_keeps_its_old_mesh_recipe_and_material(generated, mesh):
    material = generated.data.materials[0]
    assert bpy.ops.text3d.remesh(kind="QUADS", faces=300) == {"FINISHED"}
    assert {len(face.vertices) for face in generated.data.polygons} == {4}
    assert generated.data.materials[:] == [material]
    assert (version_count(generated), recipe_of(generated)) == (2, {"prompt": "a ball"})
    bpy.ops.text3d.previous_version()
    assert len(generated.data.polygons) == len(mesh.faces)
    bpy.ops.text3d.next_version()
    assert {len(face.vertices) for face in generated.data.polygons} == {4}


@pytest.mark.parametrize("keep_attribute", [True, False])
@pytest.mark.parametrize("keep_old", [True, False])
def test_colors_of_a_baked_object_are_shown_by_its_new_faces(addon, scene, keep_attribute, keep_old):
    from blender_text3d.scene.bake import is_baked, read_attribute
    from blender_text3d.scene.importer import Result, import_result

    ball = add_colored_ball(5)
    before = ball.data.copy()
    vertices = np.array([vertex.co for vertex in before.vertices], np.float32)
    faces = np.array([face.vertices for face in before.polygons], np.int32)
    colors = np.array([item.color_srgb[:3] for item in before.attributes["Color"].data], np.float32)
    bpy.data.objects.remove(ball)
    result = Result("job-1", "a ball", {"prompt": "a ball"}, Mesh(vertices, faces, colors), None, 1.0, (0, 0, 0))
    (target,) = import_result(result, scene)
    original = target.data.copy()
    select(target)
    bpy.ops.text3d.bake_texture(size="512", keep_attribute=keep_attribute)
    bpy.ops.text3d.remesh(faces=3000, keep_old=keep_old)
    (material,) = target.data.materials
    shown = [link.from_node for link in material.node_tree.links if link.to_socket.name == "Base Color"]
    assert [read_attribute(node) for node in shown] == ["Color"]
    assert not is_baked(material)
    assert difference(original, target.data).color < 4
    assert len(bpy.data.images) == keep_old
    bpy.ops.text3d.bake_texture(size="256")
    assert is_baked(target.data.materials[0])
    if keep_old:
        bpy.ops.text3d.previous_version()
        assert is_baked(target.data.materials[0])


def test_it_keeps_none_where_that_is_switched_off(generated):
    meshes = len(bpy.data.meshes)
    bpy.ops.text3d.remesh(kind="QUADS", faces=300, keep_old=False)
    assert (version_count(generated), len(bpy.data.meshes)) == (1, meshes)


def test_remesh_has_the_asked_number_of_faces_though_fewer_were_shown(addon, scene):
    target = add_colored_ball(5)
    bpy.ops.text3d.set_faces(faces=100)
    bpy.ops.text3d.remesh(faces=1000)
    assert not target.modifiers
    assert len(target.data.polygons) == pytest.approx(1000, rel=0.1)


def test_all_selected_meshes_are_changed_each_mesh_once(addon, scene, capfd):
    first, second = add_colored_ball(4), add_colored_ball(4)
    twin, other = (bpy.data.objects.new(name, first.data) for name in ("twin", "other"))
    for item in (twin, other):
        scene.collection.objects.link(item)
    select(first, second, twin)
    assert bpy.ops.text3d.remesh(faces=500) == {"FINISHED"}
    assert "Remeshed 3 objects to " in capfd.readouterr().out
    assert first.data == twin.data
    assert len({first.data, second.data, other.data}) == 3
    assert len(other.data.polygons) == 1280


def test_generated_objects_that_share_a_mesh_get_versions_of_their_own(generated, scene):
    twin = generated.copy()
    scene.collection.objects.link(twin)
    own = bpy.data.objects.new("own", generated.data)
    scene.collection.objects.link(own)
    select(generated, twin, own)
    bpy.ops.text3d.remesh(kind="QUADS", faces=300)
    assert len({generated.data, twin.data, own.data}) == 3
    assert len({len(target.data.polygons) for target in (generated, twin, own)}) == 1
    assert [version_count(target) for target in (generated, twin, own)] == [2, 2, 1]


@pytest.mark.parametrize("name", OPERATORS)
def test_an_edited_object_without_its_color_attribute_is_changed(generated, name):
    tear(generated)
    generated.data.color_attributes.remove(generated.data.color_attributes["Color"])
    if name == "remesh":
        assert call(name, kind="QUADS") == {"FINISHED"}
    else:
        assert call(name) == {"FINISHED"}
    assert len(generated.data.polygons) > 0


@pytest.mark.parametrize("name", OPERATORS)
def test_joined_objects_with_five_materials_and_two_uv_maps_are_changed(addon, scene, name):
    balls = [add_colored_ball(3) for _ in range(5)]
    for row, ball in enumerate(balls):
        ball.location.x = 3 * row
        ball.data.materials.append(bpy.data.materials.new(f"material {row}"))
        ball.data.uv_layers.new(name="second")
    select(*balls)
    bpy.ops.object.join()
    (target,) = scene.objects
    assert (len(target.data.materials), len(target.data.uv_layers)) == (5, 2)
    assert call(name) == {"FINISHED"}
    if name == "make_lods":
        target = scene.objects["ball_LOD1"]
    assert len(target.data.materials) == 5
    assert {face.material_index for face in target.data.polygons} == set(range(5))
    assert len(target.data.uv_layers) == (0 if name == "remesh" else 2)
    assert "Color" in target.data.color_attributes


@pytest.mark.parametrize("name", OPERATORS)
def test_an_object_with_shape_keys_is_changed_or_named(addon, scene, name):
    target = add_colored_ball(3)
    target.shape_key_add(name="Basis")
    if name in ("fix_mesh", "make_lods"):
        assert call(name) == {"FINISHED"}
    else:
        with pytest.raises(RuntimeError, match=r'Skipped "ball" \(with shape keys, which would be lost\)'):
            call(name)
    assert [key.name for key in target.data.shape_keys.key_blocks] == ["Basis"]


@pytest.mark.parametrize("name", ["set_faces", "smooth"])
def test_shape_keys_do_not_matter_to_a_modifier(addon, scene, name):
    target = add_colored_ball(3)
    target.shape_key_add(name="Basis")
    assert call(name, is_applied=False) == {"FINISHED"}
    assert len(target.modifiers) == 1


@pytest.mark.parametrize("name", OPERATORS)
def test_a_linked_object_is_named_and_the_others_go_on(addon, scene, link_all, name, capfd):
    add_colored_ball(3)
    (linked,) = link_all()
    scene.collection.objects.link(linked)
    own = add_colored_ball(3)
    own.name = "own"
    tear(own)
    select(own, linked)
    assert call(name, **({"kind": "QUADS"} if name == "remesh" else {})) == {"FINISHED"}
    text = capfd.readouterr().out
    if name == "make_lods":
        assert "Made 8 levels of 2 objects" in text
    else:
        assert 'Skipped "ball" (linked from another file).' in text
    assert len(linked.data.polygons) == 320


@pytest.mark.parametrize("name", OPERATORS)
def test_an_own_object_of_a_linked_mesh_gets_a_mesh_of_its_own(addon, scene, link_all, name):
    add_colored_ball(3)
    (linked,) = link_all()
    target = bpy.data.objects.new("own", linked.data)
    scene.collection.objects.link(target)
    select(target)
    assert call(name) == {"FINISHED"}
    if name in ("set_faces", "remesh", "smooth"):
        assert target.data.library is None
    assert len(linked.data.polygons) == 320


@pytest.mark.parametrize("name", OPERATORS)
def test_each_needs_object_mode_and_a_mesh(addon, scene, name):
    operator = getattr(bpy.ops.text3d, name)
    assert not operator.poll()
    bpy.ops.object.empty_add()
    with pytest.raises(RuntimeError, match=r'Skipped "Empty" \(not a mesh\)'):
        call(name)
    add_colored_ball(2)
    bpy.ops.object.mode_set(mode="EDIT")
    assert not operator.poll()
    bpy.ops.object.mode_set(mode="OBJECT")


@pytest.mark.parametrize("faces", [0, 3, 10**9])
def test_budgets_that_cannot_be_met_never_break_an_object(addon, scene, faces, monkeypatch):
    from blender_text3d.scene import remesh

    monkeypatch.setattr(remesh, "MAX_FACES", {"TRIANGLES": 2000, "QUADS": 500})
    target = add_colored_ball(3)
    for kind in ("TRIANGLES", "QUADS"):
        try:
            assert bpy.ops.text3d.remesh(kind=kind, faces=faces) == {"FINISHED"}
        except RuntimeError as error:
            assert 'Skipped "ball"' in str(error)
        assert 0 < len(target.data.polygons) < 2500


def test_remesh_says_that_uv_maps_were_dropped(addon, scene, capfd):
    target = add_colored_ball(3)
    bpy.ops.text3d.remesh(faces=300)
    assert "UV maps were dropped: unwrap or bake again" in capfd.readouterr().out
    bpy.ops.text3d.remesh(faces=300)
    assert "UV maps" not in capfd.readouterr().out
    assert not target.data.uv_layers


def test_fix_names_each_defect_before_and_after(generated, capfd):
    assert bpy.ops.text3d.fix_mesh() == {"FINISHED"}
    assert "Fixed 1 object: holes 2 → 0" in capfd.readouterr().out
    assert count_mesh(generated.data).is_closed
    assert version_count(generated) == 2
    assert "\nWatertight\nYes" in drawn()
    assert bpy.ops.text3d.fix_mesh() == {"FINISHED"}
    assert "Nothing to fix" in capfd.readouterr().out
    assert version_count(generated) == 2


def test_fix_names_what_it_left(generated, capfd):
    bpy.ops.text3d.fix_mesh(max_hole_edges=3)
    assert "Nothing to fix: holes 2 → 2" in capfd.readouterr().out


def test_fix_changes_a_mesh_in_place_unless_others_use_it(addon, scene):
    target = add_colored_ball(3)
    tear(target)
    data = target.data
    bpy.ops.text3d.fix_mesh()
    assert target.data == data
    assert count_mesh(data).is_closed
    tear(target)
    twin = bpy.data.objects.new("twin", data)
    scene.collection.objects.link(twin)
    select(target)
    bpy.ops.text3d.fix_mesh()
    assert (count_mesh(target.data).is_closed, count_mesh(twin.data).is_closed) == (True, False)


def test_smooth_is_applied_with_colors(addon, scene):
    target = add_colored_ball(4)
    before = target.data.copy()
    assert bpy.ops.text3d.smooth(iterations=4, is_applied=True) == {"FINISHED"}
    assert not target.modifiers
    assert difference(before, target.data).color < 2
    assert not np.allclose(before.vertices[0].co, target.data.vertices[0].co, atol=1e-6)


def test_apply_of_the_faces_applies_the_smoothing_before_them(addon, scene):
    target = add_colored_ball(4)
    bpy.ops.text3d.smooth()
    bpy.ops.text3d.set_faces(faces=300, is_applied=True)
    assert not target.modifiers
    assert len(target.data.polygons) == pytest.approx(300, abs=4)


def test_levels_are_told_with_their_faces(addon, scene, capfd):
    add_colored_ball(4)
    assert bpy.ops.text3d.make_lods(levels=2) == {"FINISHED"}
    assert "Made 3 levels: 1,280, 640, 320 faces" in capfd.readouterr().out


@pytest.mark.parametrize("name", OPERATORS)
def test_each_is_one_undo_step_that_can_be_adjusted(addon, name):
    assert {"REGISTER", "UNDO"} <= getattr(bpy.types, f"TEXT3D_OT_{name}").bl_options


def test_the_panel_of_any_mesh_has_the_tools(addon, scene):
    add_colored_ball(2)
    for text in ("Remesh", "text3d.smooth", "Check", "Fix", "LODs"):
        assert f"\n{text}" in drawn()


def test_check_tells_what_fix_would_find_of_any_mesh(addon, scene, capfd):
    first, second = add_colored_ball(2), add_colored_ball(2)
    second.name = "torn"
    tear(second)
    select(second)
    bpy.ops.text3d.check_mesh()
    assert "Watertight: No: 1 hole, 3 open edges\n" in capfd.readouterr().out
    select(first, second)
    bpy.ops.text3d.check_mesh()
    assert 'Watertight: 1 of 2, not "torn"' in capfd.readouterr().out
    for face in first.data.polygons:
        face.flip()
    select(first)
    bpy.ops.text3d.check_mesh()
    assert "Watertight: Yes, 80 flipped faces" in capfd.readouterr().out
    assert not first.data.keys()


def test_the_commands_of_the_documentation_run(addon, scene):
    page = (REPOSITORY / "docs" / "from-prompt-to-asset.md").read_text(encoding="utf-8")
    section = page.partition("## Mesh")[2].partition("\n## ")[0]
    commands = section.partition("```python\n")[2].partition("```")[0]
    assert commands.count("bpy.ops.text3d.") == 6
    target = add_colored_ball(4)
    exec(commands, {})
    assert {len(face.vertices) for face in target.data.polygons} == {4}
    assert "ball_LOD3" in bpy.data.objects


UNDO_EACH = """
import bpy
import blender_text3d
from tests.blender.mesh_measures import add_colored_ball

bpy.ops.wm.read_homefile(app_template="", use_empty=True)
blender_text3d.register()
add_colored_ball(3)
bpy.ops.ed.undo_push(message="a ball")

def state():
    bpy.context.view_layer.update()
    ball = bpy.data.objects["ball"]
    faces, places = ball.data.polygons, [round(value, 5) for vertex in ball.data.vertices for value in vertex.co]
    counts = [len(items) for items in (faces, ball.modifiers, bpy.data.objects, bpy.data.scenes)]
    return counts, sum(places[::7]), faces[0].normal.z > 0, [item.name for item in bpy.context.selected_objects]

before = state()
for name, options in CHANGE.items():
    if name == "fix_mesh":
        bpy.data.objects["ball"].data.polygons[0].flip()
        bpy.ops.ed.undo_push(message="flip")
        before = state()
    getattr(bpy.ops.text3d, name)(**options)
    bpy.ops.ed.undo_push(message=name)
    after = state()
    bpy.ops.ed.undo()
    assert state() == before, (name, before, state())
    bpy.ops.ed.redo()
    assert state() == after, (name, after, state())
    bpy.ops.ed.undo()
    print("undone", name, before != after, flush=True)
import os
os._exit(0)
"""


def test_each_is_undone_and_redone_in_one_step(tmp_path):
    code = UNDO_EACH.replace("CHANGE", repr(CHANGE), 1)
    own = {"BLENDER_USER_RESOURCES": str(tmp_path), "MALLOC_PERTURB_": "165", "PYTHONPATH": str(REPOSITORY)}
    own["BLENDER_TEXT3D_HOME"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | own, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith("undone")]
    assert lines == [f"undone {name} True" for name in CHANGE]
