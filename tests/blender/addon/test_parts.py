# SPDX-License-Identifier: GPL-3.0-or-later
"""Separate into parts, and join them again."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh
from blender_text3d.scene.importer import Result, import_result
from tests.blender.conftest import sphere_arrays
from tests.blender.recording_layout import drawn

RED, WHITE = np.float32([214, 32, 32]) / 255, np.float32([240, 240, 236]) / 255


@pytest.fixture
def chair(addon, scene):
    """A function that makes a selected object, red above and white below."""

    def make(prompt="a red chair with white legs", job_id="job-1"):
        vertices, faces = sphere_arrays(rings=24, segments=32)
        is_low = vertices[:, 2] < -0.2
        colors = np.where(is_low[:, None], WHITE, RED).astype(np.float32)
        result = Result(job_id, prompt, {"prompt": prompt}, Mesh(vertices, faces, colors), None, 1.0, (1, 2, 3))
        (target,) = import_result(result, scene)
        target.select_set(True)
        bpy.context.view_layer.objects.active = target
        bpy.context.view_layer.update()
        return target

    return make


def contents(data):
    """Return what a mesh is made of: positions, faces, colors, materials."""
    positions, colors = np.empty(3 * len(data.vertices), np.float32), np.empty(4 * len(data.vertices), np.float32)
    data.vertices.foreach_get("co", positions)
    data.attributes["Color"].data.foreach_get("color_srgb", colors)
    faces = [tuple(face.vertices) for face in data.polygons]
    smooth = [face.use_smooth for face in data.polygons]
    return positions.tobytes(), colors.tobytes(), faces, smooth, list(data.materials)


def names():
    return sorted(item.name for item in bpy.context.scene.objects)


def separate(**options):
    return bpy.ops.text3d.separate_parts(**options)


def test_a_chair_with_white_legs_becomes_a_chair_and_legs(chair):
    target = chair()
    count = len(target.data.polygons)
    assert separate() == {"FINISHED"}
    assert names() == ["chair", "legs"]
    legs = bpy.data.objects["legs"]
    assert target.name == "chair"
    assert legs.parent == target
    assert len(legs.data.polygons) + len(target.data.polygons) == count
    assert max(vertex.co.z for vertex in legs.data.vertices) < min(0.5, max(v.co.z for v in target.data.vertices))
    bpy.context.view_layer.update()
    assert legs.matrix_world == target.matrix_world
    assert "text3d_recipe" in target
    assert "text3d_recipe" not in legs


def test_joining_restores_the_same_mesh_and_name(chair):
    target = chair()
    before = contents(target.data)
    separate()
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert names() == ["a red chair with white legs"]
    assert contents(target.data) == before
    assert len(bpy.data.meshes) == 1
    assert not {"text3d_vertex", "text3d_face"} & set(target.data.attributes.keys())
    assert separate() == {"FINISHED"}


def test_joining_by_a_part_under_a_turned_parent_restores_it_too(chair, scene):
    target = chair()
    target.rotation_euler, target.scale = (1.234, 0.777, 2.1), (1.37, 0.61, 2.9)
    target.location = (1000.3, -777.7, 31.1)
    target.delta_location = (1, 1, 1)
    before, basis = contents(target.data), target.matrix_basis.copy()
    separate()
    bpy.context.view_layer.update()
    for item in scene.objects:
        item.select_set(item.name == "legs")
    bpy.context.view_layer.objects.active = bpy.data.objects["legs"]
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert contents(target.data) == before
    assert target.matrix_basis == basis


def test_parts_are_joined_as_they_are_placed_and_edited(chair, scene):
    target = chair()
    count = len(target.data.vertices)
    separate()
    legs = bpy.data.objects["legs"]
    legs.location.z = -1
    legs.data.materials[0] = bpy.data.materials.new("paint")
    lowest = min(vertex.co.z for vertex in legs.data.vertices)
    bpy.context.view_layer.update()
    bpy.ops.text3d.join_parts()
    assert min(vertex.co.z for vertex in target.data.vertices) == pytest.approx(lowest - 1)
    assert len(target.data.vertices) > count
    assert [material.name for material in target.data.materials] == ["a red chair with white legs", "paint"]


def test_a_deleted_part_is_left_out(chair):
    target = chair()
    separate()
    bpy.data.objects.remove(bpy.data.objects["legs"])
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert names() == ["a red chair with white legs"]
    assert len(target.data.polygons)


def test_copies_of_all_parts_are_joined_apart_from_the_originals(chair):
    chair()
    separate()
    bpy.ops.object.duplicate()
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert names() == ["a red chair with white legs", "chair", "legs"]


def test_parts_of_a_deleted_object_stay(chair):
    target = chair()
    separate()
    legs = bpy.data.objects["legs"]
    legs.select_set(False)
    bpy.context.view_layer.objects.active = target
    bpy.ops.object.delete()
    bpy.context.view_layer.objects.active = legs
    legs.select_set(True)
    with pytest.raises(RuntimeError, match="No selected object was separated"):
        bpy.ops.text3d.join_parts()
    assert names() == ["legs"]
    assert [item.name for item in bpy.data.objects] == ["legs"]


def test_a_part_without_its_parent_is_an_object_of_its_own(chair):
    target = chair()
    separate()
    bpy.data.objects["legs"].parent = None
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert names() == ["a red chair with white legs", "legs"]
    assert target.name == "a red chair with white legs"


def test_linked_and_overridden_objects_are_named(chair, scene, tmp_path):
    chair()
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (there, here):
        here.objects = there.objects
    (linked,) = here.objects
    bpy.context.scene.collection.objects.link(linked)
    for reason in ("linked from another file", "a library override"):
        item = linked if reason.startswith("linked") else linked.override_create(remap_local_usages=True)
        bpy.context.view_layer.objects.active = item
        for options in ({"into": "OBJECTS"}, {"into": "VERTEX_GROUPS"}):
            with pytest.raises(RuntimeError, match=reason):
                separate(**options)
        with pytest.raises(RuntimeError, match=reason):
            bpy.ops.text3d.set_material(action="WORDS", words="gold")
        with pytest.raises(RuntimeError, match="linked from another file"):
            bpy.ops.text3d.bake_texture(size="256")


def test_parts_become_vertex_groups(chair):
    target = chair()
    before = contents(target.data)
    assert separate(into="VERTEX_GROUPS") == {"FINISHED"}
    assert [group.name for group in target.vertex_groups] == ["chair", "legs"]
    assert contents(target.data) == before
    legs = target.vertex_groups["legs"].index
    members = [v.co.z for v in target.data.vertices if any(g.group == legs for g in v.groups)]
    assert 0 < len(members) < len(target.data.vertices)
    assert separate(into="VERTEX_GROUPS") == {"FINISHED"}
    assert [group.name for group in target.vertex_groups] == ["chair", "legs"]


def test_loose_parts_become_objects_and_are_joined(chair):
    target, other = chair(), chair(job_id="job-2")
    other.location.x = 5
    with bpy.context.temp_override(active_object=target, selected_editable_objects=[target, other]):
        bpy.ops.object.join()
    bpy.context.view_layer.objects.active = target
    before = contents(target.data)
    assert separate(by="LOOSE") == {"FINISHED"}
    assert len(bpy.context.scene.objects) == 2
    bpy.ops.text3d.join_parts()
    assert contents(target.data) == before


def test_all_selected_objects_are_separated_and_the_others_are_named(chair, capsys):
    chair()
    chair("a red apple with a white leaf", "job-2")
    bpy.ops.mesh.primitive_cube_add()
    for item in bpy.context.scene.objects:
        item.select_set(True)
    assert separate() == {"FINISHED"}
    assert {"chair", "legs", "apple", "leaf"} <= set(names())
    assert 'Skipped "Cube" (without a color attribute).' in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="in parts already"):
        separate()
    assert bpy.ops.text3d.join_parts() == {"FINISHED"}
    assert names() == ["Cube", "a red apple with a white leaf", "a red chair with white legs"]


def test_an_object_of_one_color_or_piece_is_named(chair):
    chair()
    with pytest.raises(RuntimeError, match=r"\(in one piece\)"):
        separate(by="LOOSE")
    with pytest.raises(RuntimeError, match=r"\(of one color\)"):
        separate(smallest=50)
    with pytest.raises(RuntimeError, match="No selected object was separated"):
        bpy.ops.text3d.join_parts()


def test_shape_keys_allow_vertex_groups_only(chair):
    target = chair()
    target.shape_key_add(name="Basis")
    with pytest.raises(RuntimeError, match="with shape keys"):
        separate()
    assert separate(into="VERTEX_GROUPS") == {"FINISHED"}


def test_shared_data_and_uv_maps_of_others_stay(chair, scene):
    target = chair()
    target.data.uv_layers.new(name="mine")
    twin = bpy.data.objects.new("twin", target.data)
    scene.collection.objects.link(twin)
    count = len(target.data.polygons)
    separate()
    assert len(twin.data.polygons) == count
    assert [layer.name for layer in bpy.data.objects["legs"].data.uv_layers] == ["mine"]


def test_versions_and_their_flipping_stay_with_the_largest_part(chair):
    from blender_text3d.scene.version_list import entries_of

    target = chair()
    separate()
    assert len(entries_of(bpy.data.objects["legs"])) == 0
    assert "text3d_object_id" not in bpy.data.objects["legs"]
    assert "text3d_object_id" in target


@pytest.mark.parametrize("into", ["OBJECTS", "VERTEX_GROUPS"])
def test_loose_parts_without_colors_are_named_after_the_object(addon, scene, into):
    bpy.ops.mesh.primitive_monkey_add()
    target = bpy.context.object
    assert separate(by="LOOSE", into=into) == {"FINISHED"}
    assert target.name == "Suzanne"
    groups = [group.name for group in target.vertex_groups]
    found = names() if into == "OBJECTS" else groups
    assert len(found) > 1
    assert all(name.startswith("Suzanne") for name in found)


def test_only_the_largest_part_shows_the_steps_of_the_whole_object(chair):
    from blender_text3d.geometry.placement import placement_of
    from blender_text3d.scene.steps import add_steps, shown_step, steps_modifier

    target = chair()
    vertices, faces = sphere_arrays(8, 8)
    step = Mesh(vertices, faces, np.ones_like(vertices))
    add_steps(target, "job-1", [step, step], placement_of(vertices, 1.0))
    separate()
    assert steps_modifier(bpy.data.objects["legs"]) is None
    assert shown_step(target) == 2
    bpy.ops.text3d.join_parts()
    assert [modifier.name for modifier in target.modifiers] == ["Text3D Steps"]


def test_new_results_replace_a_separated_object_only_after_joining(chair):
    from blender_text3d.addon.jobs.replacement import target_of_object
    from blender_text3d.addon.state.problem import SubmitError

    target = chair()
    separate()
    with pytest.raises(SubmitError, match='"chair" is separated into parts') as caught:
        target_of_object(target, bpy.context.scene)
    assert "Join Parts" in str(caught.value.problem)
    bpy.ops.text3d.join_parts()
    assert target_of_object(target, bpy.context.scene).replaced.name == target.name
    separate()
    bpy.data.objects.remove(bpy.data.objects["legs"])
    assert target_of_object(target, bpy.context.scene).replaced.name == "chair"


def test_one_undo_step_reverts_each(chair):
    chair()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.text3d.separate_parts("EXEC_DEFAULT", True)
    bpy.ops.text3d.join_parts("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    assert names() == ["chair", "legs"]
    bpy.ops.ed.undo()
    assert names() == ["a red chair with white legs"]


@pytest.mark.parametrize("value", [3, 1.5, [1, 2]])
def test_a_damaged_mark_counts_as_none(chair, value):
    from blender_text3d.scene.parts import is_whole, whole_of

    target, parent = chair(), chair(job_id="job-2")
    target.parent, target["text3d_part"], parent.data["text3d_whole"] = parent, True, value
    assert not is_whole(parent)
    assert whole_of(target) is None
    parent.data["text3d_whole"], target["text3d_part"] = "chair", value
    assert is_whole(parent)
    assert whole_of(target) is None


def test_the_buttons_are_in_the_panel(chair):
    chair()
    assert {"Separate by Color", "Separate Loose Parts"} <= set(drawn().splitlines())


@pytest.mark.parametrize("heading", ["## Surface: textures", "### Materials", "## Parts"])
def test_the_documented_commands_run(chair, heading):
    page = (Path(__file__).parents[3] / "docs" / "from-prompt-to-asset.md").read_text(encoding="utf-8")
    block = page.partition(f"{heading}\n")[2].partition("```python\n")[2].partition("```")[0]
    target = chair()
    exec(block, {})
    shown = {"## Surface: textures": bpy.data.images, "### Materials": [target.data.get("text3d_material_look")]}
    assert shown.get(heading, target.vertex_groups)[0]
