# SPDX-License-Identifier: GPL-3.0-or-later
"""The event that names the process, the device and the versions; and the order of a job's first steps."""

import os
import platform
from importlib.metadata import version
from types import SimpleNamespace

import pytest

from blender_text3d.protocol.version import ENGINE_VERSION
from blender_text3d.worker.batch.batch_job import BatchJob
from blender_text3d.worker.batch.run_jobs import job_steps, run_jobs, started_event
from blender_text3d.worker.commands import Offer


def test_the_start_names_everything_that_the_object_depends_on(worker_state):
    event = started_event(
        SimpleNamespace(device="cuda:1", sha256="ab" * 32),
        SimpleNamespace(solver="distilled", steps=4, latent=None, object=None),
    )
    assert (event.pid, event.host, event.device, event.device_name) == (
        os.getpid(), platform.node(), "cuda:1", "scripted cuda:1",
    )  # fmt: skip
    assert (event.engine_version, event.torch_version) == (ENGINE_VERSION, version("torch"))
    assert event.weights_sha256 == "ab" * 32


@pytest.mark.parametrize(
    ("solver", "steps", "sha256"),
    [("distilled", 4, "cd" * 32), ("distilled", 2, "ef" * 32), ("dpm++2m", 4, "ab" * 32), ("heun", 4, "ab" * 32)],
)
def test_the_start_names_the_weights_that_are_used(solver, steps, sha256, worker_state):
    distilled = {4: SimpleNamespace(sha256="cd" * 32), 2: SimpleNamespace(sha256="ef" * 32)}
    model = SimpleNamespace(device="cpu", sha256="ab" * 32, distilled=distilled)
    recipe = SimpleNamespace(solver=solver, steps=steps, latent=None, object=None)
    assert started_event(model, recipe).weights_sha256 == sha256
    for latent, file in (("latent.npz", None), (None, "chair.glb")):
        read = SimpleNamespace(solver=solver, steps=steps, latent=latent, object=file)
        assert started_event(model, read).weights_sha256 == model.sha256


def test_a_cancel_can_take_effect_after_each_part_of_loading(new_job, worker_state):
    job = BatchJob(new_job("a", steps=1), worker_state.eta)
    steps, seen = job_steps([job], Offer((job.folder,)), worker_state), []
    for _ in range(3):
        next(steps)
        seen.append([event.kind for event in job.folder.events()].count("stepped"))
    assert seen == [1, 2, 3]
    assert [event.kind for event in job.folder.events()] == ["queued", "stepped", "stepped", "started", "stepped"]
    steps.close()


def test_an_error_outside_of_the_jobs_fails_every_one_that_is_open(new_job, worker_state, monkeypatch):
    def no_engine():
        raise ImportError("No module named 'torch'")

    monkeypatch.setattr(worker_state, "engine", no_engine)
    (job,) = run_jobs(BatchJob(new_job("a"), worker_state.eta), Offer(()), worker_state)
    assert (job.reason, job.folder.last_event().kind) == ("environment", "failed")
