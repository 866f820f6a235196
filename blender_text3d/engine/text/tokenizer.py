# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode a prompt as the 77 token IDs that CLIP reads, and report the text that did not fit.

Source: openai/CLIP, clip/simple_tokenizer.py and clip.tokenize with truncate=True.
"""

from dataclasses import dataclass
from functools import lru_cache

from .bpe_merging import merge_all
from .bpe_vocabulary import WORD_END, byte_symbols, merge_ranks, symbol_bytes, symbol_ids
from .pretokenize import END, START, pieces
from .text_cleaning import clean_text

CONTEXT_LENGTH = 77


@dataclass(frozen=True)
class Tokens:
    """The tokens of a prompt.

    Attributes:
        ids: `context_length` token IDs: start, the prompt's, end, zeros.
        kept: the text that is read, lowercased.
        dropped: the text that did not fit; empty if all did.
    """

    ids: tuple[int, ...]
    kept: str
    dropped: str

    @property
    def notice(self) -> str | None:
        """A sentence for the user if the prompt was truncated."""
        if not self.dropped:
            return None
        limit = len(self.ids) - 2
        return f"The prompt is longer than the {limit} tokens that CLIP reads; this was dropped: '{self.dropped}'."


def tokenize(prompt: str, context_length: int = CONTEXT_LENGTH) -> Tokens:
    """Return the tokens of any prompt."""
    ids = prompt_ids(prompt)
    limit = context_length - 2
    framed = [symbol_ids()[START], *ids[:limit], symbol_ids()[END]]
    padded = framed + [0] * (context_length - len(framed))
    return Tokens(tuple(padded), text_of(ids[:limit]), text_of(ids[limit:]))


def prompt_ids(prompt: str) -> list[int]:
    """Return all token IDs of a prompt of any length, without start and end."""
    return [token_id for piece in pieces(clean_text(prompt)) for token_id in _piece_ids(piece)]


def text_of(ids: list[int]) -> str:
    """Return the text of tokens, with a space after every word."""
    return b"".join(symbol_bytes(token_id) for token_id in ids).decode("utf-8", errors="replace").strip()


@lru_cache(maxsize=4096)
def _piece_ids(piece: str) -> tuple[int, ...]:
    if piece in (START, END):
        return (symbol_ids()[piece],)
    symbols = [byte_symbols()[byte] for byte in piece.encode("utf-8")]
    symbols[-1] += WORD_END
    return tuple(symbol_ids()[symbol] for symbol in merge_all(symbols, merge_ranks()))
