# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's tokenizer beyond the recorded prompts of tests/parity: its file, its limits, its notice."""

import gzip

import pytest

from blender_text3d.engine.glide import vocabulary
from blender_text3d.engine.glide.tokenizer import Tokens, pieces, prompt_ids, text_of, tokenize
from blender_text3d.engine.glide.vocabulary import END, merge_ranks, symbol_ids
from blender_text3d.engine.weights.errors import BrokenWeights


def test_the_vocabulary_is_gpt_2s():
    assert len(merge_ranks()) == 50_000
    assert len(symbol_ids()) == END == 50_256
    assert symbol_ids()["!"] == 0
    assert symbol_ids()["Ġt"] == 256


def changed_file():
    return gzip.compress(gzip.decompress(vocabulary.MERGES.read_bytes())[:-20])


def truncated_file():
    return vocabulary.MERGES.read_bytes()[:-1000]


@pytest.mark.parametrize("content", [changed_file, truncated_file])
def test_a_corrupt_file_of_merges_is_refused(content, tmp_path, monkeypatch):
    path = tmp_path / "gpt2_merges.txt.gz"
    path.write_bytes(content())
    monkeypatch.setattr(vocabulary, "MERGES", path)
    merge_ranks.cache_clear()
    with pytest.raises(BrokenWeights, match=r"gpt2_merges.txt.gz .*Reinstall the add-on"):
        merge_ranks()


def test_a_word_has_another_id_at_the_start_of_the_text():
    assert prompt_ids("chair") + prompt_ids(" chair") == prompt_ids("chair chair")
    assert prompt_ids("chair") != prompt_ids(" chair")


def test_the_rest_of_a_text_is_padding_that_the_mask_hides():
    ids = prompt_ids("a red chair")
    tokens = tokenize("A Red Chair", 5)
    assert tokens.ids == (*ids, END, END)
    assert tokens.mask == (True, True, True, False, False)
    assert tokens.notice is None


def test_an_empty_text_is_all_padding():
    assert tokenize("", 3) == Tokens((END,) * 3, (False,) * 3, "")


def test_text_that_does_not_fit_is_dropped_with_a_notice():
    tokens = tokenize("a red chair with legs", 3)
    assert all(tokens.mask)
    assert tokens.notice == ("The prompt is longer than the 3 tokens that GLIDE reads; this was dropped: 'with legs'.")


@pytest.mark.parametrize(
    "text", ["it's  a\tdog", "x \n", "a\u00a0b ²", "\x1c\x1d a", "🦄 猫 1st", "<|endoftext|>", " 's"]
)
def test_the_pieces_and_the_tokens_together_are_the_text(text):
    assert "".join(pieces(text)) == text
    assert text_of(prompt_ids(text)) == text
    assert END not in prompt_ids(text)


def test_half_a_character_becomes_the_sign_for_that():
    assert text_of(prompt_ids("a \ud83d")) == "a \ufffd"
