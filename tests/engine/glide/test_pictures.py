# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts to pictures with small random networks."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blender_text3d.engine.glide import pictures
from blender_text3d.engine.glide.official import Glide
from blender_text3d.engine.glide.pictures import InvalidPicture, sample_pictures
from blender_text3d.engine.glide.qualities import QUALITIES, Quality, Sampling
from tests.engine.glide.sizes import SMALL, SMALL_UPSAMPLE, small_networks

CPU = torch.device("cpu")
CONFIGS = {"base": SMALL, "upsample": SMALL_UPSAMPLE}


class Loader:
    """Loads small networks and records what was loaded."""

    def __init__(self):
        self.loaded = []
        self.networks = {name: small_networks(config) for name, config in CONFIGS.items()}

    def __call__(self, name, part, device):
        self.loaded.append((name, part))
        return self.networks[name][part == "glide image"]


@pytest.fixture
def model():
    return Glide(CPU, Loader())


def made(model, *arguments, **settings):
    steps, run = [], sample_pictures(model, *arguments, **settings)
    while True:
        try:
            steps.append(next(run))
        except StopIteration as end:
            return end.value, steps


@pytest.mark.parametrize(("quality", "size"), [("standard", 16), ("draft", 8)])
def test_the_pictures_are_bytes_and_every_step_shows_the_estimate(model, quality, size):
    result, steps = made(model, ["a chair"], [3], quality)
    assert (result.shape, result.dtype) == ((1, size, size, 3), np.uint8)
    assert result.std() > 10
    assert np.array_equal(steps[-1].pictures(), result)
    stages = ["image"] * QUALITIES[quality].base.steps
    stages += ["enlarge"] * (QUALITIES[quality].upsample.steps if size == 16 else 0)
    assert [step.stage for step in steps] == stages
    assert steps[-1].index == steps[-1].total
    sigmas = [step.sigma for step in steps if step.stage == "image"]
    assert sigmas == sorted(sigmas, reverse=True)


def test_the_exact_quality_is_that_of_the_notebook(model, monkeypatch):
    assert QUALITIES["exact"] == Quality(Sampling("ddpm", "100"), Sampling("ddim", "fast27"))
    short = Quality(Sampling("ddpm", "3"), Sampling("ddim", "2"))
    monkeypatch.setitem(pictures.QUALITIES, "exact", short)
    torch.manual_seed(5)
    drawn = [torch.randn(2, 3, 8, 8)[:1] for _ in range(4)] + [torch.randn(1, 3, 16, 16) for _ in range(3)]
    seen = []
    monkeypatch.setattr(pictures, "ddpm", lambda predict, x, schedule, noise: recorded(seen, x, noise, 3))
    monkeypatch.setattr(pictures, "ddim", lambda predict, x, schedule, noise: recorded(seen, x / 0.997, noise, 2))
    made(model, ["a chair"], [5], "exact")
    assert all(torch.allclose(*pair, atol=1e-6) for pair in zip(seen, drawn, strict=True))


def recorded(seen, x, noise, steps):
    seen.extend([x, *(noise(x) for _ in range(steps))])
    yield pictures.SolverState(0, 1, 1.0, x, x, x)


def test_the_exact_quality_runs_with_fresh_noise(model, monkeypatch):
    monkeypatch.setitem(pictures.QUALITIES, "exact", Quality(Sampling("ddpm", "3"), Sampling("ddim", "2")))
    result, steps = made(model, ["a chair"], [5], "exact")
    assert [(step.stage, step.index, step.total) for step in steps] == [
        ("image", 1, 3), ("image", 2, 3), ("image", 3, 3), ("enlarge", 1, 2), ("enlarge", 2, 2),
    ]  # fmt: skip
    assert not np.array_equal(result, made(model, ["a chair"], [6], "exact")[0])


def test_a_picture_is_the_same_alone_and_in_a_batch_and_depends_on_prompt_and_seed(model):
    batch, _ = made(model, ["a chair", "a vase", "a chair"], [1, 1, 2], "draft")
    alone, _ = made(model, ["a chair"], [1], "draft")
    assert np.abs(batch[0].astype(int) - alone[0]).max() <= 1
    assert np.abs(batch[0].astype(int) - batch[1]).max() > 1
    assert np.abs(batch[0].astype(int) - batch[2]).max() > 10


def test_a_prompt_is_read_once_by_each_text_transformer(model):
    made(model, ["a chair"], [1])
    made(model, ["a chair"], [2], "draft")
    loaded = model._load.loaded
    assert [name for name, part in loaded if part == "glide text"] == ["base", "upsample"]
    made(model, ["a vase"], [1], "draft")
    assert loaded.count(("base", "glide text")) == 2


def test_on_the_cpu_the_networks_are_not_kept(model):
    for _ in range(2):
        made(model, ["a chair"], [1], "draft")
    assert model._load.loaded.count(("base", "glide image")) == 2


def test_a_long_prompt_gives_a_notice(model):
    _, steps = made(model, ["chair " * 200], [1], "draft")
    assert "128 tokens" in steps[0].notice


@pytest.mark.parametrize(("checkpoint", "step"), [("base", "1 of 12 of glide/base"), ("upsample", "of glide/upsample")])
def test_invalid_numbers_stop_the_run_with_the_step_and_what_to_do(model, checkpoint, step):
    model._load.networks[checkpoint][1].out[2].bias[0] = float("nan")
    quality = "draft" if checkpoint == "base" else "standard"
    with pytest.raises(InvalidPicture, match=rf"{step}\. Download that checkpoint again"):
        made(model, ["a chair"], [1], quality)


def test_features_of_many_texts_do_not_fill_the_memory(model, monkeypatch):
    monkeypatch.setattr("blender_text3d.engine.glide.official.MAX_TEXTS", 3)
    expected = model.features("base", ["a", "b"])
    for text in "cdefg":
        model.features("base", [text])
        assert len(model._features) <= 3
    assert torch.equal(model.features("base", ["a", "b"]).xf_out, expected.xf_out)


def test_a_guidance_of_another_scale_gives_another_picture(model):
    first, second = (made(model, ["a chair"], [1], "draft", guidance=scale)[0] for scale in (1.0, 8.0))
    assert not np.array_equal(first, second)
    assert replace(SMALL, super_res=True).input_channels == 6
