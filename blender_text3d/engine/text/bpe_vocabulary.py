# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's vocabulary: which pairs of symbols merge, in which order, and the number of each symbol.

`clip_merges.txt.gz` holds the 48,894 merges that CLIP uses, of the 262,144 in its bpe_simple_vocab_16e6.txt.gz. It is
OpenAI's, under the MIT licence in `clip_merges.LICENSE`.

Source: openai/CLIP, clip/simple_tokenizer.py; Sennrich et al. 2016, section 3.2.
"""

import gzip
from functools import cache
from pathlib import Path

from .pretokenize import END, START

MERGES = Path(__file__).with_name("clip_merges.txt.gz")
WORD_END = "</w>"
# Bytes that are printed as themselves; the others borrow the characters from U+0100 on, in order.
PRINTED = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]


@cache
def byte_symbols() -> dict[int, str]:
    """Byte -> the character that stands for it in the merges; in the vocabulary's order."""
    others = [byte for byte in range(256) if byte not in PRINTED]
    return {byte: chr(byte) for byte in PRINTED} | {byte: chr(0x100 + n) for n, byte in enumerate(others)}


@cache
def merge_ranks() -> dict[tuple[str, str], int]:
    """Pair of symbols -> its place: the lowest of a word merges first."""
    lines = gzip.decompress(MERGES.read_bytes()).decode("utf-8").rstrip("\n").split("\n")
    return {tuple(line.split(" ")): rank for rank, line in enumerate(lines)}


@cache
def symbol_ids() -> dict[str, int]:
    """Symbol -> token id: bytes, bytes that end a word, merged symbols, the start and the end of a text."""
    single = list(byte_symbols().values())
    merged = ["".join(pair) for pair in merge_ranks()]
    every = [*single, *(symbol + WORD_END for symbol in single), *merged, START, END]
    return {symbol: number for number, symbol in enumerate(every)}


@cache
def symbols() -> tuple[str, ...]:
    """Token id -> symbol."""
    return tuple(symbol_ids())


def symbol_bytes(number: int) -> bytes:
    """The bytes of a token, with a space where a word ends."""
    text = symbols()[number]
    letters = bytes(_bytes()[character] for character in text.removesuffix(WORD_END))
    return letters + b" " * text.endswith(WORD_END)


@cache
def _bytes() -> dict[str, int]:
    return {character: byte for byte, character in byte_symbols().items()}
