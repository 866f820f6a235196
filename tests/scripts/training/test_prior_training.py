# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the small Shap-E's prior: captioned parts, noise levels, and a classifier of latents."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_DECODER, MINI_PRIOR
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.captioned_latents import caption_ids, mentioned_parts, role_numbers
from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.data.colors import COLORS
from scripts.training.evaluate.color_error import MORE, ColorError, weights
from scripts.training.evaluate.latent_classifier import LatentClassifier, caption_loss
from scripts.training.train.accelerate import WithPlainAttention
from scripts.training.train.loop import Training
from scripts.training.train.new_words import learn_new_words
from scripts.training.train.prior import load_prior, noise_levels

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
        right, wrong = (
            color_error.error(latents, *color_error.draw(torch.tensor(rows), "cpu")) for rows in ([0, 1], [1, 0])
        )
    assert right.max() < 1e-6 < wrong.min()


def test_a_prior_with_more_layers_begins_as_the_shorter_one(tmp_path):
    torch.manual_seed(0)
    short, long = (SplitVectorDiffusion(replace(MINI_PRIOR, layers=layers)) for layers in (2, 3))
    checkpoint = {"averages": {"prior": short.state_dict()}}
    torch.save(checkpoint, tmp_path / "short.pt")
    load_prior(long, tmp_path / "short.pt")
    x, t, condition = torch.randn(2, MINI_PRIOR.d_latent), torch.tensor([5, 900]), torch.randn(2, 128, 13)
    with torch.no_grad():
        assert torch.allclose(short(x, t, condition), long(x, t, condition), atol=1e-5)


def test_a_prior_with_fewer_layers_than_the_checkpoint_is_refused(tmp_path):
    long = SplitVectorDiffusion(replace(MINI_PRIOR, layers=2))
    torch.save({"averages": {"prior": long.state_dict()}}, tmp_path / "long.pt")
    with pytest.raises(ValueError, match="has parameters that this prior lacks"):
        load_prior(SplitVectorDiffusion(replace(MINI_PRIOR, layers=1)), tmp_path / "long.pt")


def test_only_new_words_are_learned_by_the_network_and_by_its_running_average(tmp_path):
    torch.manual_seed(0)
    text, ids = WordEncoder(WordEncoderConfig(5, n_ctx=3)), torch.tensor([[1, 4, 5]])
    before = {name: value.clone() for name, value in text.state_dict().items()}
    optimizer = learn_new_words(text, {0, 1, 2, 3}, rate=0.1)
    training = Training(tmp_path / "checkpoint.pt", {"text": text}, [optimizer], decay=0.9)
    for _ in range(3):
        training.step(text(ids).square().mean(), 1)
    for state in (text.state_dict(), training.running_averages()["text"].state_dict()):
        changed = {name for name, value in state.items() if not torch.equal(value, before[name])}
        rows = (state["token_embedding.weight"] != before["token_embedding.weight"]).any(1)
        assert (changed, rows.tolist()) == ({"token_embedding.weight"}, [False] * 4 + [True] * 2)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_plain_attention_equals_the_fused_one(precision):
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 3, 5, 8, dtype=precision) for _ in range(3))
    bias = torch.randn(1, 1, 1, 5, dtype=precision)
    for mask in (None, bias):
        ours = WithPlainAttention().scaled_dot_product_attention(query, key, value, attn_mask=mask)
        fused = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        assert torch.allclose(ours.float(), fused.float(), atol=1e-5 if precision == torch.float32 else 0.03)
