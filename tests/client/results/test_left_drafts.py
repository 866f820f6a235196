# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of Live whose Blender is gone are deleted, and no other folder is."""

import json
import os
import platform
import subprocess
import sys
import time

import pytest

from blender_text3d.client.recovery import OTHER_MACHINE_S
from blender_text3d.client.results.left_drafts import remove_if_left
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished, Queued
from blender_text3d.protocol.job_folder import DRAFT_NAME, JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.system.machine import machine_id
from blender_text3d.system.process import own_start_token

HERE = platform.node()
FINISHED = Finished(elapsed_s=1.0, files={"mesh": "mesh.npz"})


@pytest.fixture(scope="module")
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def draft_of(tmp_path):
    """A function that creates a draft of a process, with further events."""

    def draft_of(pid: int, *events, host=HERE, machine=None, **choices) -> JobFolder:
        draft = create_job(tmp_path, make_requests("a red chair")[0], is_draft=True)
        draft.journal.unlink()
        started = own_start_token() if pid == os.getpid() else ""
        machine = machine_id() if machine is None else machine
        for event in (Queued(pid=pid, host=host, machine=machine, started=started, **choices), *events):
            draft.append(event)
        return draft

    return draft_of


def test_a_finished_draft_of_a_blender_that_is_gone_is_deleted(draft_of, dead_pid):
    left, alive = draft_of(dead_pid, FINISHED), draft_of(os.getpid(), FINISHED)
    for draft in (left, alive):
        assert draft.is_draft()
        remove_if_left(draft)
    assert (left.path.exists(), alive.path.exists()) == (False, True)


def test_a_draft_that_no_worker_has_claimed_is_deleted(draft_of, dead_pid):
    draft = draft_of(dead_pid)
    remove_if_left(draft)
    assert not draft.path.exists()


def test_a_draft_that_a_worker_still_runs_waits_for_the_next_time(draft_of, dead_pid):
    draft = draft_of(dead_pid)
    draft.claim()
    remove_if_left(draft)
    assert draft.path.exists()
    draft.append(FINISHED)
    remove_if_left(draft)
    assert not draft.path.exists()


def test_a_draft_whose_worker_is_gone_is_deleted(draft_of, dead_pid):
    draft = draft_of(dead_pid)
    draft.claim()
    claim = draft.path / "claim.json"
    claim.write_text(json.dumps({**json.loads(claim.read_text()), "pid": dead_pid, "started": ""}))
    remove_if_left(draft)
    assert not draft.path.exists()


@pytest.mark.parametrize(("age_s", "is_deleted"), [(0.0, False), (OTHER_MACHINE_S + 60, True)])
def test_a_draft_of_another_machine_is_deleted_after_a_day(draft_of, dead_pid, age_s, is_deleted):
    draft = draft_of(dead_pid, FINISHED, host="elsewhere", machine="other", time=time.time() - age_s)
    remove_if_left(draft)
    assert draft.path.exists() is not is_deleted


def test_a_draft_of_an_unknown_blender_stays(draft_of, dead_pid):
    draft = draft_of(dead_pid, FINISHED)
    draft.journal.write_text("garbage\n")
    remove_if_left(draft)
    assert draft.path.exists()


def test_a_draft_that_was_kept_is_none(draft_of, dead_pid):
    draft = draft_of(dead_pid, FINISHED)
    draft.keep_draft()
    draft.keep_draft()
    assert not draft.is_draft()
    assert DRAFT_NAME not in os.listdir(draft.path)
