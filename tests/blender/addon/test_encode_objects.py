# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode Selected and Vary My Object: from the selected object through the jobs to versions in its place."""

import os

import bpy
import numpy as np
import pytest
from mathutils import Euler, Matrix, Vector

import blender_text3d
from blender_text3d.addon.jobs import encode_objects, render_views, submit_captured
from blender_text3d.addon.jobs.encoding import Encoding
from blender_text3d.addon.operators.encode_objects import words_of
from blender_text3d.addon.state.session_state import state
from blender_text3d.geometry import load_geometry
from blender_text3d.geometry.png import encode_png
from blender_text3d.geometry.textured_mesh import load_textured_mesh
from blender_text3d.protocol.create_job import CAPTURES_FOLDER
from blender_text3d.protocol.job_folder import JobFolder
from tests.blender.recording_layout import drawn

WHERE = Matrix.LocRotScale(Vector((3, -2, 5)), Euler((0.2, 0.4, 1.1)), Vector((2, 0.5, 1)))


@pytest.fixture
def box(addon):
    """A box that is moved, rotated and scaled, selected, with a red material."""
    return new_box()


def new_box():
    bpy.ops.mesh.primitive_cube_add(size=1)
    target = bpy.context.object
    target.name, target.matrix_world = "My_Box.001", WHERE
    material = bpy.data.materials.new("Red")
    if material.node_tree is None:
        material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (1, 0, 0, 1)
    target.data.materials.append(material)
    bpy.context.view_layer.update()
    return target


def world_box(target):
    bpy.context.view_layer.update()
    points = np.array([target.matrix_world @ vertex.co for vertex in target.data.vertices])
    return points.min(axis=0), points.max(axis=0)


def request_of(tmp_path, target):
    return JobFolder(tmp_path / "data" / "jobs" / target["text3d_job_id"]).read_request()


def test_a_copy_is_a_version_that_keeps_the_place_and_the_users_own_mesh(box, tmp_path):
    own, (low, high) = box.data, world_box(box)
    assert bpy.ops.text3d.encode_selected() == {"FINISHED"}
    assert box.data != own
    assert np.allclose(box.matrix_world, WHERE, atol=1e-6)
    request = request_of(tmp_path, box)
    assert (request.model, request.vary, request.prompt) == ("mini/shap-e", 0.0, "My_Box.001")
    assert request.size_m == pytest.approx((high - low).max(), rel=1e-5)
    in_model = load_geometry(JobFolder(tmp_path / "data" / "jobs" / box["text3d_job_id"]).mesh).vertices
    expected = in_model * ((high - low).max() / 1.8) + (low + high) / 2
    expected[:, 2] += low[2] - expected[:, 2].min()
    assert np.allclose(world_box(box), (expected.min(axis=0), expected.max(axis=0)), atol=1e-4)
    assert bpy.ops.text3d.previous_version() == {"FINISHED"}
    assert box.data == own
    assert [slot.name for slot in own.materials] == ["Red"]
    assert "The original, not generated" in drawn()
    assert "v1 of 2" in drawn()
    assert bpy.ops.text3d.next_version() == {"FINISHED"}
    assert [material.name for material in box.data.materials] != ["Red"]


def test_the_captured_file_has_the_world_orientation_and_is_gone_afterwards(box, tmp_path):
    low, high = world_box(box)
    bpy.ops.text3d.encode_selected()
    job = JobFolder(tmp_path / "data" / "jobs" / box["text3d_job_id"])
    mesh = load_textured_mesh(job.input_file(job.read_request().object), decode=None)
    assert np.allclose(np.ptp(mesh.vertices, axis=0), high - low, atol=1e-5)
    assert np.allclose(mesh.colors, [1, 0, 0])
    assert list((tmp_path / "data" / CAPTURES_FOLDER).iterdir()) == []


def test_variations_follow_the_words_and_become_versions(box, addon, tmp_path):
    assert bpy.ops.text3d.vary_object(strength=0.3, prompt="a blue box", count=2) == {"FINISHED"}
    assert len(box.text3d_versions) == 3
    request = request_of(tmp_path, box)
    assert (request.vary, request.prompt, request.solver) == (0.3, "a blue box", "")
    assert request.steps == 20


def test_variations_follow_the_image_of_the_panel(box, addon, tmp_path):
    with pytest.raises(RuntimeError, match="No image is chosen"):
        bpy.ops.text3d.vary_object(follow="IMAGE")
    image = tmp_path / "mug.png"
    image.write_bytes(encode_png(np.full((4, 4, 4), 255, np.uint8)))
    addon.image = str(image)
    assert bpy.ops.text3d.vary_object(follow="IMAGE", into="NEW") == {"FINISHED"}
    (made,) = [item for item in bpy.context.scene.objects if "text3d_job_id" in item]
    request = request_of(tmp_path, made)
    assert (request.vary, request.image) == (pytest.approx(0.4), "input_image.png")


