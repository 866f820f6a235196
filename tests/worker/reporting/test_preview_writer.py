# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews are newest geometry, and never dearer than the model; on a made-up clock."""

import pytest

from blender_text3d.worker.reporting.preview_writer import PreviewWriter
from tests.worker.scripted_engine import CLOUD


def offers(tmp_path, times: list[float]) -> list[bool]:
    """Which offers were written, where times are what the clock says each time it is asked."""
    clock = iter(times)
    previews = PreviewWriter(tmp_path / "preview.npz", clock=lambda: next(clock))
    written = []
    while True:
        try:
            written.append(previews.write_if_due(CLOUD))
        except StopIteration:
            return written


def test_a_fast_write_is_done_at_every_step(tmp_path):
    assert offers(tmp_path, [0.0, 0.1, 1.0, 1.1, 2.0, 2.1]) == [True, True, True]


def test_a_preview_is_skipped_while_the_last_write_took_longer_than_the_work_since(tmp_path):
    assert offers(tmp_path, [0.0, 3.0, 4.0, 5.0, 6.5, 7.0]) == [True, False, False, True]


def test_a_step_without_geometry_writes_nothing(tmp_path):
    assert PreviewWriter(tmp_path / "preview.npz").write_if_due(None) is False
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_is_told(tmp_path):
    (tmp_path / "preview.npz.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        PreviewWriter(tmp_path / "preview.npz").write_if_due(CLOUD)
