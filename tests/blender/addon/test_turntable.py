# SPDX-License-Identifier: GPL-3.0-or-later
"""A turntable of selected objects, rendered by a real background Blender."""

import tempfile
import time
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.addon.background.background_blender import BackgroundBlender
from blender_text3d.addon.background.turntable_task import TurntableTask, turntable_task
from blender_text3d.addon.operators.turntable import SUFFIXES, with_suffix
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.turntable_files import TurntableSettings
from blender_text3d.scene.turntable_outputs import grid_of, over, pixels_of, write_output

SMALL = {"frames": 4, "size": 33, "samples": 1}
RED, GREEN = (1, 0, 0, 1), (0, 1, 0, 1)


@pytest.fixture(autouse=True)
def temporary_files(tmp_path, monkeypatch):
    """A folder for temporary files that other test runs do not use at the same time."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def cube(x, color):
    bpy.ops.mesh.primitive_cube_add(size=1, location=(x, 0, 5))
    material = bpy.data.materials.new("Plain")
    if material.node_tree is None:
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = color
    bpy.context.object.data.materials.append(material)
    return bpy.context.object


@pytest.fixture
def two_cubes(addon, scene):
    """A red cube on the left and a green one on the right, selected; a huge one that is not; the user's own camera."""
    bpy.ops.object.camera_add()
    scene.camera = bpy.context.object
    bpy.ops.mesh.primitive_cube_add(size=50)
    red, green = cube(-1, RED), cube(1, GREEN)
    bpy.ops.object.select_all(action="DESELECT")
    for item in (red, green):
        item.select_set(True)
    scene.frame_set(7)
    return red, green


def settings_of(scene):
    render = scene.render
    data = [len(collection) for collection in (bpy.data.objects, bpy.data.cameras, bpy.data.worlds, bpy.data.scenes)]
    return scene.camera.name, render.engine, render.filepath, render.resolution_x, scene.frame_current, data


