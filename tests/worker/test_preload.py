# SPDX-License-Identifier: GPL-3.0-or-later
"""A model that is loaded before the first job."""

from blender_text3d.worker.commands import Offer, Preload
from blender_text3d.worker.loop import run_offer


def test_a_job_finds_the_engine_that_has_loaded_the_model(worker_state, new_job):
    worker_state.preload(Preload("mini/shap-e", "cpu"))
    engine = worker_state.engine()
    assert engine.loads == 1
    job = new_job("a red chair")
    run_offer(Offer((job,)), worker_state)
    assert worker_state.engine() is engine
    assert job.last_event().kind == "finished"


def test_a_model_that_cannot_be_loaded_does_not_end_the_worker(worker_state, new_job, monkeypatch, capsys):
    engine = worker_state.engine()
    load = engine.load

    def refuse(model, device):
        raise OSError("the weights are missing")

    monkeypatch.setattr(engine, "load", refuse)
    worker_state.preload(Preload("mini/shap-e", "cpu"))
    assert "the weights are missing" in capsys.readouterr().err
    monkeypatch.setattr(engine, "load", load)
    job = new_job("a red chair")
    run_offer(Offer((job,)), worker_state)
    assert job.last_event().kind == "finished"
