# SPDX-License-Identifier: GPL-3.0-or-later
"""Images from the camera, objects, data-blocks and the clipboard become files that the panel and its jobs use."""

import os
import sys

import bpy
import numpy as np
import pytest

from blender_text3d.addon.jobs import captured_images, clipboard
from blender_text3d.addon.jobs.captured_images import MAX_KEPT, file_stem, save_image
from blender_text3d.addon.settings.choices import choices
from blender_text3d.geometry.png import decode_png, encode_png
from blender_text3d.scene import capture, studio


@pytest.fixture(autouse=True)
def quick(addon, monkeypatch):
    """Small renders by Cycles."""
    import addon_utils

    addon_utils.enable("cycles")
    monkeypatch.setattr(capture, "SIDE", 48)
    monkeypatch.setattr(studio, "SAMPLES", 1)


def png(value=0, side=3):
    return encode_png(np.full((side, side, 4), value, np.uint8))


def image_pixels(addon):
    with open(addon.image, "rb") as file:
        return decode_png(file.read(), 2048)


def test_the_selected_object_becomes_the_image_and_names_it(addon, scene):
    bpy.ops.mesh.primitive_cone_add()
    bpy.context.object.name = "My Cone"
    assert bpy.ops.text3d.image_from_object() == {"FINISHED"}
    assert os.path.basename(addon.image) == "My Cone.png"
    alpha = image_pixels(addon)[..., 3]
    assert alpha[24, 24] == 255
    assert alpha[0, 0] == 0


def test_without_a_selection_the_button_is_disabled(addon, scene):
    assert not bpy.ops.text3d.image_from_object.poll()
    with pytest.raises(RuntimeError, match="No object is selected"):
        bpy.ops.text3d.image_from_object()


def test_an_object_without_surface_leaves_the_image_as_it_was(addon, scene):
    addon.image = "/before.png"
    bpy.ops.object.empty_add()
    with pytest.raises(RuntimeError, match='"Empty" has no surface'):
        bpy.ops.text3d.image_from_object()
    assert addon.image == "/before.png"


def test_the_camera_becomes_the_image(addon, scene):
    bpy.ops.mesh.primitive_cube_add()
    with pytest.raises(RuntimeError, match="no camera"):
        bpy.ops.text3d.image_from_camera()
    bpy.ops.object.camera_add(location=(0, -8, 0), rotation=(np.pi / 2, 0, 0))
    scene.camera = bpy.context.object
    assert bpy.ops.text3d.image_from_camera() == {"FINISHED"}
    assert os.path.basename(addon.image) == "Camera.png"
    assert image_pixels(addon)[..., 3].any()


def test_an_image_data_block_is_used_as_it_is_painted(addon, scene):
    with pytest.raises(RuntimeError, match="no images"):
        bpy.ops.text3d.image_from_data()
    image = bpy.data.images.new("Painted", 6, 4, alpha=True)
    image.pixels = [0.0, 1.0, 0.0, 1.0] * 24
    assert bpy.ops.text3d.image_from_data(image="Painted") == {"FINISHED"}
    assert os.path.basename(addon.image) == "Painted.png"
    pixels = image_pixels(addon)
    assert pixels.shape == (4, 6, 4)
    assert (pixels == (0, 255, 0, 255)).all()
    assert len(bpy.data.scenes) == 1


def test_the_top_row_of_a_data_block_stays_on_top(addon, scene):
    image = bpy.data.images.new("Two Rows", 1, 2, alpha=True)
    image.pixels = [1.0, 0.0, 0.0, 1.0] + [0.0, 0.0, 1.0, 1.0]  # Blender's first row is the bottom one
    bpy.ops.text3d.image_from_data(image="Two Rows")
    assert image_pixels(addon)[:, 0].tolist() == [[0, 0, 255, 255], [255, 0, 0, 255]]


def test_a_large_data_block_is_scaled_down(addon, scene, monkeypatch):
    monkeypatch.setattr(capture, "MAX_DATA_SIDE", 8)
    bpy.data.images.new("Large", 32, 16)
    bpy.ops.text3d.image_from_data(image="Large")
    assert image_pixels(addon).shape == (4, 8, 4)


