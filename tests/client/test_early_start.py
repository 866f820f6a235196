# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker is started before the first job."""

from pathlib import Path

from blender_text3d.client.session import Session
from tests.client.waiting import finish, requests
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE


def test_the_first_job_is_run_by_the_worker_that_was_started_early(session_with):
    session = session_with(WITH_SCRIPTED_ENGINE)
    assert session.start_early("mini/shap-e", "cpu")
    pid = session.worker.pid
    assert session.worker.is_alive()
    assert not session.start_early("mini/shap-e", "cpu")
    (job,) = session.submit(requests())
    assert [last.kind for last in finish(session).values()] == ["finished"]
    assert (session.worker.pid, job.claimed_by().pid) == (pid, pid)


def test_a_python_that_is_missing_is_reported_by_the_first_job(tmp_path):
    session = Session(tmp_path / "jobs", Path("/nowhere/python"))
    assert not session.start_early("mini/shap-e", "cpu")
    session.submit(requests())
    assert [last.reason for last in finish(session).values()] == ["environment"]
