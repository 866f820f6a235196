# SPDX-License-Identifier: GPL-3.0-or-later
"""CUDA graphs on a simulated device: the results without them, and one wait for the check of each."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.conditioning import official_models
from blender_text3d.engine.diffusion.cuda_graph import VARIABLE
from blender_text3d.engine.generate import Recipe
from blender_text3d.engine.glide import pictures
from scripts.bench import gpu
from scripts.testing.simulated_device import simulated_cuda
from tests.engine.devices.test_official_models import FEW_STEPS
from tests.engine.devices.watched import run
from tests.engine.three_step.tiny_checkpoints import use_tiny_checkpoints


@pytest.fixture
def weights(tmp_path, monkeypatch):
    use_tiny_checkpoints(monkeypatch, tmp_path / "weights")
    monkeypatch.setattr(pictures, "QUALITIES", FEW_STEPS)
    yield
    official_models.forget_clip()


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("model", "settings", "graphs"),
    [("shap-e/text300M", {}, 1), ("point-e/base40M-textvec", {"solver": "heun"}, 2),
     ("point-e/three-step", {"image_model": "glide", "quality": "exact", "outputs": "view"}, 2)],
)  # fmt: skip
def test_results_with_graphs_are_those_without(monkeypatch, model, settings, graphs):
    recipe = Recipe("a red mug", model, device="cuda", **{"outputs": "cloud", "seed": 3, "steps": 5, "guidance": 3.0,
                    "grid": 8} | settings)  # fmt: skip
    if model == "shap-e/text300M":
        recipe = Recipe(**{**vars(recipe), "outputs": "mesh"})
    made = []
    for value in ("0", "1"):
        monkeypatch.setenv(VARIABLE, value)
        with simulated_cuda() as counts:
            done = run(counts, recipe)
            replays = counts.launches["graph"]
        views = [step.candidates for _, step in done.steps if step.candidates is not None]
        (result,) = done.results
        made.append(views[0] if views else result.latent if result.cloud is None else result.cloud.points)
        assert done.waits.total() == (graphs if value == "1" else 0)
        assert (replays > graphs) == (value == "1")
    assert np.array_equal(*made)


def test_the_bench_times_every_network_with_and_without_graphs(monkeypatch):
    monkeypatch.setattr(gpu, "SIDE", 64)
    with simulated_cuda():
        lines = gpu.rows(torch.device("cuda", 0), list(gpu.NETWORKS), [1, 2], repeats=1, width=16)
    assert [line.split(" | ")[2] for line in lines] == ["–", "replayed"] * 2 * len(gpu.NETWORKS)
    assert all(float(line.split(" | ")[4]) > 0 for line in lines)
