# SPDX-License-Identifier: GPL-3.0-or-later
"""A clean prompt becomes the pieces that byte-pair encoding works on, one by one.

Source: the pattern in openai/CLIP, clip/simple_tokenizer.py.
"""

import re
import unicodedata
from collections.abc import Iterator

START, END = "<|startoftext|>", "<|endoftext|>"
WHOLE = re.compile(rf"{re.escape(START)}|{re.escape(END)}|'s|'t|'re|'ve|'m|'ll|'d", re.IGNORECASE)
RUN = re.compile("L+|N|O+|S+")


def pieces(text: str) -> Iterator[str]:
    """Runs of letters, single digits, runs of other signs, endings such as 's, the two special tokens."""
    kinds = "".join(map(_kind, text))
    at = 0
    while at < len(text):
        found = WHOLE.match(text, at) or RUN.match(kinds, at)
        if kinds[at] != "S":
            yield text[at : found.end()]
        at = found.end()


def _kind(character: str) -> str:
    """L for letters, N for digits and numbers of any script, S for blanks, O for others."""
    if character.isspace():
        return "S"
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "O"
