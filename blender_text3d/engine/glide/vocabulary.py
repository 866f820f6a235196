# SPDX-License-Identifier: GPL-3.0-or-later
"""GPT-2's vocabulary, which GLIDE's networks read: 256 bytes, 50,000 merges and the end of a text.

`gpt2_merges.txt.gz` is OpenAI's vocab.bpe, under the licenses in `gpt2_merges.LICENSE`; its order gives the token IDs.
CLIP's vocabulary, which the original package also contains, is another one.

Source: openai/gpt-2, src/encoder.py; Radford et al. 2019 (GPT-2), section 2.2.
"""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from ..text.bpe_vocabulary import byte_symbols
from ..weights.errors import BrokenWeights

MERGES = Path(__file__).with_name("gpt2_merges.txt.gz")
MERGES_SHA256 = "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"
VOCABULARY_SIZE = 50257
END = VOCABULARY_SIZE - 1
"""The end of a text, which is also the padding."""


@cache
def merge_ranks() -> dict[tuple[str, str], int]:
    """Return the rank of each pair of symbols; the lowest in a word is merged first.

    Raises:
        BrokenWeights: the file was changed.
    """
    text = _unpacked(MERGES)
    if hashlib.sha256(text).hexdigest() != MERGES_SHA256:
        raise BrokenWeights(f"{MERGES.name} is corrupt. Reinstall the add-on.")
    pairs = (line.split(" ") for line in text.decode("utf-8").rstrip("\n").split("\n")[1:])
    return {(first, second): rank for rank, (first, second) in enumerate(pairs)}


def _unpacked(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (OSError, EOFError, ValueError) as error:
        raise BrokenWeights(f"{path.name} cannot be read ({error}). Reinstall the add-on.") from error


@cache
def symbol_ids() -> dict[str, int]:
    """Return the token ID of each symbol: bytes, then merged symbols."""
    ordered = [*byte_symbols().values(), *("".join(pair) for pair in merge_ranks())]
    return {symbol: token_id for token_id, symbol in enumerate(ordered)}


@cache
def symbol_bytes() -> tuple[bytes, ...]:
    """Return the bytes of each symbol by token ID."""
    byte_of = {character: byte for byte, character in byte_symbols().items()}
    return tuple(bytes(byte_of[character] for character in symbol) for symbol in symbol_ids())
