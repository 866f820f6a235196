# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests of addon that need no registered add-on: its state, and jobs in it."""

import pytest


@pytest.fixture
def clean_state():
    """The state of a session, empty before and after the test."""
    from blender_text3d.addon.state.session_state import SessionState, state

    vars(state).update(vars(SessionState()))
    yield state
    vars(state).update(vars(SessionState()))


@pytest.fixture
def new_job(clean_state, tmp_path):
    """A function that adds a job to the state; its folder is not created."""
    from blender_text3d.addon.state.active_job import ActiveJob, ImportTarget
    from blender_text3d.protocol.job_folder import JobFolder
    from blender_text3d.protocol.request import make_requests

    def new_job(job_id="job-1", prompt="a red chair", **choices):
        (request,) = make_requests(prompt, **choices)
        folder = JobFolder(tmp_path / "data" / "jobs" / job_id)
        job = clean_state.jobs[job_id] = ActiveJob(folder, request, ImportTarget("Scene", (0.0, 0.0, 0.0)))
        return job

    return new_job


@pytest.fixture
def new_folder(clean_state, tmp_path):
    """A function that creates a job folder, submitted by a process that is gone, with these events."""
    import json
    import subprocess

    from blender_text3d.protocol.events import Queued
    from blender_text3d.protocol.job_folder import JobFolder
    from blender_text3d.protocol.request import make_requests

    process = subprocess.Popen(["true"])
    process.wait()

    def new_folder(job_id, *events, pid=process.pid, **choices):
        folder = JobFolder(tmp_path / "data" / "jobs" / job_id)
        folder.path.mkdir(parents=True)
        (request,) = make_requests("a red chair", **choices)
        folder.request.write_text(json.dumps({"format": 1, "request": request.to_values()}))
        for event in (Queued(pid=pid), *events):
            folder.append(event)
        return folder

    return new_folder
