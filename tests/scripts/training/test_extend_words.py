# SPDX-License-Identifier: GPL-3.0-or-later
"""The word encoder of a larger vocabulary encodes the words of the smaller one as before."""

import json

import pytest
import torch

from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.train.export_words import known_ids, with_frozen
from scripts.training.train.extend_words import EMBEDDING, NOISE, NOISE_NEAR, extended, new_words

OLD = Vocabulary({"objects": ("mug", "boat"), "colors": ("red", "blue")}, {}, frozenset())
NEW = Vocabulary({"objects": ("boat", "cup", "mug", "dragon"), "colors": ("red", "blue")}, {}, frozenset())


def encoder_of(vocabulary):
    return WordEncoder(WordEncoderConfig(len(vocabulary.ids), n_ctx=3, width=8, layers=1, heads=2, output_channels=8))


@pytest.fixture
def tensors():
    torch.manual_seed(0)
    return {name: tensor.half() for name, tensor in encoder_of(OLD).state_dict().items()}


def encoded(tensors, vocabulary, words):
    encoder = encoder_of(vocabulary)
    encoder.load_state_dict(tensors)
    ids = torch.tensor([[vocabulary.ids[word] for word in words] + [0] * (3 - len(words))])
    with torch.no_grad():
        return encoder.eval()(ids)


@pytest.mark.parametrize("words", [("red", "mug"), ("boat",), ("blue", "boat", "red")])
def test_known_words_are_encoded_as_before_though_their_ids_differ(tensors, words):
    assert OLD.ids["mug"] != NEW.ids["mug"]
    assert torch.equal(encoded(tensors, OLD, words), encoded(extended(tensors, OLD, NEW), NEW, words))


def test_a_new_word_begins_near_the_one_that_stood_for_it_and_others_as_far_from_the_mean_as_old_words(tensors):
    rows, new = tensors[EMBEDDING].float(), extended(tensors, OLD, NEW)[EMBEDDING].float()
    spread = rows[1:].std(0)
    for word, near, share in (("cup", rows[OLD.ids["mug"]], NOISE_NEAR), ("dragon", rows[1:3].mean(0), NOISE)):
        distance = ((new[NEW.ids[word]] - near) / spread).square().mean().sqrt()
        assert 0.4 * share < distance < 2 * share, word
    assert new_words(OLD, NEW) == ["cup", "dragon"]


def test_the_same_seed_makes_the_same_rows(tensors):
    first, again, other = (extended(tensors, OLD, NEW, seed)[EMBEDDING] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_vocabulary_that_lacks_an_old_word_is_refused(tensors):
    lacking = Vocabulary({"objects": ("mug", "cup"), "colors": ("red", "blue")}, {}, frozenset())
    with pytest.raises(ValueError, match="lacks words of the old one: boat"):
        extended(tensors, OLD, lacking)


def test_exported_words_have_the_learned_rows_of_new_words_and_all_else_as_before(tensors, tmp_path):
    frozen = extended(tensors, OLD, NEW)
    trained = {name: tensor + 0.01 for name, tensor in frozen.items()}
    for name, vocabulary in (("old", OLD), ("new", NEW)):
        content = {"groups": vocabulary.groups, "aliases": {}, "ignored": []}
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    stored = with_frozen(trained, frozen, known_ids(tmp_path / "new.json", tmp_path / "old.json"))
    words = [("red", "mug"), ("boat",), ("blue", "boat", "red")]
    assert all(torch.equal(encoded(tensors, OLD, known), encoded(stored, NEW, known)) for known in words)
    for word in ("cup", "dragon"):
        assert torch.equal(stored[EMBEDDING][NEW.ids[word]], trained[EMBEDDING][NEW.ids[word]])


def test_words_frozen_for_another_vocabulary_are_refused(tensors):
    with pytest.raises(ValueError, match="Extend them first"):
        with_frozen(extended(tensors, OLD, NEW), tensors, [0, 1])