def left_and_right(image):
    """Which color prevails in each half: (red, green) sums of the left and of the right."""
    halves = image[:, : image.shape[1] // 2], image[:, image.shape[1] // 2 :]
    return ["red" if half[..., 0].sum(dtype=int) > half[..., 1].sum(dtype=int) else "green" for half in halves]


def work_folders():
    return list(Path(tempfile.gettempdir()).glob("text3d-turntable-*"))


def test_the_selected_objects_are_rendered_from_all_around_and_the_scene_stays_as_it_is(two_cubes, scene, tmp_path):
    before, left = settings_of(scene), work_folders()
    done = bpy.ops.text3d.render_turntable(filepath=str(tmp_path / "out.png"), output="IMAGES", **SMALL)
    assert done == {"FINISHED"}, state.problem
    images = [pixels_of(path) for path in sorted((tmp_path / "out").iterdir())]
    assert [image.shape for image in images] == [(33, 33, 4)] * 4
    assert [left_and_right(image) for image in (images[0], images[2])] == [["red", "green"], ["green", "red"]]
    assert images[0][0, 0, 3] == 0
    assert images[0][..., 3].max() == 255
    shown = np.stack([image[..., 3] > 127 for image in images]).any(axis=(0, 1))
    assert not shown[0]  # the huge cube would fill it
    assert shown[3:-3].all()
    assert settings_of(scene) == before
    assert work_folders() == left
    assert (turntable_task.done, turntable_task.total) == (4, 4)


def test_a_grid_has_all_frames_on_a_background(two_cubes, tmp_path):
    colored = {"background": "COLOR", "color": (0, 0, 1)}
    done = bpy.ops.text3d.render_turntable(
        filepath=str(tmp_path / "a.mp4"), output="GRID", engine="WORKBENCH", **SMALL, **colored
    )
    if done == {"CANCELLED"} or state.problem:
        pytest.skip("Workbench needs OpenGL")
    image = pixels_of(tmp_path / "a.png")
    assert image.shape == (66, 66, 4)
    assert image[0, 0].tolist() == [0, 0, 255, 255]
    assert (image[..., 3] == 255).all()


def test_a_video_has_even_sides_and_plays(two_cubes, tmp_path):
    done = bpy.ops.text3d.render_turntable(filepath=str(tmp_path / "turn"), output="VIDEO", fps=12, **SMALL)
    assert done == {"FINISHED"}, state.problem
    clip = bpy.data.movieclips.load(str(tmp_path / "turn.mp4"))
    assert tuple(clip.size) == (34, 34)
    assert (clip.frame_duration, clip.fps) == (4, 12)


def refused(**choices):
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.text3d.render_turntable(**SMALL, **choices)
    return str(caught.value)


def test_what_shows_nothing_is_named_and_a_missing_file_asked_for(addon, scene, tmp_path):
    bpy.ops.object.camera_add()
    assert 'Skipped "Camera" (nothing to render)' in refused(filepath=str(tmp_path / "a"))
    cube(0, RED)
    assert "No file was chosen" in refused(filepath="")
    assert "No file was chosen" in refused(filepath="//turn.mp4")
    bpy.context.object.data.clear_geometry()
    assert "The turntable could not be rendered (the objects show nothing)" in refused(filepath=str(tmp_path / "a"))
    (tmp_path / "taken").write_text("a file")
    cube(0, RED)
    assert "could not be rendered" in refused(filepath=str(tmp_path / "taken" / "a"), output="GRID")
    assert work_folders() == []


def test_a_field_needs_an_object_of_shap_e(two_cubes, tmp_path):
    assert "NeRF needs an active object that Shap-E has made" in refused(filepath=str(tmp_path / "a"), renderer="NERF")


def test_a_canceled_turntable_leaves_nothing(two_cubes, tmp_path):
    from blender_text3d.scene.turntable_files import write_objects

    task = TurntableTask()
    settings = TurntableSettings([], [], [], 1, 0, "CYCLES", 64, 300, 400, 0.3, None, "IMAGES", str(tmp_path / "a"), 24)
    task.render(lambda folder: write_objects(folder, two_cubes, settings), tmp_path / "a", 300)
    assert task.is_running()
    task.stop()
    while task.is_stopping():
        time.sleep(0.05)
    assert not (tmp_path / "a").exists()
    assert work_folders() == []


def test_the_program_removes_its_folder_when_nobody_follows_it(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    blender = BackgroundBlender("scene.render_turntable", folder, tmp_path / "output.txt")
    blender.start()
    while blender.is_alive():
        time.sleep(0.05)
    assert blender.exit_code() == 1
    assert "turntable.json" in blender.last("error")
    assert not folder.exists()


def test_pixels_are_laid_over_a_color_and_in_a_grid():
    half = np.full((2, 3, 4), (200, 100, 0, 128), np.uint8)
    assert over(half, [0, 0, 1])[0, 0].tolist() == [100, 50, 127, 255]
    grid = grid_of([half] * 5)
    assert grid.shape == (4, 9, 4)
    assert (grid[2:, 6:] == 0).all()
    assert grid_of([half] * 5, [0, 1, 0])[3, 8].tolist() == [0, 255, 0, 255]
    with pytest.raises(ValueError, match="too large"):
        grid_of([np.zeros((8000, 8000, 4), np.uint8)] * 4)


def test_without_ffmpeg_a_video_is_refused_in_a_sentence(scene, tmp_path, monkeypatch):
    from types import SimpleNamespace

    from blender_text3d.scene import turntable_outputs

    build = SimpleNamespace(codec_ffmpeg=False)
    monkeypatch.setattr(turntable_outputs, "bpy", SimpleNamespace(app=SimpleNamespace(build_options=build)))
    settings = TurntableSettings([], [], [], 1, 0, "CYCLES", 1, 1, 16, 0, None, "VIDEO", str(tmp_path / "a.mp4"), 24)
    with pytest.raises(RuntimeError, match="built without FFmpeg and writes no video: choose images"):
        write_output(settings, tmp_path)


@pytest.mark.parametrize(
    ("path", "output", "wanted"),
    [("a.png", "VIDEO", "a.mp4"), ("a", "GRID", "a.png"), ("a.mp4", "IMAGES", "a"), ("v1.2", "VIDEO", "v1.2.mp4")],
)
def test_the_file_has_the_suffix_of_the_output(path, output, wanted):
    assert str(with_suffix(path, output)) == wanted
    assert set(SUFFIXES) == {"IMAGES", "VIDEO", "GRID"}
