# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews: the newest geometry, written in at most half of the time, with a fake clock."""

import pytest

from blender_text3d.worker.reporting.preview_writer import PreviewWriter
from tests.worker.scripted_engine import CLOUD


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
