# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in the panel: the chosen file, and the model's view of it."""

import struct
import zlib

import bpy
import bpy.utils.previews
import pytest

from blender_text3d.addon.jobs import image_icons
from blender_text3d.addon.state.session_state import ActiveJob, state
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
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

    class Collection(dict):
        def load(self, key, path, kind):
            loads.append(path)
            self[key] = type("Preview", (), {"icon_id": 1000 + len(loads)})

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
    yield job
    state.jobs.clear()


def test_without_a_window_nothing_is_loaded(addon, tmp_path):
    assert image_icons.file_icon(str(png(tmp_path / "a.png"))) == 0


def test_the_preview_collection_loads_and_releases_an_image(addon, tmp_path, monkeypatch):
    monkeypatch.setattr(image_icons, "has_window", lambda: True)
    image_icons.file_icon(str(png(tmp_path / "a.png")))
    assert len(image_icons._collection) == 1
    image_icons.clear()
    assert image_icons._collection is None


def test_the_chosen_image_is_shown_under_its_field(addon, window, tmp_path):
    addon.model, addon.image = IMAGE_MODEL, str(png(tmp_path / "a.png"))
    assert "[icon 1001]" in drawn()
    assert "[icon 1001]" in drawn()
    assert len(window) == 1


def test_an_image_that_changed_on_disk_is_read_again(addon, window, tmp_path):
    addon.model, addon.image = IMAGE_MODEL, str(png(tmp_path / "a.png"))
    drawn()
    (tmp_path / "a.png").write_bytes(png(tmp_path / "b.png", 3).read_bytes() + b"more")
    assert "[icon 1002]" in drawn()


@pytest.mark.parametrize("image", ["", "/no/such/file.png", "nul\0byte"])
def test_without_an_image_there_is_no_icon(addon, window, image):
    assert image_icons.file_icon(image) == 0
    assert window == []


def test_the_preprocessed_image_appears_next_to_its_job_once_written(addon, window, job):
    assert "What the model sees" not in drawn()
    image_icons.refresh_job_icon(job.folder)
    assert "What the model sees" not in drawn()
    png(job.folder.seen_image)
    image_icons.refresh_job_icon(job.folder)
    assert drawn().count("What the model sees\n[icon 1001]") == 2  # under the bar, and in the list of jobs


def test_drawing_accesses_the_image_of_a_job_once(addon, window, job, monkeypatch):
    addon.model = "shap-e/text300M"
    drawn()
    monkeypatch.setattr(image_icons, "file_icon", lambda path: pytest.fail("the disk was read again"))
    drawn()


def test_many_images_do_not_accumulate(addon, window, tmp_path, monkeypatch):
    monkeypatch.setattr(image_icons, "MAX_ICONS", 3)
    for number in range(5):
        image_icons.file_icon(str(png(tmp_path / f"{number}.png")))
    assert 0 < len(image_icons._collection) <= 3
