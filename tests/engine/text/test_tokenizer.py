# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's tokenizer gives the official token IDs, and reports the text that did not fit."""

import hashlib
import json
from pathlib import Path

import pytest

from blender_text3d.engine.text.bpe_vocabulary import merge_ranks, symbol_ids
from blender_text3d.engine.text.text_cleaning import clean_text
from blender_text3d.engine.text.tokenizer import prompt_ids, text_of, tokenize

GOLDEN = json.loads(Path(__file__).with_name("tokenizer_golden.json").read_text(encoding="utf-8"))["cases"]
START, END = 49406, 49407


@pytest.mark.parametrize(("prompt", "ids"), GOLDEN, ids=[ascii(prompt)[:40] for prompt, _ in GOLDEN])
def test_the_ids_equal_those_of_the_official_tokenizer(prompt, ids):
    assert tokenize(prompt).ids == tuple(ids) + (0,) * (77 - len(ids))


def test_the_merges_equal_the_official_ones():
    text = "".join(f"{first} {second}\n" for first, second in merge_ranks())
    assert hashlib.sha256(text.encode()).hexdigest().startswith("d308b7377a8ceaa9")
    assert len(symbol_ids()) == 49408


def test_a_prompt_that_fits_is_complete_and_has_no_notice():
    tokens = tokenize("A  red chair")
    assert (tokens.kept, tokens.dropped, tokens.notice) == ("a red chair", "", None)


def test_75_tokens_fit_and_the_rest_is_dropped_with_a_notice():
    assert tokenize("chair " * 75).notice is None
    tokens = tokenize("chair " * 75 + "with golden legs")
    assert tokens.ids[0] == START
    assert tokens.ids[-1] == END
    assert 0 not in tokens.ids
    assert tokens.dropped == "with golden legs"
    assert "this was dropped: 'with golden legs'" in tokens.notice


def test_a_character_may_be_split_between_its_bytes():
    tokens = tokenize("🦄🐉" * 60)
    assert len(tokens.ids) == 77
    assert tokens.dropped.endswith("🐉")


def test_a_smaller_context_length_is_respected():
    tokens = tokenize("a red chair", context_length=4)
    assert tokens.ids == (START, 320, 736, END)
    assert tokens.dropped == "chair"


@pytest.mark.parametrize("prompt", ["", " \n\t ", "\x00\x07", "\ufeff"])
def test_an_empty_prompt_is_start_and_end(prompt):
    assert tokenize(prompt).ids == (START, END) + (0,) * 75


@pytest.mark.parametrize("prompt", ["a red chair", "it 's 5 pm", "каменный дом", "猫", "🦄"])
def test_tokens_are_decoded_to_their_text(prompt):
    assert text_of(prompt_ids(prompt)) == prompt


@pytest.mark.parametrize(
    ("prompt", "clean"),
    [
        ("  A\u00a0Red \n Chair ", "a red chair"),
        ("Bob’s “big” ﬁsh", 'bob\'s "big" fish'),
        ("ＲＥＤ　chair", "red chair"),
        ("P&EACUTE;REZ &amp;amp; &#x2019;s", "pérez & 's"),
        ("cafÃ© donâ€™t ðŸ˜€", "café don't 😀"),
        ("red\x1b[31m\x00 chair", "red chair"),
        ("e\u0301", "é"),
        ("\ud83d\ude00\ud83d", "😀\ufffd"),
    ],
)
def test_text_is_cleaned_as_in_clips_captions(prompt, clean):
    assert clean_text(prompt) == clean


@pytest.mark.parametrize(
    "text", ["CAFÉ…", "NESCAFÉ® É™", "VOILÀ »", "10°C ±2 ¼", "¿QUÉ? ÑANDÚ", "ÜBER–COOL", "ÇA VA – LÀ", '"LE CAFÉ"…']
)
def test_correct_accents_are_not_changed(text):
    assert clean_text(text) == text.lower()


def test_curly_quotes_after_an_accent_become_quotes():
    assert clean_text("“café”…") == '"café"…'