def test_a_data_block_without_its_file_is_refused(addon, scene):
    image = bpy.data.images.new("Gone", 4, 4)
    image.source, image.filepath = "FILE", "/no/such/file.png"
    with pytest.raises(RuntimeError, match='"Gone" has no pixels'):
        bpy.ops.text3d.image_from_data(image="Gone")
    assert addon.image == ""


@pytest.mark.parametrize("operator", ["paste_image", "image_from_view"])
def test_what_needs_a_window_says_so_without_one(addon, operator):
    with pytest.raises(RuntimeError, match=r"Requires a (window|3D viewport)"):
        getattr(bpy.ops.text3d, operator)()


def test_a_captured_image_is_kept_in_the_data_folder_once(addon):
    data_dir = choices().jobs_dir.parent
    first, second = (save_image(data_dir, "a:b/c", png()) for _ in range(2))
    assert first == second
    assert first.name == "a b c.png"
    assert first.read_bytes() == png()
    assert first.parent.parent == data_dir / "images"
    assert [path.name for path in first.parent.iterdir()] == ["a b c.png"]


def test_only_the_newest_images_are_kept_and_other_files_stay(addon, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "notes.txt").write_text("mine")
    (tmp_path / "images" / "0123456789abcdef").symlink_to(tmp_path)
    paths = []
    for number in range(MAX_KEPT + 2):
        paths.append(save_image(tmp_path, "x", png(number)))
        os.utime(paths[-1].parent, (number, number))
    captured_images.remove_oldest(tmp_path / "images")
    assert [path.exists() for path in paths] == [False] * 2 + [True] * MAX_KEPT
    assert (tmp_path / "images" / "notes.txt").exists()
    assert (tmp_path / "images" / "0123456789abcdef").is_symlink()


@pytest.mark.parametrize(
    ("name", "stem"),
    [("Suzanne.001", "Suzanne.001"), ("a/b\\c", "a b c"), ("..", "image"), ("", "image"), ("NUL", "image"),
     (" x. ", "x"), ("a" * 99, "a" * 60)],
)  # fmt: skip
def test_names_of_objects_become_file_names_of_any_system(name, stem):
    assert file_stem(name) == stem


def test_a_copied_path_of_an_image_is_used(tmp_path):
    path = tmp_path / "my image.png"
    path.write_bytes(png())
    for text in (str(path), f'"{path}"', path.as_uri(), f"\n{path}\nmore"):
        assert clipboard.clipboard_file(text) == str(path)


@pytest.mark.parametrize("text", ["", "  \n", "a red chair", "relative.png", "\\\\host\\share\\a.png", "/no/such.png"])
def test_other_texts_in_the_clipboard_are_no_image(text):
    assert clipboard.clipboard_file(text) == ""


def test_a_copied_path_of_another_file_is_no_image(tmp_path):
    (tmp_path / "a.png").write_text("no image")
    assert clipboard.clipboard_file(str(tmp_path / "a.png")) == ""
    assert clipboard.clipboard_file(str(tmp_path)) == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux needs the programs")
def test_a_program_of_the_desktop_reads_the_clipboard_where_blender_cannot(tmp_path, monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 4), np.uint8)
    pixels[..., 3] = 255
    (tmp_path / "copied").write_bytes(encode_png(pixels))
    (tmp_path / "xclip").write_text(f'#!/bin/sh\ncat "{tmp_path}/copied"\n')
    (tmp_path / "xclip").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(clipboard, "TOOLS", (("no-such-program",), ("xclip",)))
    assert np.array_equal(clipboard.clipboard_pixels(bpy.context), pixels)
    assert not bpy.data.images


def test_an_empty_clipboard_says_what_to_do(monkeypatch):
    monkeypatch.setattr(clipboard, "TOOLS", (("true",),))
    with pytest.raises(capture.CaptureError, match="The clipboard has no image"):
        clipboard.clipboard_pixels(bpy.context)
