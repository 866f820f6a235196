# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that end at shapes of a data set: their path, their noise, and what their captions tell."""

import numpy as np
import pytest
import torch

from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.diffusion.solvers import heun
from scripts.training.data.captioned_latents import LABELS
from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.data.colors import COLORS
from scripts.training.data.inverted_runs import (
    EncodedShapes,
    NothingRight,
    captions_and_labels,
    inverted,
    make_shard,
)
from scripts.training.data.teacher_runs import SHAP_E, load_prior, runs_of
from scripts.training.train.distilled_shap_e import Runs, student_levels


class Options:
    batch, device = 2, "cpu"


def test_the_path_of_a_normal_distribution_is_the_exact_one():
    """Of a standard deviation s, the ODE multiplies a sample by sqrt(s² + sigma²) / s."""
    deviation, sigmas = 0.5, SHAP_E.sigmas()
    clean = deviation * torch.randn(4, 5, generator=torch.Generator().manual_seed(0))

    def denoise(x, sigma):
        return x * deviation**2 / (deviation**2 + sigma**2)

    states = inverted(denoise, clean, torch.zeros_like(clean), sigmas)
    expected = clean * float(np.hypot(deviation, sigmas[0])) / deviation
    assert states.shape == (4, len(sigmas), 5)
    assert torch.equal(states[:, -1], clean)
    assert torch.allclose(states[:, 0], expected, rtol=0.1)


def test_the_noise_of_a_latent_leads_back_to_it():
    prior, schedule = load_prior(), Schedule("exp")
    captions = ["a red chair", "a blue mug"]
    clean = runs_of(prior, SHAP_E, captions, torch.Generator().manual_seed(3))[:, -1].float()
    encode = caption_conditioner(torch.device("cpu")).encode_prompt
    denoise = guided_denoiser(prior, schedule, "x_start", torch.cat([encode(text) for text in captions]), 1.0)
    states = inverted(
        denoise, clean, torch.randn(clean.shape, generator=torch.Generator().manual_seed(4)), SHAP_E.sigmas()
    )
    *_, last = heun(denoise, states[:, 0], SHAP_E.sigmas())
    error = (last.x - clean).norm(dim=1) / clean.norm(dim=1)
    apart = (clean[0] - clean[1]).norm() / clean[0].norm()
    assert error.max() < 0.25 < apart


@pytest.fixture
def latents(tmp_path):
    """The file of two encoded shapes."""
    parts = np.full((2, len(ROLES)), -1)
    category, role = next((index, next(iter(some.accents))) for index, some in enumerate(CATEGORIES) if some.accents)
    parts[:, ROLES.index(role)] = 3
    word = CATEGORIES[category].accents[role][0][0]
    said = f"a {list(COLORS)[1]} {CATEGORIES[category].name} with {list(COLORS)[3]} {word}"
    path, labels = tmp_path / "latents.npz", {"category": [category] * 2, "color": [1, 1], "part_colors": parts}
    np.savez(
        path, latents=np.full((2, *SHAP_E.shape), 0.25, np.float16), captions=np.array([[said], ["a thing"]]), **labels
    )
    return EncodedShapes(path)


def test_labels_are_those_of_parts_that_the_caption_names(latents):
    for seed in range(20):
        captions, (category, color, parts) = captions_and_labels(latents, np.arange(2), np.random.default_rng(seed))
        assert category.tolist() == latents.labels["category"].tolist()
        assert color.tolist() == [1, 1]
        assert (parts[0] >= 0).any() == (" with " in captions[0])
        assert (parts[1] == -1).all()


def test_a_student_reads_the_runs_to_latents(latents, tmp_path):
    folder = tmp_path / "runs"
    folder.mkdir()
    network, rng = (lambda x, t, condition: x * 0), np.random.default_rng(0)
    make_shard(network, None, latents, folder / "101-0000.npz", np.arange(2), rng, Options)
    runs = Runs(folder, student_levels())
    assert torch.equal(runs.states[:, -1].float(), torch.full((2, *SHAP_E.shape), 0.25))
    assert runs.states[:, 0].float().std() == pytest.approx(1, abs=0.1)
    assert len(runs.labels) == len(LABELS)


def test_runs_to_shapes_that_are_not_right_are_left_out(latents, tmp_path):
    def second(some, labels):
        assert [len(label) for label in labels] == [len(some)] * 3
        return torch.tensor([False, True])

    network = lambda x, t, condition: x * 0  # noqa: E731
    make_shard(network, second, latents, tmp_path / "101-0000.npz", np.arange(2), np.random.default_rng(3), Options)
    with np.load(tmp_path / "101-0000.npz") as shard:
        assert {len(shard[key]) for key in shard.files} == {1}
        assert shard["part_colors"].max() == -1  # those of the second shape, whose captions name no part


def test_classifiers_that_find_nothing_right_are_told(latents, tmp_path):
    nothing, rng = (lambda some, labels: torch.zeros(len(some), dtype=torch.bool)), np.random.default_rng(0)
    with pytest.raises(NothingRight, match=r"none of 2 shapes right\. Train them for longer\."):
        make_shard(None, nothing, latents, tmp_path / "101-0000.npz", np.arange(2), rng, Options)
    assert not [*tmp_path.glob("101-*")]
