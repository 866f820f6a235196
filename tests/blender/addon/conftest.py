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
    from blender_text3d.addon.state.session_state import ActiveJob, ImportTarget
    from blender_text3d.protocol.job_folder import JobFolder
    from blender_text3d.protocol.request import make_requests

    def new_job(job_id="job-1", prompt="a red chair", **choices):
        (request,) = make_requests(prompt, **choices)
        folder = JobFolder(tmp_path / "data" / "jobs" / job_id)
        job = clean_state.jobs[job_id] = ActiveJob(folder, request, ImportTarget("Scene", (0.0, 0.0, 0.0)))
        return job

    return new_job
