# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts and images as conditions: what the networks receive, what the user is told, and what is loaded once."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from blender_text3d.engine.conditioning import mini_models, official_models
from blender_text3d.engine.conditioning.mini_models import CaptionConditioner, caption_conditioner
from blender_text3d.engine.conditioning.official_models import (
    ImageConditioner,
    NullConditioner,
    TextConditioner,
    clip_image_tower,
    image_conditioner,
    text_conditioner,
)
from blender_text3d.engine.image.caption import ImageCaption
from blender_text3d.engine.image.preprocess import prepare_image
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.text.tokenizer import tokenize
from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary
from tests.earlier_words import write_vocabulary
from tests.engine.image.drawing import mug

CPU = torch.device("cpu")
IMAGE = ClipImageConfig(image_resolution=28, patch_size=7, width=8, layers=1, heads=2, embed_dim=6)
VOCABULARY = Vocabulary(
    {"objects": ("chair", "mug"), "colors": ("red", "blue")}, {"cup": "mug"}, frozenset({"a", "the"})
)


def recipe(prompt="", image=None):
    return Recipe(prompt, "a model", seed=1, steps=1, guidance=1.0, grid=8, image=image)


@pytest.fixture
def captions():
    torch.manual_seed(0)
    config = WordEncoderConfig(words=4, n_ctx=3, width=8, layers=1, heads=2, output_channels=8)
    return CaptionConditioner(VOCABULARY, VOCABULARY.ids, WordEncoder(config).eval(), CPU)


@pytest.fixture
def picture(tmp_path):
    mug(shift=100).resize((80, 60)).save(tmp_path / "mug.png")
    return tmp_path / "mug.png"


def test_a_prompt_becomes_the_embeddings_of_its_words(captions):
    condition = captions(recipe("a red cup"))
    expected = captions.encoder(torch.tensor([[3, 2, 0]]))
    assert torch.equal(condition.values, expected)
    assert (condition.notice, condition.input_image) == (None, None)
    assert torch.equal(captions.encode_prompt("the red mug"), expected)
    assert not condition.values.requires_grad


def test_words_beyond_the_encoders_length_are_left_out(captions):
    assert torch.equal(captions.encode_prompt("red mug blue chair"), captions.encoder(torch.tensor([[3, 2, 4]])))


def test_a_prompt_of_unknown_words_is_no_condition_and_has_a_notice(captions):
    condition = captions(recipe("zorg blargh"))
    assert condition.values.shape == (1, 8, 4)
    assert not condition.values.any()
    assert "Unknown words: zorg, blargh." in condition.notice
    assert condition.notice.startswith("No object that this model can make is named. Name one, such as chair, mug.")


def test_an_object_without_known_words_is_varied_without_words_and_that_is_told(captions, tmp_path):
    condition = captions(replace(recipe("Cube.001"), object=tmp_path / "cube.npz"))
    assert not condition.values.any()
    assert condition.notice == "'Cube.001' has no word that the model knows, so the object is varied without words."
    assert captions(replace(recipe("red chair"), object=tmp_path / "cube.npz")).notice is None


def captioned(kind, view=None):
    """An image of a blue object as the tower reads it."""
    image_caption = ImageCaption(kind, True, (kind,), "blue", "", ())
    return SimpleNamespace(
        caption=image_caption.caption, notice=image_caption.notice, image_caption=image_caption, view=view
    )


@pytest.fixture
def two_trainings(monkeypatch, tmp_path):
    """The conditioners of a model that knows all words, and of one that knows those of an earlier training."""
    models = ["mini/shap-e", "mini/three-step"]
    path = write_vocabulary(tmp_path / "vocabulary.json", latest=models, earlier=["mini/point-e"])
    monkeypatch.setattr(mini_models, "VOCABULARY", path)
    caption_conditioner.cache_clear()
    yield caption_conditioner(CPU), caption_conditioner(CPU, "mini/point-e")
    caption_conditioner.cache_clear()


@pytest.mark.parametrize(
    ("kind", "tokens", "told"),
    [
        ("cat", ("blue",), " mini/point-e does not know 'cat'; mini/shap-e and mini/three-step do."),
        ("hotdog", ("blue",), " mini/point-e does not know 'hot dog'; mini/shap-e and mini/three-step do."),
        ("sofa", ("blue", "armchair"), " 'sofa' is read as armchair."),
        ("pot", ("blue", "vase"), " 'pot' is read as vase."),
        ("mug", ("blue", "mug"), ""),
    ],
)
def test_a_kind_in_an_image_that_the_model_does_not_know_is_told_as_of_a_prompt(
    two_trainings, monkeypatch, kind, tokens, told
):
    latest, earlier = two_trainings
    seen = captioned(kind)
    monkeypatch.setattr(mini_models, "caption_image", lambda path, device: seen)
    of_image = earlier(recipe("a red chair", "image.png"))
    assert torch.equal(of_image.values, earlier.encode_tokens(tokens))
    assert of_image.notice == seen.notice + told
    assert latest(recipe("", "image.png")).notice == seen.notice


def test_an_image_becomes_the_embeddings_of_its_caption_whatever_the_prompt(captions, monkeypatch, picture):
    view = np.zeros((4, 4, 3), np.uint8)
    asked = []

    def caption_image(path, device):
        asked.append((path, device))
        return captioned("mug", view)

    monkeypatch.setattr(mini_models, "caption_image", caption_image)
    condition = captions(recipe("a red chair", picture))
    assert torch.equal(condition.values, captions.encode_prompt("a blue mug"))
    assert (condition.notice, condition.input_image is view) == ("Recognized: a blue mug.", True)
    assert asked == [(picture, CPU)]


