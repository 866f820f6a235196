# SPDX-License-Identifier: GPL-3.0-or-later
"""The names in the jobs folder."""

from blender_text3d.addon.jobs.previews import BUDGET_MS
from blender_text3d.addon.state.jobs_folder import SHARE_OF_TICK_S, names_in


def test_hidden_names_and_logs_are_no_jobs(tmp_path):
    for name in ("job-1", "job-2", ".new-job", "worker-5.log", "log", "a.log.b"):
        (tmp_path / name).mkdir()
    assert sorted(names_in(tmp_path)) == ["a.log.b", "job-1", "job-2", "log"]


def test_a_folder_that_cannot_be_read_has_no_jobs(tmp_path):
    assert names_in(tmp_path / "missing") == []
    (tmp_path / "file").touch()
    assert names_in(tmp_path / "file") == []


def test_a_scan_and_a_preview_fit_into_one_frame_at_60_hz():
    assert 0 < SHARE_OF_TICK_S + BUDGET_MS / 1000 < 1 / 60