def test_an_official_shap_e_copies_with_its_encoder_alone_and_varies_with_its_prior(addon):
    addon.model = "shap-e/text300M"
    assert submit_captured.encoding_model(addon, is_varied=False) == "shap-e/encoder"
    assert submit_captured.encoding_model(addon, is_varied=True) == "shap-e/text300M"


def test_later_versions_of_a_copy_stay_in_its_place(box):
    bpy.ops.text3d.encode_selected()
    first = world_box(box)
    assert bpy.ops.text3d.make_again(into="REPLACE") == {"FINISHED"}
    assert len(box.text3d_versions) == 3
    assert np.allclose(world_box(box), first, atol=1e-4)


@pytest.mark.parametrize("kind", ["modifier", "text", "several", "new"])
def test_what_cannot_have_versions_gets_a_new_object_beside_it(box, addon, scene, kind):
    if kind == "modifier":
        box.modifiers.new("Bevel", "BEVEL")
    elif kind == "text":
        bpy.data.objects.remove(box)
        bpy.ops.object.text_add(location=(1, 2, 3))
    elif kind == "several":
        bpy.ops.mesh.primitive_cube_add(location=(0, 0, 0))
        bpy.context.scene.objects[0].select_set(True)
    before = set(scene.objects)
    boxes = np.array([[item.matrix_world @ Vector(corner) for corner in item.bound_box] for item in before])
    assert bpy.ops.text3d.encode_selected(into="NEW" if kind == "new" else "REPLACE") == {"FINISHED"}
    (made,) = set(scene.objects) - before
    made_low, made_high = world_box(made)
    corners = boxes.reshape(-1, 3)
    assert made_low[2] == pytest.approx(corners[:, 2].min(), abs=0.3)
    assert made.location.x > corners[:, 0].max()
    assert tuple(made.rotation_euler) == (0, 0, 0)


def test_a_result_stands_on_the_ground_of_the_original_after_a_rotation_of_90_degrees(box):
    bpy.ops.text3d.encode_selected()
    points = np.array([vertex.co[:] for vertex in box.data.vertices])
    bpy.ops.text3d.turn(angle="90")
    bpy.ops.text3d.make_again(into="REPLACE")
    turned = np.array([vertex.co[:] for vertex in box.data.vertices])
    assert np.allclose(turned, points[:, [1, 0, 2]] * [-1, 1, 1], atol=1e-4)


def test_a_placement_that_is_no_thirteen_numbers_is_ignored(box):
    from blender_text3d.scene.captured_placement import captured_of

    for broken in ("x", 3, [1.0] * 12, [float("nan")] * 13, [1e30] * 13):
        box["text3d_captured"] = broken
        assert captured_of(box) == ()
    box["text3d_captured"] = [1.0] * 13
    assert captured_of(box) == (1.0,) * 13


def poll_message(name):
    with pytest.raises(RuntimeError) as error:
        getattr(bpy.ops.text3d, name)()
    return str(error.value)


def test_the_buttons_tell_why_they_are_gray(box, addon):
    bpy.ops.object.mode_set(mode="EDIT")
    assert "Requires Object Mode" in poll_message("encode_selected")
    bpy.ops.object.mode_set(mode="OBJECT")
    addon.model = "mini/point-e"
    assert "Mini Point-E encodes no objects. Use Mini Shap-E or Shap-E" in poll_message("vary_object")
    addon.model = "mini/shap-e"
    box.select_set(False)
    assert "No object is selected" in poll_message("encode_selected")


def test_a_copy_has_no_seed_and_no_words_to_change_but_a_variation_has(box):
    assert "Vary My Object" in drawn()
    bpy.ops.text3d.encode_selected()
    assert "Vary My Object" in drawn()
    assert "A copy by the model" in drawn()
    for name in ("new_seed", "vary", "edit_prompt"):
        assert "This is a copy of an object. Use Vary My Object" in poll_message(name)
    bpy.ops.text3d.vary_object(strength=0.3, prompt="a red box")
    assert "Vary My Object" not in drawn()
    assert bpy.ops.text3d.new_seed() == {"FINISHED"}
    assert bpy.ops.text3d.edit_prompt(prompt="a green box") == {"FINISHED"}
    assert len(box.text3d_versions) == 5


