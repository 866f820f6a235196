# SPDX-License-Identifier: GPL-3.0-or-later
"""Split a clean prompt into the pieces that byte-pair encoding works on.

Source: the pattern in openai/CLIP, clip/simple_tokenizer.py.
"""

import re
import unicodedata
from collections.abc import Iterator

START, END = "<|startoftext|>", "<|endoftext|>"
FIXED_PIECES = re.compile(rf"{re.escape(START)}|{re.escape(END)}|'s|'t|'re|'ve|'m|'ll|'d", re.IGNORECASE)
CHARACTER_RUN = re.compile("L+|N|O+|S+")


def pieces(text: str) -> Iterator[str]:
    """Yield runs of letters, single digits, runs of other characters, endings such as 's, the two special tokens."""
    kinds = "".join(map(_kind, text))
    start = 0
    while start < len(text):
        match = FIXED_PIECES.match(text, start) or CHARACTER_RUN.match(kinds, start)
        assert match is not None, "every character has a kind"
        if kinds[start] != "S":
            yield text[start : match.end()]
        start = match.end()


def _kind(character: str) -> str:
    """Return L for letters, N for digits and numbers of any script, S for white space, O for others."""
    if character.isspace():
        return "S"
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "O"
