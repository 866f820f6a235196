# SPDX-License-Identifier: GPL-3.0-or-later
"""What a set-up says while it works: how much was written, how fast, how long still; and a kit's files of models."""

import time
from collections import deque

import pytest

from blender_text3d.environment import progress_reporter
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.offline.kit import import_weights
from blender_text3d.environment.paths import worker_python
from blender_text3d.environment.progress_reporter import ProgressReporter, distinct_disks, mean_rate


def test_what_was_written_is_told_while_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "INTERVAL_S", 0.01)
    monkeypatch.setattr(
        progress_reporter, "total_free_bytes", lambda folders: 10**12
    )  # others remove as much as is written
    news = []
    with ProgressReporter(news.append, tmp_path, 10_000_000) as teller:
        teller.report("Installing", 0.3)
        (tmp_path / "file").write_bytes(bytes(4_000_000))
        until = time.monotonic() + 20
        while news[-1].done_bytes < 4_000_000 and time.monotonic() < until:
            time.sleep(0.01)
        teller.report("Trying", 0.2)
    assert {said.message for said in news} - {"Starting"} == {"Installing", "Trying"}
    assert news[-1].share == pytest.approx(0.8 * 0.4)  # by what was written, which is more than the maker said
    assert news[-1].done_bytes == 4_000_000 and news[-1].of_bytes == 10_000_000


def test_how_long_still_is_only_said_while_something_is_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_reporter, "mean_rate", lambda looks: 1_000_000.0)
    news = []
    teller = ProgressReporter(news.append, tmp_path, 10_000_000)
    for share in (0.01, 0.3, 0.85):
        teller.report("Working", share)
    assert [said.left_s is not None for said in news] == [False, True, False]


def test_the_pace_is_what_came_of_late_and_nothing_where_nothing_much_does():
    assert mean_rate(deque([(0.0, 0), (2.0, 8_000_000)])) == 4_000_000
    assert mean_rate(deque([(0.0, 0)])) == mean_rate(deque([(0.0, 0), (2.0, 1000)])) == 0.0


def test_one_disk_counts_once_and_a_folder_may_be_missing_yet(tmp_path):
    assert len(distinct_disks(tmp_path, tmp_path / "not" / "there", tmp_path.parent)) == 1


@pytest.fixture
def env_dir(tmp_path):
    """An environment whose Python says what TEXT_TO_SAY holds and where it would put weights."""
    env_dir = tmp_path / "data" / "env"
    env_dir.mkdir(parents=True)
    write_manifest(env_dir, Manifest("ready", "x", "y", "1"))
    worker_python(env_dir).parent.mkdir(parents=True)
    worker_python(env_dir).write_text('#!/bin/sh\necho "$@ $BLENDER_TEXT3D_HOME"\necho "$TEXT_TO_SAY"\nexit $CODE\n')
    worker_python(env_dir).chmod(0o755)
    return env_dir


def test_a_kits_models_go_into_the_data_folder_of_the_environment(env_dir, tmp_path, report, monkeypatch):
    monkeypatch.setenv("CODE", "0")
    import_weights(env_dir, tmp_path / "kit", report)
    log = env_dir.with_name("env.setup.log").read_text()
    assert f"engine.weights import {tmp_path / 'kit'} {env_dir.parent}" in log
    monkeypatch.setenv("CODE", "1")
    monkeypatch.setenv("TEXT_TO_SAY", "Nothing that is missing was found in it.")
    import_weights(env_dir, tmp_path / "kit", report)
    monkeypatch.setenv("TEXT_TO_SAY", "The disk is full.")
    with pytest.raises(SetupFailed, match="environment is ready, but the models' files were not taken.*disk is full"):
        import_weights(env_dir, tmp_path / "kit", report)
