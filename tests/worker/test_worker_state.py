# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker keeps between jobs: one engine, one viewer, and the batches that memory has held."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from blender_text3d.worker.worker_state import NO_RERUN, WorkerState, memory_key
from tests.worker.scripted_engine import Recipe

RECIPE = Recipe(
    prompt="a", model="mini/shap-e", seed=1, steps=4, guidance=3.0, grid=32, outputs="mesh", device="cpu", views=2
)


def test_a_new_worker_knows_no_limit_and_need_not_restart():
    state = WorkerState()
    assert state.max_fitting_batch(RECIPE) == sys.maxsize
    assert state.must_restart is False


@pytest.mark.parametrize(
    "change", [{"model": "mini/point-e"}, {"device": "cuda"}, {"grid": 64}, {"views": 0}, {"candidates": 9}]
)
def test_what_decides_about_memory_has_a_limit_of_its_own(change):
    state = WorkerState()
    state.remember_fitting_batch(RECIPE, 3)
    assert state.max_fitting_batch(replace(RECIPE, prompt="b", seed=2, steps=9, guidance=1.0, outputs="cloud")) == 3
    assert state.max_fitting_batch(replace(RECIPE, **change)) == sys.maxsize
    assert memory_key(replace(RECIPE, **change)) != memory_key(RECIPE)


def test_the_last_limit_counts():
    state = WorkerState()
    state.remember_fitting_batch(RECIPE, 3)
    state.remember_fitting_batch(RECIPE, 1)
    assert state.max_fitting_batch(RECIPE) == 1


def test_all_jobs_share_one_engine(worker_state):
    assert worker_state.engine() is worker_state.engine()
    assert WorkerState().engine() is not worker_state.engine()


def test_each_job_has_its_own_sink_and_all_share_one_viewer(new_job):
    state = WorkerState()
    first, second = new_job("one"), new_job("two")
    (one,) = state.sinks(first, first.read_request(), print)
    (two,) = state.sinks(second, second.read_request(), print)
    assert one is not two
    assert one._live_view is two._live_view
    assert (one._folder, one._notice) == (first, print)


@pytest.mark.parametrize(("viewer", "notices"), [("spawn", [NO_RERUN]), ("", [])])
def test_without_rerun_a_job_has_no_sink_and_a_wanted_viewer_is_reported(new_job, monkeypatch, viewer, notices):
    monkeypatch.setitem(sys.modules, "blender_text3d.worker.rerun.live_view", None)
    job, seen = new_job("one", viewer=viewer), []
    assert WorkerState().sinks(job, SimpleNamespace(viewer=viewer), seen.append) == []
    assert seen == notices
