# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the small GLIDE: views with captions, noise levels, losses, optimizer; the evaluation's prompts."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from blender_text3d.engine.glide.blocks import GroupNorm
from scripts.training.data.catalogue import CATEGORIES, is_held_out
from scripts.training.data.colors import COLORS, tint
from scripts.training.evaluate.view_prompts import named_parts, other_colors, prompt_of, tasks_of
from scripts.training.evaluate.views import PROMPTS, task_of
from scripts.training.images.captioned_views import VOCABULARY_OF_PROMPTS, captioned_views, token_ids
from scripts.training.images.coloring import TRAINING_COLORS
from scripts.training.images.image_dataset import KEYS, make_shape
from scripts.training.images.view_dataset import narrow_shot
from scripts.training.train.bfloat16_layers import WithPlainAttention, modulated_norm, norm
from scripts.training.train.glide import (
    LEVELS,
    MAX_LEVEL,
    MIN_LEVEL,
    SCHEDULE,
    draw_timesteps,
    loss_of,
    new_networks,
    variance_loss,
)
from scripts.training.train.muon import Muon, orthogonal


@pytest.fixture(scope="module")
def shapes():
    rng = np.random.default_rng(5)
    drawn = [make_shape(rng, views=1, shot=narrow_shot) for _ in range(4)]
    return {key: np.stack([shape[key] for shape in drawn]) for key in KEYS}


def test_the_networks_know_every_word_of_the_captions(shapes):
    networks, last = new_networks(), max(VOCABULARY_OF_PROMPTS.ids.values())
    pixels, ids = captioned_views(shapes, np.arange(2), TRAINING_COLORS, 12, np.random.default_rng(0))
    ids[0, 0] = last
    torch.manual_seed(0)  # a tenth of the captions is left out
    loss_of(networks, (pixels, ids)).backward()
    assert networks["text"].token_embedding.weight.grad[last].any()
    assert networks["text"].token_embedding.num_embeddings == last + 1


def test_a_view_shows_its_caption_on_white(shapes):
    batch = captioned_views(shapes, np.arange(4), TRAINING_COLORS, 12, np.random.default_rng(0))
    assert batch.pixels.shape == (4, 3, 64, 64)
    names = {token_id: word for word, token_id in VOCABULARY_OF_PROMPTS.ids.items()}
    for pixels, ids, number in zip(batch.pixels, batch.ids, shapes["category"], strict=True):
        words = [names[int(token_id)] for token_id in ids if token_id]
        assert CATEGORIES[number].name in words
        assert (pixels[:, :2] == 1).all()
        assert (pixels[:, :, :2] == 1).all()
        colors = (pixels.flatten(1).T + 1) * 127.5
        for color in set(words) & {*COLORS} - {"white", "gray", "black"}:
            hue = torch.tensor(tint(color)).float() / max(tint(color))
            brightness = colors.amax(1, keepdim=True)
            near = (colors - hue * brightness).abs().amax(1) < 0.15 * brightness[:, 0]
            assert (near & (brightness[:, 0] > 40)).sum() > 5


def test_words_beyond_the_length_are_left_out():
    assert (token_ids(["a tall red chair with white legs"], 3) > 0).sum() == 3
    assert (token_ids(["zzz"], 3) == 0).all()


def test_noise_levels_of_a_batch_cover_their_whole_range():
    t = draw_timesteps(400)
    levels = np.sort(LEVELS[t.numpy()])
    assert levels[0] < 0.03
    assert levels[-1] > 90
    assert levels[200] == pytest.approx(1.5, rel=0.05)
    assert levels[0] >= MIN_LEVEL
    assert levels[-1] <= MAX_LEVEL * 1.1


