# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's vocabulary: the ranked merges of symbol pairs, and the token ID of each symbol.

`clip_merges.txt.gz` holds the 48,894 merges that CLIP uses, of the 262,144 in its bpe_simple_vocab_16e6.txt.gz. It is
OpenAI's, under the MIT license in `clip_merges.LICENSE`.

Source: openai/CLIP, clip/simple_tokenizer.py; Sennrich et al. 2016, section 3.2.
"""

import gzip
from functools import cache
from pathlib import Path

from .pretokenize import END, START

MERGES = Path(__file__).with_name("clip_merges.txt.gz")
WORD_END = "</w>"
# Bytes that are represented by their own character; the others use the characters from U+0100 on, in order.
PRINTABLE_BYTES = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]


@cache
def byte_symbols() -> dict[int, str]:
    """Return the character that represents each byte in the merges, in the vocabulary's order."""
    others = [byte for byte in range(256) if byte not in PRINTABLE_BYTES]
    return {byte: chr(byte) for byte in PRINTABLE_BYTES} | {byte: chr(0x100 + n) for n, byte in enumerate(others)}


@cache
def merge_ranks() -> dict[tuple[str, str], int]:
    """Return the rank of each pair of symbols; the lowest in a word is merged first."""
    lines = gzip.decompress(MERGES.read_bytes()).decode("utf-8").rstrip("\n").split("\n")
    pairs = (line.split(" ") for line in lines)
    return {(first, second): rank for rank, (first, second) in enumerate(pairs)}


@cache
def symbol_ids() -> dict[str, int]:
    """Return the token ID of each symbol: bytes, bytes that end a word, merged symbols, start and end of a text."""
    single = list(byte_symbols().values())
    merged = ["".join(pair) for pair in merge_ranks()]
    ordered = [*single, *(symbol + WORD_END for symbol in single), *merged, START, END]
    return {symbol: token_id for token_id, symbol in enumerate(ordered)}


@cache
def symbols() -> tuple[str, ...]:
    """Return the symbols by token ID."""
    return tuple(symbol_ids())


def symbol_bytes(token_id: int) -> bytes:
    """Return the bytes of a token, with a space if it ends a word."""
    symbol = symbols()[token_id]
    encoded = bytes(_byte_of_character()[character] for character in symbol.removesuffix(WORD_END))
    return encoded + b" " * symbol.endswith(WORD_END)


@cache
def _byte_of_character() -> dict[str, int]:
    return {character: byte for byte, character in byte_symbols().items()}
