# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of English words: what each comes nearest to in the small models' vocabulary, or that nothing does.

The file has one line per answer: `kind/attribute`, a tab, and its words, each between blanks; "?" after the answer
marks a guess, "-" stands for nothing. Before them and an empty line are the same lines for phrases, joined by "|". The
words are searched as text, since parsing them would take longer than a redraw may.
"""

import gzip
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("meanings.txt.gz")
MAX_BYTES = 2**22
NOTHING, ADJECTIVE = "-", "-a"


class Meaning(NamedTuple):
    """The answer for a word.

    Attributes:
        kind: The nearest object, or "".
        attribute: The nearest color, material or size, or "".
        is_sure: True if it may be used; a guess may only be offered.
        is_adjective: True for a word that describes others and has no stand-in.
    """

    kind: str = ""
    attribute: str = ""
    is_sure: bool = True
    is_adjective: bool = False


class Table(NamedTuple):
    """The table's text, searched for single words, and the answers for phrases."""

    words: bytes
    phrases: dict[str, str]


@lru_cache(1)
def read_table() -> Table:
    """Return the table; an empty one if its file is missing or damaged."""
    try:
        with gzip.open(FILE) as file:
            phrases, _, words = file.read(MAX_BYTES).partition(b"\n\n")
        lines = [line.partition("\t") for line in phrases.decode().splitlines()]
        return Table(b"\n" + words, {phrase: answer for answer, _, line in lines for phrase in line.split("|")})
    except (OSError, EOFError, ValueError):
        return Table(b"", {})


@lru_cache(4096)
def meaning_of(phrase: str) -> Meaning | None:
    """Return the answer for a word or for words joined by spaces, or None if the table lacks it."""
    answer = read_table().phrases.get(phrase) if " " in phrase else word_answer(phrase)
    if not answer:
        return None
    if answer in (NOTHING, ADJECTIVE):
        return Meaning(is_adjective=answer == ADJECTIVE)
    kind, _, attribute = answer.removesuffix("?").partition("/")
    return Meaning(kind, attribute, not answer.endswith("?"))


def word_answer(word: str) -> str:
    """Return the answer for a single word, or ""."""
    text = read_table().words
    place = text.find(b" " + word.encode() + b" ") if word else -1
    if place < 0:
        return ""
    start = text.rfind(b"\n", 0, place) + 1
    return text[start : text.index(b"\t", start)].decode()
