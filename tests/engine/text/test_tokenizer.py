# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's tokenizer gives the official numbers, and says what of a prompt it could not take."""

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
def test_the_numbers_are_those_of_the_official_tokenizer(prompt, ids):
    assert tokenize(prompt).ids == tuple(ids) + (0,) * (77 - len(ids))


def test_the_merges_are_the_official_ones_to_the_letter():
    text = "".join(f"{first} {second}\n" for first, second in merge_ranks())
    assert hashlib.sha256(text.encode()).hexdigest().startswith("d308b7377a8ceaa9")
    assert len(symbol_ids()) == 49408


def test_a_prompt_that_fits_is_whole_and_has_no_notice():
    tokens = tokenize("A  red chair")
    assert (tokens.kept, tokens.dropped, tokens.notice) == ("a red chair", "", None)


def test_75_tokens_fit_and_the_76th_is_cut_off_and_named():
    assert tokenize("chair " * 75).notice is None
    tokens = tokenize("chair " * 75 + "with golden legs")
    assert tokens.ids[0] == START and tokens.ids[-1] == END and 0 not in tokens.ids
    assert tokens.dropped == "with golden legs"
    assert "this was dropped: 'with golden legs'" in tokens.notice


def test_a_character_cut_in_the_middle_of_its_bytes_breaks_nothing():
    tokens = tokenize("🦄🐉" * 60)
    assert len(tokens.ids) == 77
    assert tokens.dropped.endswith("🐉")


def test_a_smaller_context_is_obeyed():
    tokens = tokenize("a red chair", context_length=4)
    assert tokens.ids == (START, 320, 736, END)
    assert tokens.dropped == "chair"


@pytest.mark.parametrize("prompt", ["", " \n\t ", "\x00\x07", "\ufeff"])
def test_a_prompt_of_nothing_is_start_and_end(prompt):
    assert tokenize(prompt).ids == (START, END) + (0,) * 75


@pytest.mark.parametrize("prompt", ["a red chair", "it 's 5 pm", "каменный дом", "猫", "🦄"])
def test_tokens_turn_back_into_their_text(prompt):
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
def test_what_clip_never_saw_in_a_caption_is_made_plain(prompt, clean):
    assert clean_text(prompt) == clean


@pytest.mark.parametrize(
    "honest", ["CAFÉ…", "NESCAFÉ® É™", "VOILÀ »", "10°C ±2 ¼", "¿QUÉ? ÑANDÚ", "ÜBER–COOL", "ÇA VA – LÀ", '"LE CAFÉ"…']
)
def test_honest_accents_are_left_alone(honest):
    assert clean_text(honest) == honest.lower()


def test_curly_quotes_after_an_accent_are_quotes():
    assert clean_text("“café”…") == '"café"…'
