# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in the panel: the chosen file, and the model's view of it."""

import os
import struct
import zlib
from types import SimpleNamespace

import bpy
import bpy.utils.previews
import numpy as np
import pytest

from blender_text3d.addon.jobs import image_icons, import_result, queue_list
from blender_text3d.addon.panels.images import MODEL_INPUT
from blender_text3d.addon.state.active_job import ActiveJob
from blender_text3d.addon.state.session_state import state
from blender_text3d.geometry.png import encode_png
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.scene import image_preview
from tests.blender.recording_layout import drawn

IMAGE_MODEL = "shap-e/image300M"


def png(path, level=128):
    """A gray image of 8 x 8 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([level]) * 8) * 8
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


@pytest.fixture
def window(addon, monkeypatch):
    """Image icons as with a window; without one Blender has no icon numbers, so each gets its index."""
    loads = []
    load = image_icons.load

    class Collection(dict):
        def new(self, key):
            self[key] = SimpleNamespace(icon_id=1000 + len(loads), image_pixels_float=np.zeros(0))
            return self[key]

    def count_load(key, path):
        loads.append(path)
        load(key, path)

    monkeypatch.setattr(image_preview, "set_pixels", lambda preview, pixels: None)
    monkeypatch.setattr(image_icons, "load", count_load)
    monkeypatch.setattr(image_icons, "has_window", lambda: True)
    monkeypatch.setattr(bpy.utils.previews, "new", Collection)
    monkeypatch.setattr(bpy.utils.previews, "remove", Collection.clear)
    yield loads
    image_icons.clear()


@pytest.fixture
def job(addon, tmp_path):
    """A running job with an image."""
    (request,) = make_requests("", model=IMAGE_MODEL, image="input_image.png")
    folder = JobFolder(tmp_path / "job-1")
    folder.path.mkdir()
    job = state.jobs["job-1"] = ActiveJob(folder, request, None, stage="sample", index=1, total=4)
    queue_list.refresh()
    yield job
    state.jobs.clear()


def test_without_a_window_nothing_is_loaded(addon, tmp_path):
    assert image_icons.file_icon(str(png(tmp_path / "a.png"))) == 0


@pytest.fixture
def shown_pixels(addon, monkeypatch):
    """A function that returns the pixels of the only loaded icon, top row first."""
    monkeypatch.setattr(image_icons, "has_window", lambda: True)

    def shown_pixels():
        (preview,) = image_icons._collection.values()
        width, height = preview.image_size
        return np.array(preview.image_pixels_float, np.float32).reshape(height, width, 4)[::-1]

    yield shown_pixels
    image_icons.clear()


def test_an_icon_has_the_pixels_of_its_image(shown_pixels, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 4), np.uint8)
    pixels[..., 3] = 255
    (tmp_path / "a.png").write_bytes(encode_png(pixels))
    image_icons.file_icon(str(tmp_path / "a.png"))
    assert np.abs(shown_pixels() * 255 - pixels).max() <= 1.01  # Blender stores bytes
    assert not bpy.data.images
    image_icons.clear()
    assert image_icons._collection is None


def test_a_large_image_is_scaled_down_to_an_icon(shown_pixels, tmp_path):
    (tmp_path / "a.png").write_bytes(encode_png(np.full((500, 1000, 4), 255, np.uint8)))
    image_icons.file_icon(str(tmp_path / "a.png"))
    assert shown_pixels().shape == (image_icons.ICON_SIDE // 2, image_icons.ICON_SIDE, 4)


def test_an_image_written_twice_within_a_second_shows_the_newer_one(shown_pixels, tmp_path):
    path = tmp_path / "a.png"
    for value, time_ns in ((10, 5_000_000_001), (200, 5_000_000_002)):
        path.write_bytes(encode_png(np.full((8, 8, 4), (value, value, value, 255), np.uint8)))
        os.utime(path, ns=(time_ns, time_ns))
        if image_icons._collection is not None:
            image_icons._collection.clear()
        image_icons.file_icon(str(path))
        assert np.abs(shown_pixels()[..., :3] * 255 - value).max() <= 1.01


def test_no_copy_of_the_image_gets_into_the_desktops_thumbnail_cache(shown_pixels, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    image_icons.file_icon(str(png(tmp_path / "a.png")))
    shown_pixels()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name in ("cache", "user")) == []


def test_an_image_that_cannot_be_read_is_tried_once(addon, window, tmp_path):
    path = png(tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:40])
    assert [image_icons.file_icon(str(path)) for _ in range(3)] == [0, 0, 0]
    assert len(window) == 1


def test_the_chosen_image_is_shown_under_its_field(addon, window, tmp_path):
    addon.model, addon.image = IMAGE_MODEL, str(png(tmp_path / "a.png"))
    assert "[icon" not in drawn()
    assert "[icon 1001]" in drawn()
    assert "[icon 1001]" in drawn()
    assert len(window) == 1


def test_an_image_that_changed_on_disk_is_read_again(addon, window, tmp_path):
    addon.model, addon.image = IMAGE_MODEL, str(png(tmp_path / "a.png"))
    drawn()
    (tmp_path / "a.png").write_bytes(png(tmp_path / "b.png", 3).read_bytes() + b"more")
    drawn()
    assert "[icon 1002]" in drawn()


@pytest.mark.parametrize("image", ["", "/no/such/file.png", "nul\0byte"])
def test_without_an_image_there_is_no_icon(addon, window, image):
    assert image_icons.file_icon(image) == 0
    assert window == []


def test_the_preprocessed_image_appears_beside_the_chosen_one_once_written(addon, window, job, tmp_path):
    addon.model, addon.image = IMAGE_MODEL, str(png(tmp_path / "a.png"))
    assert MODEL_INPUT not in drawn()
    image_icons.refresh_job_icon(job.folder)
    assert MODEL_INPUT not in drawn()
    png(job.folder.seen_image)
    image_icons.refresh_job_icon(job.folder)
    text = drawn()
    assert "Image\n[icon 1001]\n" + f"{MODEL_INPUT}\n[icon 1002]" in text
    assert text.count(f"{MODEL_INPUT}\n[icon 1002]") == 2  # next to the chosen image, and below the queue


def test_the_row_of_a_job_shows_the_image_that_the_model_sees_and_then_the_thumbnail(addon, window, job):
    row = f"\ninput_image  ({job.request.seed})"
    assert row in drawn()
    png(job.folder.seen_image)
    image_icons.refresh_job_icon(job.folder)
    drawn()
    assert f"[icon 1001]{row}" in drawn()
    png(job.folder.thumbnail)
    image_icons.refresh_job_icon(job.folder)
    drawn()
    assert f"[icon 1002]{row}" in drawn()


def test_a_finished_job_of_an_earlier_session_is_listed_with_its_thumbnail(addon, window, job, tmp_path):
    state.jobs.clear()
    state.ready = [job.folder]
    png(job.folder.thumbnail)
    for _ in range(2):
        drawn()
    assert "[icon 1001]\njob-1" in drawn()


def test_the_thumbnail_of_a_job_is_looked_for_when_it_has_ended(window, start_job, drive, monkeypatch):
    monkeypatch.setattr(import_result, "reason_to_wait", lambda: "It waits.")
    (job,) = start_job("slowly a chair")
    drive(lambda: job.status == "running")
    assert image_icons.row_icon(job.folder) == 0
    png(job.folder.thumbnail)
    assert image_icons.row_icon(job.folder) == 0
    drive(lambda: job.end == "finished")
    assert image_icons.row_icon(job.folder) == 1001


@pytest.mark.parametrize("name", ["seen_image", "thumbnail"])
def test_an_image_of_a_job_that_is_large_or_a_link_is_not_loaded(addon, window, job, tmp_path, name):
    getattr(job.folder, name).symlink_to(png(tmp_path / "outside.png"))
    image_icons.refresh_job_icon(job.folder)
    assert image_icons.row_icon(job.folder) == 0
    getattr(job.folder, name).unlink()
    encoded = encode_png(np.zeros((1025, 1024, 4), np.uint8))
    getattr(job.folder, name).write_bytes(encoded)
    image_icons.refresh_job_icon(job.folder)
    assert image_icons.row_icon(job.folder) == 0
    assert window == []


def test_images_of_a_full_collection_are_loaded_again_when_they_are_drawn(addon, window, tmp_path, monkeypatch):
    monkeypatch.setattr(image_icons, "MAX_ICONS", 1)
    folders = [JobFolder(tmp_path / name) for name in "ab"]
    for folder in folders:
        folder.path.mkdir()
        png(folder.seen_image)
    for folder in folders * 2:
        image_icons.job_icon(folder)
        assert image_icons.job_icon(folder) > 0


def test_many_images_are_loaded_in_several_steps(addon, window, job, monkeypatch, tmp_path):
    monkeypatch.setattr(image_icons, "schedule", lambda do: None)
    monkeypatch.setattr(image_icons, "SHARE_OF_TICK_S", 0.0)
    for number in range(3):
        image_icons.file_icon(str(png(tmp_path / f"{number}.png")))
    monkeypatch.setattr(image_icons, "time", SimpleNamespace(perf_counter=iter([0.0, -1.0, 1.0] * 3).__next__))
    assert [image_icons.load_waiting() for _ in range(3)] == [0.0, 0.0, None]
    assert len(window) == 3


def test_drawing_accesses_the_image_of_a_job_once(addon, window, job, monkeypatch):
    addon.model = "shap-e/text300M"
    drawn()
    monkeypatch.setattr(image_icons, "key_of", lambda *_, **__: pytest.fail("the disk was read again"))
    drawn()


def test_many_images_do_not_accumulate(addon, window, tmp_path, monkeypatch):
    monkeypatch.setattr(image_icons, "MAX_ICONS", 3)
    for number in range(5):
        image_icons.file_icon(str(png(tmp_path / f"{number}.png")))
    assert 0 < len(image_icons._collection) <= 3
