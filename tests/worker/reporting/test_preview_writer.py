# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews: the newest geometry, written in at most half of the time, with a fake clock."""

import sys

import pytest

from blender_text3d import geometry
from blender_text3d.geometry import load_geometry
from blender_text3d.worker.reporting.preview_writer import PreviewWriter
from tests.worker.scripted_engine import CLOUD, TETRAHEDRON


def written_previews(tmp_path, times: list[float]) -> list[bool]:
    """Return which previews were written; times are the readings of the clock in order."""
    clock = iter(times)
    previews = PreviewWriter(tmp_path / "preview.npz", clock=lambda: next(clock))
    written = []
    while True:
        try:
            written.append(previews.write_if_due(CLOUD))
        except StopIteration:
            return written


def test_with_fast_writes_every_step_has_a_preview(tmp_path):
    assert written_previews(tmp_path, [0.0, 0.1, 1.0, 1.1, 2.0, 2.1]) == [True, True, True]


def test_a_preview_is_skipped_while_the_last_write_took_longer_than_the_work_since(tmp_path):
    assert written_previews(tmp_path, [0.0, 3.0, 4.0, 5.0, 6.5, 7.0]) == [True, False, False, True]


def test_a_step_without_geometry_writes_nothing(tmp_path):
    assert PreviewWriter(tmp_path / "preview.npz").write_if_due(None) is False
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_raises(tmp_path):
    (tmp_path / "preview.npz.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        PreviewWriter(tmp_path / "preview.npz").write_if_due(CLOUD)


def test_a_preview_is_written_again_after_exactly_the_time_of_the_last_write(tmp_path):
    assert written_previews(tmp_path, [0.0, 3.0, 5.9, 6.0, 6.1]) == [True, False, True]


def test_a_newer_geometry_replaces_the_older_one(tmp_path):
    times = iter([0.0, 0.0, 1.0, 1.0])
    previews = PreviewWriter(tmp_path / "preview.npz", clock=lambda: next(times))
    previews.write_if_due(CLOUD)
    previews.write_if_due(TETRAHEDRON)
    assert len(load_geometry(tmp_path / "preview.npz").faces) == 4


@pytest.mark.parametrize(("platform", "is_raised"), [("win32", False), ("linux", True), ("darwin", True)])
def test_on_windows_a_preview_that_a_reader_has_open_is_skipped(tmp_path, monkeypatch, platform, is_raised):
    def refuse(path, shape):
        raise PermissionError(13, "held open")

    monkeypatch.setattr(geometry, "save_geometry", refuse)
    monkeypatch.setattr(sys, "platform", platform)
    previews = PreviewWriter(tmp_path / "preview.npz")
    if is_raised:
        with pytest.raises(PermissionError):
            previews.write_if_due(CLOUD)
    else:
        assert previews.write_if_due(CLOUD) is False