@pytest.mark.parametrize(
    ("plain", "worded"),
    [
        ("a tree", "a low poly tree"),
        ("a red car", "3D model of a red car, 4k, white background"),
        ("a truck", "a truck with a matte finish"),
        ("a sofa", "a couch"),
        ("a green chair", "a light green chair"),
        ("a red chair", "ein roter Stuhl"),
    ],
)
def test_a_prompt_of_the_same_meaning_is_the_same_condition(plain, worded):
    conditioner = caption_conditioner(CPU)
    assert torch.equal(conditioner(recipe(plain)).values, conditioner(recipe(worded)).values)


def test_the_shipped_encoder_is_loaded_once_and_fits_its_vocabulary():
    conditioner = caption_conditioner(CPU)
    assert conditioner is caption_conditioner(CPU)
    assert conditioner.encoder is caption_conditioner(CPU, "mini/point-e").encoder
    assert conditioner.encoder.token_embedding.num_embeddings == len(conditioner.vocabulary.ids) + 1
    assert conditioner.encode_prompt("a red chair").shape == (1, 128, 13)
    assert (conditioner.device, conditioner.encoder.training) == (CPU, False)


def test_a_model_of_an_earlier_training_gets_its_own_words_as_the_shared_encoder_numbers_them(two_trainings):
    latest, earlier = two_trainings
    cup, mug = (earlier(recipe(prompt)) for prompt in ("a red cup", "a red mug"))
    assert torch.equal(cup.values, mug.values)
    assert torch.equal(mug.values, latest(recipe("a red mug")).values)
    assert not torch.equal(latest(recipe("a red cup")).values, mug.values)
    assert not earlier(recipe("a dragon")).values.any()


@pytest.fixture
def text_tower():
    torch.manual_seed(0)
    return ClipText(ClipTextConfig(width=8, layers=1, heads=2, embed_dim=8)).eval()


def test_a_prompt_becomes_clips_embedding_and_a_long_one_has_a_notice(text_tower):
    conditioner = TextConditioner(text_tower, CPU)
    condition = conditioner(recipe("a red chair"))
    torch.testing.assert_close(condition.values, text_tower(torch.tensor([tokenize("a red chair").ids])))
    assert (condition.values.shape, condition.notice, condition.input_image) == ((1, 8), None, None)
    notice = conditioner(recipe("chair " * 80)).notice
    assert notice == tokenize("chair " * 80).notice
    assert "this was dropped" in notice


@pytest.mark.parametrize("uses_grid", [True, False])
def test_an_image_becomes_clips_embedding_or_its_grid(picture, uses_grid):
    torch.manual_seed(0)
    tower = ClipImage(IMAGE).eval()
    condition = ImageConditioner(tower, CPU, uses_grid)(recipe("ignored", picture))
    prepared = prepare_image(picture, 28)
    expected = tower.grid(prepared.pixels) if uses_grid else tower(prepared.pixels)
    torch.testing.assert_close(condition.values, expected)
    assert condition.values.shape == ((1, 8, 16) if uses_grid else (1, 6))
    np.testing.assert_array_equal(condition.input_image, prepared.view)
    assert condition.notice == " ".join(prepared.notes)
    assert "touches the edge" in condition.notice


def test_an_image_without_advice_has_no_notice(tmp_path):
    mug().save(tmp_path / "mug.png")
    tower = ClipImage(IMAGE)
    assert ImageConditioner(tower, CPU, False)(recipe("", tmp_path / "mug.png")).notice is None


def test_conditions_can_be_changed_after_inference(text_tower):
    values = TextConditioner(text_tower, CPU)(recipe("a")).values
    with torch.inference_mode():
        values.mul_(2)  # a clone, so that nothing else shares its memory


def test_a_model_without_a_condition_gets_none_and_says_so():
    condition = NullConditioner(CPU)(recipe("a red chair"))
    assert condition.values.shape == (1, 0)
    assert condition.notice == "This model ignores the prompt: it generates a random object for each seed."


@pytest.fixture
def loads(monkeypatch):
    """Replace loading, and return the parts that were loaded with the networks that would be built."""
    loaded = []

    def load_network(name, build, device, *, part):
        with torch.device("meta"):
            loaded.append((name, part, device, build().config))
        return SimpleNamespace(network=object())

    caches = (text_conditioner, clip_image_tower)
    for cached in caches:
        cached.cache_clear()
    monkeypatch.setattr(official_models, "load_network", load_network)
    yield loaded
    for cached in caches:
        cached.cache_clear()


def test_each_of_clips_towers_is_loaded_once_for_all_models(loads):
    assert text_conditioner(CPU) is text_conditioner(CPU)
    grid, vector = image_conditioner(CPU, uses_grid=True), image_conditioner(CPU, uses_grid=False)
    assert (grid.uses_grid, vector.uses_grid, grid.device) == (True, False, CPU)
    assert grid.tower is vector.tower
    assert loads == [
        ("clip/ViT-L-14", "text", CPU, ClipTextConfig()), ("clip/ViT-L-14", "image", CPU, ClipImageConfig()),
    ]  # fmt: skip
