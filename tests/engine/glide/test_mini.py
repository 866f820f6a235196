# SPDX-License-Identifier: GPL-3.0-or-later
"""The small GLIDE with its included weights."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from blender_text3d.engine.glide import mini
from blender_text3d.engine.glide.mini import CONFIG, MODEL, MiniGlide
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.image.caption_from_image import caption_image
from blender_text3d.engine.mini.files import FOLDER, GLIDE_WEIGHTS, VOCABULARY
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from blender_text3d.prompts.vocabulary import Vocabulary
from tests.earlier_words import write_vocabulary

CPU, EMBEDDING = torch.device("cpu"), "token_embedding.weight"


@pytest.fixture(scope="module")
def model():
    return MiniGlide(CPU)


def made(steps):
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return end.value, seen


@pytest.fixture(scope="module")
def views(model):
    return made(model.pictures(["a red chair", "a blue mug", "a yellow banana"], [0, 7, 0], "draft"))[0]


def test_the_file_holds_the_tensors_of_both_networks_in_eight_bits():
    names = {*TextTransformer(CONFIG).state_dict(), *UNet(CONFIG).state_dict()}
    stored = load_file(GLIDE_WEIGHTS)
    assert {name.removesuffix(".scale") for name in stored} == names
    assert CONFIG.vocabulary == len(Vocabulary.read(VOCABULARY, MODEL).ids) + 1
    assert GLIDE_WEIGHTS.stat().st_size < 3_000_000
    assert sum(file.stat().st_size for file in FOLDER.glob("*.safetensors")) < 26_000_000


def test_the_words_of_a_network_that_was_trained_with_earlier_ones_are_read_by_their_ids(model, tmp_path, monkeypatch):
    prompts = ["a red chair", "a tall mug with a blue handle"]
    expected = model.features("base", prompts)
    path = write_vocabulary(tmp_path / "vocabulary.json", latest=[], earlier=[MODEL])
    monkeypatch.setattr(mini, "VOCABULARY", path)
    tensors, latest = load_float32(GLIDE_WEIGHTS), Vocabulary.read(VOCABULARY).ids
    own = Vocabulary.read(mini.VOCABULARY, MODEL).ids
    rows = tensors[EMBEDDING][[0, *(latest[word] for word in own)]]
    save_file(tensors | {EMBEDDING: rows}, tmp_path / "glide.safetensors")
    features = MiniGlide(CPU, path=tmp_path / "glide.safetensors").features("base", prompts)
    assert own != latest
    assert all(map(torch.allclose, features, expected))


def test_a_network_of_other_words_is_refused(tmp_path):
    tensors = load_float32(GLIDE_WEIGHTS)
    save_file(tensors | {EMBEDDING: tensors[EMBEDDING][:100].clone()}, tmp_path / "glide.safetensors")
    with pytest.raises(BrokenWeights, match=r"glide.safetensors was trained with 99 words, and this version has \d+\."):
        MiniGlide(CPU, path=tmp_path / "glide.safetensors").features("base", ["a red chair"])


def test_the_view_of_a_prompt_shows_its_kind_in_its_color(views, tmp_path):
    for view, kind, color in zip(views, ("chair", "mug", "banana"), ("red", "blue", "yellow"), strict=True):
        Image.fromarray(view).save(tmp_path / "view.png")
        caption = caption_image(tmp_path / "view.png", CPU).image_caption
        assert (caption.category, caption.color) == (kind, color)
    assert np.median(views[:, 0], axis=(0, 1)).min() > 245  # the ground


def test_a_view_is_the_same_alone_and_in_a_batch(model, views):
    alone, steps = made(model.pictures(["a blue mug"], [7], "draft"))
    assert np.abs(alone[0].astype(int) - views[1]).max() <= 1
    assert (steps[-1].stage, steps[-1].index, steps[-1].total) == ("image", 12, 12)
    assert np.array_equal(steps[-1].pictures(), alone)


def test_words_that_are_not_known_are_told(model):
    notices = [step.notice for step in made(model.pictures(["a red chair, xyzzy"], [0], "draft"))[1] if step.notice]
    assert notices == ["Unknown words: xyzzy."]


def test_closing_frees_the_networks_and_they_are_read_again(model):
    first = model.unet("base")
    assert model.unet("base") is first
    model.close()
    model.close()
    assert model.unet("base") is not first


@pytest.mark.parametrize("damage", ["missing", "truncated", "a tensor less", "a tensor more"])
def test_damaged_weights_are_named_before_a_view_is_made(damage, tmp_path):
    path = tmp_path / "glide.safetensors"
    tensors = load_file(GLIDE_WEIGHTS)
    if damage == "a tensor less":
        del tensors["out.2.bias"]
    elif damage == "a tensor more":
        tensors["another"] = torch.zeros(1)
    save_file(tensors, path)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-9])
    elif damage == "missing":
        path.unlink()
    with pytest.raises(BrokenWeights):
        made(MiniGlide(CPU, path=path).pictures(["a chair"], [0], "draft"))
