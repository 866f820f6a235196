# SPDX-License-Identifier: GPL-3.0-or-later
"""CUDA graphs on a simulated device: the results without them, waits for the check of each, and failures in a job."""

import gc
import weakref
from collections import Counter

import numpy as np
import pytest
import torch

from blender_text3d.engine.conditioning import official_models
from blender_text3d.engine.cuda_graphs import SWITCH, VARIABLE
from blender_text3d.engine.cuda_graphs.graphed import GRAPHS
from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.glide import pictures
from blender_text3d.engine.glide.qualities import Quality, Sampling
from blender_text3d.engine.nn.point_transformer import copies_bias
from blender_text3d.engine.shap_e.field import Field
from scripts.bench import gpu
from scripts.testing.simulated_device import simulated_cuda
from scripts.testing.simulated_device.graph import SimulatedGraph
from tests.engine.devices.watched import run
from tests.engine.image.drawing import mug
from tests.engine.three_step.tiny_checkpoints import use_tiny_checkpoints

QUALITIES = {"exact": Quality(Sampling("ddpm", "5"), Sampling("ddim", "5"))}
GLIDE = {"image_model": "glide", "quality": "exact", "outputs": "view"}
# model: settings, graphs of the first job (one for each stage, two with reused guidance)
RUNS = {
    "shap-e/text300M": ({"guidance_every": 2, "steps": 16}, 2),
    "shap-e/image300M": ({}, 1),
    "point-e/base40M-textvec": ({"solver": "heun"}, 2),
    "point-e/base40M-uncond": ({}, 2),
    "point-e/base40M": ({}, 2),
    "point-e/base40M-imagevec": ({}, 2),
    "point-e/three-step": (GLIDE, 2),
}
NEED_IMAGE = ("shap-e/image300M", "point-e/base40M", "point-e/base40M-imagevec")


@pytest.fixture
def weights(tmp_path, monkeypatch):
    use_tiny_checkpoints(monkeypatch, tmp_path / "weights")
    monkeypatch.setattr(pictures, "QUALITIES", QUALITIES)
    yield
    official_models.forget_clip()


@pytest.fixture
def recipe(tmp_path, weights):
    path = tmp_path / "mug.png"
    mug(size=(160, 120)).save(path)

    def make(model, **choices):
        outputs = "cloud" if "point-e" in model else "mesh"
        settings = {"outputs": outputs, "seed": 3, "steps": 5, "guidance": 3.0, "grid": 8, **RUNS[model][0], **choices}
        return Recipe("a red mug", model, device="cuda", image=path if model in NEED_IMAGE else None, **settings)

    return make


def made(done):
    views = [step.candidates for _, step in done.steps if step.candidates is not None]
    return views or [result.latent if result.cloud is None else result.cloud.points for result in done.results]


def notices_of(done):
    return Counter((index, step.notice) for index, step in done.steps if step.notice and "CUDA graph" in step.notice)


@pytest.mark.parametrize("model", RUNS)
def test_graphs_give_the_same_results_and_later_jobs_wait_for_nothing(monkeypatch, recipe, model):
    monkeypatch.setenv(VARIABLE, "0")
    with simulated_cuda() as counts:
        alone = run(counts, recipe(model))
        assert (alone.captures, counts.launches["graph"]) == (0, 0)
    monkeypatch.delenv(VARIABLE)
    with simulated_cuda() as counts:
        engine = Engine()
        first, later = (run(counts, recipe(model), engine=engine) for _ in range(2))
    assert all(np.array_equal(*pair) for done in (first, later) for pair in zip(made(alone), made(done), strict=True))
    has_kept_networks = model != "point-e/three-step"  # GLIDE's texts are part of its graphs
    assert (first.captures, later.captures) == (RUNS[model][1], 0 if has_kept_networks else RUNS[model][1])
    assert first.waits == later.waits == alone.waits
    assert SWITCH.notice is None


def test_a_batch_of_another_size_has_graphs_of_its_own(recipe):
    with simulated_cuda() as counts:
        engine = Engine()
        sizes = [run(counts, *(recipe("shap-e/image300M", seed=seed) for seed in range(size)), engine=engine).captures
                 for size in (1, 2, 1, 2)]  # fmt: skip
    assert sizes == [1, 1, 0, 0]


def previews_of(recipe):
    """Return the clouds of previews that are made after the run, when later steps have used the graphs again."""
    steps = [step for step in Engine().generate(recipe) if step.preview]
    return [step.preview().points for step in steps]


