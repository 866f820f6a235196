# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders, and a worker in this process with the scripted engine."""

import sys

import pytest

from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.commands import Offer
from blender_text3d.worker.loop import run_offer
from blender_text3d.worker.worker_state import WorkerState
from tests.worker import scripted_engine


@pytest.fixture
def worker_state(monkeypatch) -> WorkerState:
    for name in ("generate", "device"):
        monkeypatch.setitem(sys.modules, f"blender_text3d.engine.{name}", scripted_engine)
    return WorkerState()


@pytest.fixture
def new_job(tmp_path):
    """Return a function that creates a job, which is watched."""

    def make(prompt: str, **choices) -> JobFolder:
        choices = {"steps": 4, "seed": 5} | choices
        job = create_job(tmp_path / "jobs", make_requests(prompt, **choices)[0])
        job.set_watched(True)
        return job

    return make


@pytest.fixture
def done(new_job, worker_state):
    """Return a function that runs one job in this process and returns its folder."""

    def do(prompt: str, **choices) -> JobFolder:
        job = new_job(prompt, **choices)
        run_offer(Offer((job,)), worker_state)
        return job

    return do
