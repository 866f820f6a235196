# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads of PyTorch while a model runs."""

import pytest
import torch

from blender_text3d.engine import cpu_threads
from blender_text3d.engine.cpu_threads import available_cores, small_model_threads, threads_for
from blender_text3d.engine.generate import Engine, Recipe

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 2), (5, 4), (64, 4)])
def test_a_small_model_leaves_a_core_to_others_and_never_takes_many(cores, threads):
    assert small_model_threads(cores) == threads


@pytest.mark.parametrize(
    ("model", "device", "threads"),
    [("mini/shap-e", CPU, 1), ("shap-e/text300M", CPU, 3), ("mini/shap-e", torch.device("cuda"), 3)],
)
def test_only_small_models_on_a_cpu_are_limited_and_only_while_they_run(monkeypatch, model, device, threads):
    monkeypatch.setattr(cpu_threads, "available_cores", lambda: 2)
    with threads_for(model, device):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 3


def test_fewer_threads_that_the_user_has_chosen_stay(monkeypatch):
    monkeypatch.setattr(cpu_threads, "available_cores", lambda: 8)
    with threads_for("mini/shap-e", CPU):
        assert torch.get_num_threads() == 3


def test_the_engine_runs_a_small_model_with_them_and_restores_the_number_when_it_is_cancelled(monkeypatch):
    monkeypatch.setattr(cpu_threads, "available_cores", lambda: 2)
    steps = Engine().generate(Recipe("a red apple", "mini/shap-e", 1, 4, 1.5, 32))
    while next(steps).stage != "sample":
        pass
    assert torch.get_num_threads() == 1
    steps.close()
    assert torch.get_num_threads() == 3


def test_this_machine_has_a_core():
    assert available_cores() >= 1
