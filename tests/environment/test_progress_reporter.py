# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a setup: written bytes, rate and remaining time; and the import of a kit's weights."""

import time
from collections import deque
from pathlib import Path

import pytest

from blender_text3d.environment import progress_reporter
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.offline.kit import NOTHING_TO_IMPORT, import_weights
from blender_text3d.environment.paths import worker_python
from blender_text3d.environment.progress_reporter import ProgressReporter, distinct_disks, mean_rate


def test_written_bytes_are_reported_between_messages(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "INTERVAL_S", 0.01)
    # Other programs remove as much as is written.
    monkeypatch.setattr(progress_reporter, "total_free_bytes", lambda folders: 10**12)
    sent = []
    with ProgressReporter(sent.append, tmp_path, 10_000_000) as reporter:
        reporter.report("Installing", 0.3)
        (tmp_path / "file").write_bytes(bytes(4_000_000))
        until = time.monotonic() + 20
        while sent[-1].done_bytes < 4_000_000 and time.monotonic() < until:
            time.sleep(0.01)
        reporter.report("Testing", 0.2)
    assert {progress.message for progress in sent} - {"Starting"} == {"Installing", "Testing"}
    assert sent[-1].share == pytest.approx(0.8 * 0.4)  # from the written bytes, which is more than was reported
    assert sent[-1].done_bytes == 4_000_000
    assert sent[-1].of_bytes == 10_000_000


def test_the_remaining_time_is_only_known_while_installing(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "mean_rate", lambda samples: 1_000_000.0)
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 10_000_000)
    for share in (0.01, 0.3, 0.85):
        reporter.report("Working", share)
    assert [progress.left_s is not None for progress in sent] == [False, True, False]


def test_the_remaining_time_is_that_of_the_bytes_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "mean_rate", lambda samples: 1_000_000.0)
    free = [10**12]
    monkeypatch.setattr(progress_reporter, "total_free_bytes", lambda folders: free[0])
    sent = []
    reporter = ProgressReporter(sent.append, tmp_path, 10_000_000)
    free[0] -= 4_000_000
    reporter.report("Installing", 0.3)
    assert sent[-1].left_s == pytest.approx(6)


def test_the_rate_is_the_mean_of_the_samples_or_zero_if_slow():
    assert mean_rate(deque([(0.0, 0), (2.0, 8_000_000)])) == 4_000_000
    assert mean_rate(deque([(0.0, 0)])) == mean_rate(deque([(0.0, 0), (2.0, 1000)])) == 0.0


def test_a_disk_counts_once_and_a_folder_may_not_exist_yet(tmp_path):
    assert len(distinct_disks(tmp_path, tmp_path / "not" / "there", tmp_path.parent)) == 1


@pytest.fixture
def env_dir(tmp_path):
    """An environment whose Python prints its arguments, the data folder and TEXT_TO_PRINT."""
    env_dir = tmp_path / "data" / "env"
    env_dir.mkdir(parents=True)
    write_manifest(env_dir, Manifest("ready", "x", "y", "1"))
    worker_python(env_dir).parent.mkdir(parents=True)
    worker_python(env_dir).write_text('#!/bin/sh\necho "$@ $BLENDER_TEXT3D_HOME"\necho "$TEXT_TO_PRINT"\nexit $CODE\n')
    worker_python(env_dir).chmod(0o755)
    return env_dir


def test_a_kits_weights_are_imported_into_the_data_folder_of_the_environment(env_dir, tmp_path, report, monkeypatch):
    monkeypatch.setenv("CODE", "0")
    import_weights(env_dir, tmp_path / "kit", report)
    log = env_dir.with_name("env.setup.log").read_text()
    assert f"engine.weights import {tmp_path / 'kit'} {env_dir.parent}" in log
    monkeypatch.setenv("CODE", "1")
    monkeypatch.setenv("TEXT_TO_PRINT", f"It {NOTHING_TO_IMPORT}.")
    import_weights(env_dir, tmp_path / "kit", report)
    monkeypatch.setenv("TEXT_TO_PRINT", "The disk is full.")
    with pytest.raises(
        SetupFailed, match="environment is ready, but the models' weights in .* were not imported.*disk is full"
    ):
        import_weights(env_dir, tmp_path / "kit", report)


def test_the_weights_command_line_prints_the_message_that_an_import_ignores():
    assert NOTHING_TO_IMPORT in Path("blender_text3d/engine/weights/cli.py").read_text(encoding="utf-8")
