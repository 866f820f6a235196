# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews: the newest geometry, only while somebody watches and in at most a tenth of the time, with a fake clock."""

import sys

import pytest

from blender_text3d import geometry
from blender_text3d.geometry import load_geometry
from blender_text3d.worker.reporting.preview_writer import MIN_INTERVAL_S, PreviewWriter
from tests.worker.scripted_engine import CLOUD, TETRAHEDRON


def preview():
    return CLOUD


def watched():
    return True


def written_previews(tmp_path, times: list[float], is_watched=watched) -> list[bool]:
    """Return which previews were written; times are the readings of the clock in order."""
    clock = iter(times)
    previews = PreviewWriter(tmp_path / "preview.npz", is_watched, clock=lambda: next(clock))
    written = []
    while True:
        try:
            written.append(previews.write_if_due(preview) is CLOUD)
        except StopIteration:
            return written


def test_with_fast_writes_every_step_has_a_preview(tmp_path):
    assert written_previews(tmp_path, [0.0, 0.05, 1.0, 1.05, 2.0, 2.05]) == [True, True, True]


def test_a_preview_is_skipped_while_the_work_since_the_last_one_was_less_than_nine_times_as_long(tmp_path):
    assert written_previews(tmp_path, [0.0, 3.0, 7.0, 29.9, 30.5, 31.0]) == [True, False, False, True]


def test_previews_are_not_more_frequent_than_they_can_be_shown(tmp_path):
    early, due = 0.001 + 0.9 * MIN_INTERVAL_S, 0.002 + MIN_INTERVAL_S
    assert written_previews(tmp_path, [0.0, 0.001, early, due, due + 0.001]) == [True, False, True]


def test_the_time_to_make_a_preview_counts(tmp_path):
    now = [0.0]

    def slow():
        now[0] += 2.0
        return CLOUD

    previews = PreviewWriter(tmp_path / "preview.npz", watched, clock=lambda: now[0])
    assert previews.write_if_due(slow) is CLOUD
    now[0] += 17.0
    assert previews.write_if_due(slow) is None
    now[0] += 1.5
    assert previews.write_if_due(slow) is CLOUD


def test_nothing_is_made_while_nobody_watches(tmp_path):
    is_watched = iter([False, False, True])
    times = [0.0, 1.0, 2.0, 2.1]
    assert written_previews(tmp_path, times, lambda: next(is_watched)) == [False, False, True]


def test_a_step_without_a_preview_writes_nothing(tmp_path):
    assert PreviewWriter(tmp_path / "preview.npz", watched).write_if_due(None) is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_raises(tmp_path):
    (tmp_path / "preview.npz.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        PreviewWriter(tmp_path / "preview.npz", watched).write_if_due(preview)


def test_a_preview_is_written_again_after_exactly_nine_times_the_time_of_the_last_one(tmp_path):
    assert written_previews(tmp_path, [0.0, 3.0, 29.9, 30.0, 30.1]) == [True, False, True]


def test_a_newer_geometry_replaces_the_older_one(tmp_path):
    times = iter([0.0, 0.0, 1.0, 1.0])
    previews = PreviewWriter(tmp_path / "preview.npz", watched, clock=lambda: next(times))
    previews.write_if_due(preview)
    previews.write_if_due(lambda: TETRAHEDRON)
    assert len(load_geometry(tmp_path / "preview.npz").faces) == 4


@pytest.mark.parametrize(("platform", "is_raised"), [("win32", False), ("linux", True), ("darwin", True)])
def test_on_windows_a_preview_that_a_reader_has_open_is_skipped(tmp_path, monkeypatch, platform, is_raised):
    def refuse(path, shape):
        raise PermissionError(13, "held open")

    monkeypatch.setattr(geometry, "save_geometry", refuse)
    monkeypatch.setattr(sys, "platform", platform)
    previews = PreviewWriter(tmp_path / "preview.npz", watched)
    if is_raised:
        with pytest.raises(PermissionError):
            previews.write_if_due(preview)
    else:
        assert previews.write_if_due(preview) is None