@pytest.mark.parametrize(
    ("add", "sentence"),
    [
        (lambda: bpy.ops.object.light_add(), "has no surface. Select a mesh"),
        (lambda: bpy.ops.object.empty_add(), "has no surface. Select a mesh"),
        (lambda: bpy.ops.curve.primitive_bezier_circle_add(), "has no faces"),
    ],
)
def test_an_object_without_a_surface_is_told_and_makes_no_job(addon, scene, add, sentence):
    add()
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.text3d.encode_selected()
    assert sentence in state.problem.message
    assert not state.jobs


def test_an_object_that_is_deleted_while_it_is_read_is_told(box, addon):
    encode_objects.running["capture"] = capturing = encode_objects.Capturing(
        Encoding((box.session_uid,), box.name, "Scene", "REPLACE")
    )
    next(capturing.steps)
    bpy.data.objects.remove(box)
    assert encode_objects.on_timer() is None
    assert "was removed while it was captured" in state.problem.message
    assert encode_objects.current() is None


def test_a_capture_can_be_stopped_and_leaves_no_file(box, addon, tmp_path):
    encode_objects.running["capture"] = capturing = encode_objects.Capturing(
        Encoding((box.session_uid,), box.name, "Scene", "REPLACE")
    )
    next(capturing.steps)
    assert "Reading My_Box.001" in drawn()
    assert bpy.ops.text3d.cancel_capture() == {"FINISHED"}
    assert list((tmp_path / "data" / CAPTURES_FOLDER).iterdir()) == []
    assert not state.jobs
    assert "Vary My Object" in drawn()


@pytest.mark.parametrize("turn", [(0, 0, 0), (0.3, 0.2, 1.1)])
def test_an_object_with_a_scale_of_zero_gets_a_new_object_since_nothing_fits_into_it(box, scene, turn):
    box.matrix_world = Matrix.LocRotScale(Vector((3, -2, 5)), Euler(turn), Vector((2, 1, 0)))
    bpy.context.view_layer.update()
    assert bpy.ops.text3d.encode_selected() == {"FINISHED"}
    assert not box.text3d_versions
    assert len([item for item in scene.objects if "text3d_job_id" in item]) == 1


def test_the_newest_complete_line_of_the_program_counts(tmp_path):
    blender = render_views.BackgroundBlender(render_views.PROGRAM, tmp_path, tmp_path / "output.txt")
    (tmp_path / "output.txt").write_text('Fra:1\n{"view": 1}\n{"view": 2}\nSaved\n{"vi', encoding="utf-8")
    assert (blender.last("view"), blender.last("error")) == (2, None)
    (tmp_path / "output.txt").write_text('{"view": 2}\n{"view": ', encoding="utf-8")
    assert blender.last("view") == 2


def test_an_unexpected_error_ends_the_capture(box, monkeypatch):
    def failing(_uids):
        yield 0.5
        raise IndexError

    monkeypatch.setattr("blender_text3d.scene.object_capture.capture", failing)
    with pytest.raises(RuntimeError, match="IndexError"):
        bpy.ops.text3d.encode_selected()
    assert encode_objects.current() is None


def test_the_words_are_those_of_the_object(box):
    assert words_of("Old_Chair.012", bpy.context) == "Old Chair"
    assert words_of("v1.x", bpy.context) == "v1.x"
    bpy.ops.text3d.vary_object(strength=0.3, prompt="a blue box")
    assert words_of(box.name, bpy.context) == "a blue box"


def test_the_real_small_model_copies_and_varies_an_object_in_its_place(scene, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", os.environ["TEXT3D_WORKER_PYTHON"])
    blender_text3d.register()
    try:
        scene.text3d.quality, scene.text3d.device = "draft", "cpu"
        scene.text3d.has_random_seed, scene.text3d.seed = False, 1  # with some seeds the tower stays red
        target = new_box()
        target.matrix_world = Matrix.LocRotScale(Vector((3, -2, 5)), Euler((0, 0, 0.3)), Vector((2, 1, 3)))
        low, high = world_box(target)
        assert bpy.ops.text3d.encode_selected() == {"FINISHED"}
        assert np.allclose(world_box(target), (low, high), atol=0.3)
        mean = np.array([value.color_srgb[:3] for value in target.data.attributes["Color"].data]).mean(axis=0)
        assert mean[0] > 0.6 > 0.4 > max(mean[1:])
        assert bpy.ops.text3d.vary_object(strength=0.5, prompt="a blue tower") == {"FINISHED"}
        assert np.allclose(world_box(target), (low, high), atol=0.6)
        mean = np.array([value.color_srgb[:3] for value in target.data.attributes["Color"].data]).mean(axis=0)
        assert mean.argmax() == 2
    finally:
        blender_text3d.unregister()
