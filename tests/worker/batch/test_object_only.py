# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs of which the client needs the object alone: what is written of them, and what is not."""

import pytest

from blender_text3d.geometry import load_geometry
from blender_text3d.worker.batch import batch_job
from blender_text3d.worker.commands import Offer
from blender_text3d.worker.loop import run_offer

EXTRAS = ("thumbnail.png", "job.rrd", "steps.npz", "preview.npz")


@pytest.fixture
def run(new_job, worker_state):
    """Return a function that runs jobs as one batch and returns their folders."""

    def do(*prompts, object_only, **choices):
        jobs = [new_job(prompt, **choices) for prompt in prompts]
        for job in jobs:
            job.set_watched(False)
        run_offer(Offer(tuple(jobs), at_once=8, object_only=object_only), worker_state)
        return jobs

    return do


def kinds(job):
    return [event.kind for event in job.events()]


def test_all_jobs_of_a_batch_have_their_objects_and_latents_and_nothing_else(run):
    for job in run("a red chair", "a blue mug", object_only=True):
        assert job.last_event().files == {"mesh": "mesh.npz", "latent": "latent.npz"}
        assert len(load_geometry(job.mesh).faces)
        assert not {path.name for path in job.path.iterdir()} & set(EXTRAS)


def test_the_object_is_the_same_as_that_of_a_job_with_all_files(run):
    (alone,), (complete,) = (run("a red chair", object_only=flag) for flag in (True, False))
    assert complete.thumbnail.exists()
    assert (load_geometry(alone.mesh).vertices == load_geometry(complete.mesh).vertices).all()


def test_a_quick_job_reports_its_progress_once(run):
    assert kinds(run("a red chair", object_only=True, steps=9)[0]) == [
        "queued",
        "stepped",
        "started",
        "made",
        "finished",
    ]


def test_a_slow_job_gives_signs_of_life(run, monkeypatch):
    monkeypatch.setattr(batch_job, "SIGN_OF_LIFE_EVERY_S", 0.0)
    assert kinds(run("a red chair", object_only=True, steps=9)[0]).count("stepped") > 9


def test_a_job_that_a_viewer_shows_is_recorded_and_reports_all_steps(run, worker_state, monkeypatch):
    asked = []
    monkeypatch.setattr(type(worker_state), "sinks", lambda *_: asked.append(1) or [])
    run("a red chair", object_only=True)
    assert not asked
    (shown,) = run("a red chair", object_only=True, viewer="spawn", steps=9)
    assert asked == [1]
    assert kinds(shown).count("stepped") > 9
