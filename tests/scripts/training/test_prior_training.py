# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the small Shap-E's prior: captioned parts, noise levels, and a classifier of latents."""

import numpy as np
import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.data.colors import COLORS
from scripts.training.evaluate.color_error import MORE, ColorError, weights
from scripts.training.evaluate.latent_classifier import LatentClassifier, caption_loss
from scripts.training.train.prior import caption_ids, mentioned_parts, noise_levels, role_numbers

CHAIR = next(index for index, category in enumerate(CATEGORIES) if category.name == "chair")


def captioned_parts(*captions):
    vocabulary = Vocabulary.read(VOCABULARY)
    colors = torch.arange(len(ROLES))[None].expand(len(captions), -1) % 12
    ids = caption_ids(vocabulary, np.array([[caption, caption] for caption in captions]), 12)
    parts = mentioned_parts(colors, torch.full((len(captions),), CHAIR), ids, vocabulary)
    return [{ROLES[role] for role in np.flatnonzero(row >= 0)} for row in parts]


def test_only_the_parts_named_by_a_caption_are_mentioned():
    assert captioned_parts("a red chair with white legs", "a red chair") == [{"legs"}, set()]


def test_every_part_of_every_category_is_in_the_vocabulary():
    for category, roles in zip(CATEGORIES, role_numbers(Vocabulary.read(VOCABULARY)), strict=True):
        assert all(way for ways in roles.values() for way in ways), category.name


def test_the_classifier_loss_includes_only_captioned_parts():
    torch.manual_seed(0)
    classifier, latents = LatentClassifier().eval(), torch.rand(3, MINI_PRIOR.d_latent)
    nothing = torch.full((3, len(ROLES)), -1)
    one = nothing.clone()
    one[1, 5] = 2
    labels = torch.zeros(3, dtype=torch.long), torch.zeros(3, dtype=torch.long)
    without, with_part = (caption_loss(classifier, latents, *labels, parts) for parts in (nothing, one))
    assert with_part[1] > without[1]
    assert torch.equal(with_part[[0, 2]], without[[0, 2]])


def test_a_classifier_learns_colors_from_a_few_latents():
    torch.manual_seed(0)
    classifier, latents = LatentClassifier(), torch.rand(12, MINI_PRIOR.d_latent)
    labels = torch.zeros(12, dtype=torch.long), torch.arange(len(COLORS)), torch.full((12, len(ROLES)), -1)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=1e-3)
    for _ in range(30):
        optimizer.zero_grad()
        caption_loss(classifier, latents, *labels).mean().backward()
        optimizer.step()
    assert classifier(latents)[1].argmax(1).tolist() == list(range(12))


def test_noise_levels_range_from_nearly_clean_to_nearly_pure_noise():
    torch.manual_seed(0)
    alphas_cumprod = torch.from_numpy(Schedule("exp").alphas_cumprod)
    signal = alphas_cumprod[noise_levels(200, alphas_cumprod)]
    assert signal.max() > 0.98
    assert signal.min() < 1e-3
    assert 0.3 < signal.float().mean() < 0.7


def test_colors_of_parts_have_a_larger_weight_than_the_main_color():
    colors = torch.tensor([(1.0, 0, 0)] * 5 + [(0.9, 0, 0), (1.0, 1, 1)])[None]
    assert weights(colors).tolist() == [[1] * 6 + [1 + MORE]]


def test_the_color_error_is_zero_for_the_true_latent_only():
    torch.manual_seed(0)
    decoder, latents = VectorDecoder(MINI_DECODER).eval(), torch.rand(2, MINI_PRIOR.d_latent)
    points = torch.rand(2, 200, 3) - 0.5
    with torch.no_grad():
        colors = torch.sigmoid(decoder(latents, points)[..., 3:6]) * 255
        color_error = ColorError(points, colors, decoder)
        assert (
            color_error.error(latents, torch.tensor([0, 1])).max()
            < 1e-6
            < color_error.error(latents, torch.tensor([1, 0])).min()
        )