def test_previews_that_are_made_later_show_their_own_step(monkeypatch, recipe):
    shown = []
    for value in ("0", "1"):
        monkeypatch.setenv(VARIABLE, value)
        with simulated_cuda() as counts:
            shown.append(previews_of(recipe("point-e/base40M-textvec")))
            assert bool(counts.launches["graph"]) == (value == "1")
    assert len(shown[0]) == 10
    assert all(np.array_equal(*pair) for pair in zip(*shown, strict=True))


def test_a_canceled_run_of_glide_releases_its_graphs(recipe):
    with simulated_cuda() as counts:
        stream, seen = Engine().generate(recipe("point-e/three-step")), []
        graphs = []
        init = SimulatedGraph.__init__
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SimulatedGraph, "__init__", lambda graph: (init(graph), graphs.append(weakref.ref(graph)))[0])
            for step in stream:
                seen.append(step.stage)
                if step.stage == "image" and step.index == 5:
                    break
        assert counts.launches["graph"]
        assert graphs[0]() is not None
        stream.close()
        del stream, step
        gc.collect()
        assert [graph() for graph in graphs] == [None]


def test_tables_that_a_cache_forgets_stay_in_memory_for_the_graphs(recipe):
    with simulated_cuda() as counts:
        engine = Engine()
        first = run(counts, recipe("point-e/base40M-textvec"), engine=engine)
        copies_bias.cache_clear()
        later = run(counts, recipe("point-e/base40M-textvec"), engine=engine)
    assert np.array_equal(made(first)[0], made(later)[0])
    assert later.captures == 0


def fail(*args, **kwargs):
    raise RuntimeError("CUDA error: operation failed due to a previous error during capture")


def run_out_of_memory(*args):
    raise torch.OutOfMemoryError("CUDA out of memory.")


def failing_replay(replays):
    replay, done = SimulatedGraph.replay, []

    def call(graph):
        done.append(graph)
        (replay if len(done) <= replays else run_out_of_memory)(graph)

    return call


# reason: what fails, and the model of the test
FAILURES = {
    "captured (CUDA error: operation failed": ("graph", fail, "shap-e/text300M"),
    "replayed (CUDA out of memory)": ("replay", failing_replay(2), "point-e/base40M-textvec"),
    "captured (8192 MB of the GPU are free": ("max_memory_allocated", lambda device=None: 2 << 30, "shap-e/text300M"),
    "differs by nan": ("replay", lambda graph: None, "point-e/three-step"),
}


@pytest.mark.parametrize("reason", FAILURES)
def test_jobs_go_on_after_a_failure_and_each_is_told(monkeypatch, recipe, reason):
    what, replacement, model = FAILURES[reason]
    monkeypatch.setenv(VARIABLE, "0")
    with simulated_cuda() as counts:
        alone = run(counts, recipe(model), recipe(model, seed=4))
    monkeypatch.delenv(VARIABLE)
    with simulated_cuda() as counts:
        monkeypatch.setattr(SimulatedGraph if what == "replay" else torch.cuda, what, replacement)
        engine = Engine()
        done, later = (run(counts, recipe(model), recipe(model, seed=4), engine=engine) for _ in range(2))
    notice, SWITCH.notice = SWITCH.notice, None
    assert reason in notice
    assert notices_of(done) == {(0, notice): 1, (1, notice): 1}
    assert not notices_of(later), "only the jobs that ran meanwhile are told"
    assert all(np.array_equal(*pair) for batch in (done, later) for pair in zip(made(alone), made(batch), strict=True))


def test_graphs_are_released_if_a_run_needs_their_memory(monkeypatch, recipe):
    with simulated_cuda() as counts:
        engine = Engine()
        run(counts, recipe("shap-e/text300M"), engine=engine)
        assert any(graphs.recordings for graphs in GRAPHS.values())
        with monkeypatch.context() as patch:
            patch.setattr(Field, "signed_distance", run_out_of_memory)
            with pytest.raises(torch.OutOfMemoryError):
                run(counts, recipe("shap-e/text300M"), engine=engine)
        assert not any(graphs.recordings for graphs in GRAPHS.values())
        assert run(counts, recipe("shap-e/text300M"), engine=engine).captures == 2


def test_the_bench_times_every_network_with_and_without_graphs(monkeypatch):
    monkeypatch.setattr(gpu, "SIDE", 64)
    with simulated_cuda():
        lines = gpu.rows(torch.device("cuda", 0), list(gpu.NETWORKS), [1, 2], repeats=1, width=16)
    assert [line.split(" | ")[2] for line in lines] == ["–", "replayed"] * 2 * len(gpu.NETWORKS)
    assert all(float(line.split(" | ")[4]) > 0 for line in lines)
