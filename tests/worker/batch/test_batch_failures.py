# SPDX-License-Identifier: GPL-3.0-or-later
"""An error in one object of a batch, with the real engine: the others are the same as if made alone."""

import numpy as np
import pytest

from blender_text3d.engine.shap_e import run as shap_e
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.commands import Offer
from blender_text3d.worker.loop import run_offer
from blender_text3d.worker.worker_state import WorkerState

PROMPTS = ("a red chair", "a tree", "a blue car")
SMALL = {"steps": 8, "grid": 32, "device": "cpu"}


pytestmark = pytest.mark.slow


@pytest.fixture
def new_jobs(tmp_path):
    return lambda: tuple(create_job(tmp_path, make_requests(prompt, seed=3, **SMALL)[0]) for prompt in PROMPTS)


def latent_of(job):
    with np.load(job.latent, allow_pickle=False) as arrays:
        return arrays["latent"]


@pytest.mark.parametrize(
    ("error", "reason"), [(RuntimeError("a broken mesh"), "internal"), (MemoryError(), "out_of_memory")]
)
def test_the_others_are_the_same_as_if_made_alone(new_jobs, monkeypatch, error, reason):
    worker_state = WorkerState()
    alone, together = new_jobs(), new_jobs()
    for job in (alone[0], alone[2]):
        run_offer(Offer((job,)), worker_state)
    decoded = shap_e.decode

    def decoded_but_for_the_tree(model, recipe, *rest):
        if recipe.prompt == "a tree":
            raise error
        return (yield from decoded(model, recipe, *rest))

    monkeypatch.setattr(shap_e, "decode", decoded_but_for_the_tree)
    run_offer(Offer(together, at_once=3), worker_state)
    assert [job.last_event().kind for job in together] == ["finished", "failed", "finished"]
    assert together[1].last_event().reason == reason
    for job, same in ((together[0], alone[0]), (together[2], alone[2])):
        assert np.abs(latent_of(job) - latent_of(same)).max() < 1e-4
        assert load_geometry(job.mesh).faces.shape == load_geometry(same.mesh).faces.shape
