# SPDX-License-Identifier: GPL-3.0-or-later
"""The pieces of a prompt, and the bytes of tokens."""

import pytest

from blender_text3d.engine.text.bpe_vocabulary import byte_symbols, symbol_bytes, symbol_ids, symbols
from blender_text3d.engine.text.mojibake import fix_mojibake
from blender_text3d.engine.text.pretokenize import pieces
from blender_text3d.engine.text.tokenizer import Tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a red chair", ["a", "red", "chair"]),
        ("  a\n\tb ", ["a", "b"]),
        ("42nd", ["4", "2", "nd"]),
        ("½²", ["½", "²"]),
        ("it's we're i've i'm he'll she'd", ["it", "'s", "we", "'re", "i", "'ve", "i", "'m", "he", "'ll", "she", "'d"]),
        ("IT'S", ["IT", "'S"]),
        ("'sofa", ["'s", "ofa"]),
        ("rock'n'roll", ["rock", "'", "n", "'", "roll"]),
        ("a--b?!", ["a", "--", "b", "?!"]),
        ("<|startoftext|>x<|ENDOFTEXT|>", ["<|startoftext|>", "x", "<|ENDOFTEXT|>"]),
        ("!<|endoftext|>", ["!<|", "endoftext", "|>"]),
        ("猫a猫", ["猫a猫"]),
        ("e\u0301", ["e", "\u0301"]),
        ("_", ["_"]),
        ("", []),
    ],
)
def test_letters_digits_and_other_characters_are_separate_pieces(text, expected):
    assert list(pieces(text)) == expected


def test_every_byte_has_its_own_symbol_in_the_vocabularys_order():
    found = byte_symbols()
    assert sorted(found) == list(range(256))
    assert len(set(found.values())) == 256
    assert [found[byte] for byte in b"!~a\xa1\xac\xae\xff"] == list("!~a¡¬®ÿ")
    assert [found[byte] for byte in (0, 32, 33 - 1, 127, 160, 173)] == ["Ā", "Ġ", "Ġ", "ġ", "ł", "Ń"]
    assert list(found)[:2] == [0x21, 0x22]


@pytest.mark.parametrize(
    ("symbol", "expected"), [("!", b"!"), ("a</w>", b"a "), ("Ġ", b" "), ("chair</w>", b"chair "), ("ÿ</w>", b"\xff ")]
)
def test_a_token_has_its_bytes_and_a_space_at_the_end_of_a_word(symbol, expected):
    assert symbol_bytes(symbol_ids()[symbol]) == expected
    assert symbols()[symbol_ids()[symbol]] == symbol


@pytest.mark.parametrize(
    ("symbol", "token_id"),
    [
        ("!", 0),
        ("a", 64),
        ("!</w>", 256),
        ("a</w>", 320),
        ("in", 512),
        ("<|startoftext|>", 49406),
        ("<|endoftext|>", 49407),
    ],
)
def test_token_ids_are_clips(symbol, token_id):
    assert symbol_ids()[symbol] == token_id


@pytest.mark.parametrize(("length", "limit"), [(77, 75), (4, 2)])
def test_the_notice_has_the_limit_and_what_was_dropped(length, limit):
    tokens = Tokens((0,) * length, "kept", "red legs")
    assert tokens.notice == (
        f"The prompt is longer than the {limit} tokens that CLIP reads; this was dropped: 'red legs'."
    )
    assert Tokens((0,) * length, "kept", "").notice is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cafÃ©", "café"),
        ("Ã¼ber", "über"),
        ("donâ€™t", "don’t"),
        ("ðŸ˜€", "😀"),
        ("Ð¼Ð¸Ñ€", "мир"),
        ("plain text", "plain text"),
        ("café", "café"),
        ("CAFÉ…", "CAFÉ…"),
        ("\x93quoted\x94", "“quoted”"),
        ("\x81", "\x81"),
        ("", ""),
    ],
)
def test_misread_text_is_decoded_and_correct_text_is_kept(line, expected):
    assert fix_mojibake(line) == expected
