# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image files become icons, and when one is read again."""

import os
import struct
from pathlib import Path

import pytest

from blender_text3d.addon.jobs import image_icons


@pytest.fixture(autouse=True)
def window(monkeypatch):
    """A Blender with a window."""
    monkeypatch.setattr(image_icons, "has_window", lambda: True)
    image_icons.has_few_pixels.cache_clear()


def png(path, width=8, height=8):
    """Write the header of a PNG of this size."""
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIB", 13, b"IHDR", width, height, 8))
    return str(path)


@pytest.mark.parametrize(
    ("width", "height", "is_loaded"), [(8000, 8000, True), (8000, 8001, False), (1, 1, True), (0, 8, False)]
)
def test_an_image_of_more_than_64_megapixels_or_of_none_is_not_loaded(tmp_path, width, height, is_loaded):
    assert bool(image_icons.key_of(png(tmp_path / "a.png", width, height))) == is_loaded


def test_a_folder_a_pipe_and_a_path_on_another_machine_are_not_loaded(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    missing = str(tmp_path / "missing.png")
    for path in ("", str(tmp_path), str(tmp_path / "pipe.png"), "//server/share/a.png", missing, "nul\0byte"):
        assert image_icons.key_of(path) == ""


def test_an_image_is_another_when_its_time_or_its_size_changes(tmp_path):
    path = png(tmp_path / "a.png")
    os.utime(path, (100, 100))
    keys = [image_icons.key_of(path), image_icons.key_of(path)]
    os.utime(path, (100, 101))
    keys.append(image_icons.key_of(path))
    Path(path).write_bytes(Path(path).read_bytes() + b"more")
    os.utime(path, (100, 101))
    keys.append(image_icons.key_of(path))
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_the_header_of_an_image_is_read_once(tmp_path, monkeypatch):
    path, reads = png(tmp_path / "a.png"), []
    monkeypatch.setattr(image_icons, "pixel_count", lambda path: reads.append(path) or 64)
    for _ in range(3):
        image_icons.key_of(path)
    assert reads == [Path(path)]


def test_an_image_that_cannot_be_read_is_not_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(image_icons, "pixel_count", lambda path: (_ for _ in ()).throw(PermissionError()))
    assert image_icons.key_of(png(tmp_path / "a.png")) == ""


def test_in_background_mode_nothing_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(image_icons, "has_window", lambda: False)
    assert image_icons.key_of(png(tmp_path / "a.png")) == ""
