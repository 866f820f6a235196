# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt becomes the 77 numbers that CLIP reads, and says what of it did not fit.

Source: openai/CLIP, clip/simple_tokenizer.py and clip.tokenize with truncate=True.
"""

from dataclasses import dataclass
from functools import lru_cache

from .bpe_vocabulary import WORD_END, byte_symbols, merge_ranks, symbol_bytes, symbol_ids
from .pretokenize import END, START, pieces
from .text_cleaning import cleaned

CONTEXT_LENGTH = 77


@dataclass(frozen=True)
class Tokens:
    """What CLIP reads of a prompt.

    Attributes:
        ids: `context_length` token ids: start, the prompt's, end, zeros.
        kept: the text that was read, in lower case.
        dropped: the text that was cut off; empty where everything fitted.
    """

    ids: tuple[int, ...]
    kept: str
    dropped: str

    @property
    def notice(self) -> str | None:
        """A sentence for the user where the prompt was cut."""
        if not self.dropped:
            return None
        room = len(self.ids) - 2
        return f"The prompt is longer than the {room} tokens that CLIP reads; this was not read: '{self.dropped}'."


def tokenize(prompt: str, context_length: int = CONTEXT_LENGTH) -> Tokens:
    """The tokens of a prompt; never fails."""
    ids = prompt_ids(prompt)
    room = context_length - 2
    sealed = [symbol_ids()[START], *ids[:room], symbol_ids()[END]]
    padded = sealed + [0] * (context_length - len(sealed))
    return Tokens(tuple(padded), text_of(ids[:room]), text_of(ids[room:]))


def prompt_ids(prompt: str) -> list[int]:
    """All token ids of a prompt, however long, without start and end."""
    return [number for piece in pieces(cleaned(prompt)) for number in _piece_ids(piece)]


def text_of(ids: list[int]) -> str:
    """The text of tokens, with a space after every word."""
    return b"".join(symbol_bytes(number) for number in ids).decode("utf-8", errors="replace").strip()


@lru_cache(maxsize=4096)
def _piece_ids(piece: str) -> tuple[int, ...]:
    if piece in (START, END):
        return (symbol_ids()[piece],)
    symbols = [byte_symbols()[byte] for byte in piece.encode("utf-8")]
    symbols[-1] += WORD_END
    return tuple(symbol_ids()[symbol] for symbol in _merged(symbols))


def _merged(symbols: list[str]) -> list[str]:
    """Merges the pair that comes first in the vocabulary wherever it stands, until no pair is in it."""
    while len(symbols) > 1:
        ranks = merge_ranks()
        pair = min(zip(symbols, symbols[1:], strict=False), key=lambda pair: ranks.get(pair, len(ranks)))
        if pair not in ranks:
            break
        symbols = _with_merged(symbols, pair)
    return symbols


def _with_merged(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    merged, at = [], 0
    while at < len(symbols):
        found = tuple(symbols[at : at + 2]) == pair
        merged.append("".join(pair) if found else symbols[at])
        at += 2 if found else 1
    return merged
