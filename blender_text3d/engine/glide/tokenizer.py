# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode a prompt as the token IDs that GLIDE reads, and report the text that did not fit.

No token starts or ends a text and no space is added, so the first word has another ID than the same word later.

Source: openai/glide-text2im, the notebook text2im; openai/gpt-2, the pattern in src/encoder.py.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..text.bpe_merging import merge_all
from ..text.bpe_vocabulary import byte_symbols
from .vocabulary import END, merge_ranks, symbol_bytes, symbol_ids

CONTEXT_LENGTH = 128
ENDING = re.compile("'s|'t|'re|'ve|'m|'ll|'d")
RUN = re.compile(" ?L+| ?N+| ?O+|[ S]+(?![^ S])|[ S]+")
"""A run of one kind with the space before it, or white space without the last, which belongs to what follows."""
INFORMATION_SEPARATORS = "\x1c\x1d\x1e\x1f"
"""White space to Python, but not to Unicode."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of a prompt.

    Attributes:
        ids: token IDs, padded to the context length.
        mask: True for the prompt's tokens, False for padding.
        dropped: the text that did not fit; empty if all did.
    """

    ids: tuple[int, ...]
    mask: tuple[bool, ...]
    dropped: str

    @property
    def notice(self) -> str | None:
        """A sentence for the user if the prompt was truncated."""
        if not self.dropped:
            return None
        limit = len(self.ids)
        return f"The prompt is longer than the {limit} tokens that GLIDE reads; this was dropped: '{self.dropped}'."


def tokenize(prompt: str, context_length: int = CONTEXT_LENGTH) -> Tokens:
    """Return the tokens of any prompt; without text, all of them are padding."""
    ids = prompt_ids(prompt)
    kept, dropped = ids[:context_length], ids[context_length:]
    padding = context_length - len(kept)
    return Tokens((*kept, *[END] * padding), (*[True] * len(kept), *[False] * padding), text_of(dropped).strip())


def prompt_ids(prompt: str) -> list[int]:
    """Return all token IDs of a prompt of any length."""
    text = prompt.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [token_id for piece in pieces(text.lower()) for token_id in _piece_ids(piece)]


def text_of(ids: list[int]) -> str:
    """Return the text of tokens; a character that was cut is replaced."""
    return b"".join(symbol_bytes()[token_id] for token_id in ids).decode("utf-8", errors="replace")


def pieces(text: str) -> Iterator[str]:
    """Yield the pieces that are encoded one by one; together they are the text."""
    kinds = "".join(map(_kind, text))
    start = 0
    while start < len(text):
        match = ENDING.match(text, start) or RUN.match(kinds, start)
        assert match is not None, "every character has a kind"
        yield text[start : match.end()]
        start = match.end()


def _kind(character: str) -> str:
    """Return L for letters, N for numbers, a space for itself, S for other white space, O for others."""
    if character == " ":
        return character
    if character.isspace() and character not in INFORMATION_SEPARATORS:
        return "S"
    category = unicodedata.category(character)[0]
    return category if category in "LN" else "O"


@lru_cache(maxsize=4096)
def _piece_ids(piece: str) -> tuple[int, ...]:
    symbols = [byte_symbols()[byte] for byte in piece.encode("utf-8")]
    return tuple(symbol_ids()[symbol] for symbol in merge_all(symbols, merge_ranks()))