def test_the_variance_is_learned_that_the_error_of_the_picture_asks_for():
    t = torch.full((2000,), 400)
    pixels = torch.zeros(2000, 1, 1, 1)
    smallest, largest = SCHEDULE.posterior_log_variance_clipped[400], np.log(SCHEDULE.betas[400])
    error = 1.5 * torch.randn(pixels.shape).clamp(-0.6, 0.6)
    fraction = torch.zeros((), requires_grad=True)
    optimizer = torch.optim.Adam([fraction], lr=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        variance_loss(fraction.expand_as(pixels), error, pixels, t).backward()
        optimizer.step()
    seen = np.exp(smallest) + SCHEDULE.posterior_mean_coef1[400] ** 2 * float((error.clamp(-1, 1) ** 2).mean())
    assert smallest + (fraction.item() + 1) / 2 * (largest - smallest) == pytest.approx(np.log(seen), abs=1e-4)


@pytest.mark.parametrize("shape", [(6, 20), (20, 6)])
def test_the_directions_of_a_matrix_are_made_equally_long(shape):
    values = torch.linalg.svdvals(orthogonal(torch.randn(shape) * 30))
    assert (values > 0.6).all()
    assert (values < 1.3).all()


def test_filters_are_updated_by_steps_of_the_set_size():
    weight = torch.nn.Parameter(torch.zeros(8, 4, 3, 3))
    (weight * torch.randn(weight.shape)).sum().backward()
    Muon([weight], lr=0.1, weight_decay=0.0).step()
    assert weight.detach().pow(2).mean().sqrt() == pytest.approx(0.1 * 0.2, rel=0.2)


def test_the_layers_of_the_training_are_those_of_the_engine():
    layer, x = GroupNorm(32, 8), torch.randn(3, 32, 4, 4)
    torch.nn.init.normal_(layer.weight)
    modulation = layer.modulation(torch.randn(3, 32), torch.randn(3, 32))
    assert torch.allclose(norm(layer, x), layer(x), atol=1e-5)
    assert torch.allclose(modulated_norm(layer, x, modulation), layer.modulated(x, modulation), atol=1e-5)
    rows = [torch.randn(2, 3, 5, 8) for _ in range(3)]
    attention = WithPlainAttention()
    expected = F.scaled_dot_product_attention(*rows)
    assert torch.allclose(attention.scaled_dot_product_attention(*rows), expected, atol=1e-5)
    assert attention.silu is F.silu


def test_the_prompts_of_the_evaluation_name_every_kind_in_known_and_unseen_colors_and_with_parts():
    prompts = PROMPTS.read_text(encoding="utf-8").splitlines()
    tasks = [task_of(prompt) for prompt in prompts]
    assert [prompt_of(task) for task in tasks] == prompts
    assert len(set(prompts)) == len(prompts)
    for category in CATEGORIES:
        own = [task for task in tasks if task.category == category.name]
        assert sum(bool(task.part) for task in own) == 2
        assert all(task.color in COLORS and task.part_color in {"", *COLORS} for task in own)
        plain = [task.held_out for task in own if not task.part]
        has_unseen = any(is_held_out(category.name, color) for color in COLORS)
        assert sorted(plain) == [False, False, True][: 2 + has_unseen]
        assert all(not task.held_out and task.part_color != task.color for task in own if task.part)
    assert "an orange tree" not in prompts  # the name of a tree that is green


@pytest.mark.parametrize("kind", ["chair", "pine", "glasses"])
def test_the_prompts_of_a_kind_are_those_of_the_file(kind):
    (category,) = (category for category in CATEGORIES if category.name == kind)
    written = [prompt for prompt in PROMPTS.read_text(encoding="utf-8").splitlines() if f" {kind}" in prompt]
    assert [prompt_of(task) for task in tasks_of(category)] == written


def test_a_part_that_hardly_shows_or_hides_the_main_color_is_named_only_if_there_is_no_other():
    large, small, rare, fair = [0.9] * 16, [0.01] * 16, [0.0] * 13 + [0.2] * 3, [0.2] * 16
    rng = np.random.default_rng(0)
    shares = {"top": large, "knob": small, "leg": fair, "door": fair, "flag": rare}
    assert sorted(named_parts(shares, rng)) == ["door", "leg"]
    assert sorted(named_parts({"top": large, "leg": fair, "flag": rare}, rng)) == ["flag", "leg"]
    assert named_parts({"knob": small, "leg": fair}, rng) == ["leg", "leg"]
    assert named_parts({"knob": small, "nose": [0.0] * 16}, rng) == ["knob", "knob"]


def test_the_color_of_a_part_is_none_that_it_has_without_being_named():
    car = next(category for category in CATEGORIES if category.name == "car")
    assert "black" in car.accents["wheels"][1]
    assert {*COLORS} - {*other_colors(car, "wheels", "red")} >= {"red", "black"}
