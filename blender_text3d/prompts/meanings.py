# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of English words: what each comes nearest to in the small models' vocabulary, or that nothing does.

The file has three blocks with an empty line between: for phrases, lines of an answer, a tab, and the phrases joined by
"|"; the answers for words, a line each; the words in order, a line each, with a blank and the number of the answer, or
without for the first, which is nothing. An answer is `kind/attribute`; "?" after it marks a guess. The words are
searched as text, since parsing them would take longer than a redraw may.
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
    """The answers for phrases, the answers for words by number, and the text of the words in order."""

    phrases: dict[str, str]
    answers: list[str]
    words: bytes


@lru_cache(1)
def read_table() -> Table:
    """Return the table; an empty one if its file is missing or damaged."""
    try:
        with gzip.open(FILE) as file:
            phrases, answers, words = file.read(MAX_BYTES).split(b"\n\n")
        lines = [line.partition("\t") for line in phrases.decode().splitlines()]
        found = {phrase: answer for answer, _, line in lines for phrase in line.split("|")}
        return Table(found, answers.decode().splitlines(), words)
    except (OSError, EOFError, ValueError):
        return Table({}, [], b"")


@lru_cache(4096)
def meaning_of(phrase: str) -> Meaning | None:
    """Return the answer for a word or for words joined by spaces, or None if the table lacks it."""
    answer = read_table().phrases.get(phrase) if " " in phrase else word_answer(phrase.encode())
    if not answer:
        return None
    if answer in (NOTHING, ADJECTIVE):
        return Meaning(is_adjective=answer == ADJECTIVE)
    kind, _, attribute = answer.removesuffix("?").partition("/")
    return Meaning(kind, attribute, not answer.endswith("?"))


def word_answer(word: bytes) -> str:
    """Return the answer for a single word, or "": a binary search over the lines of the text."""
    table = read_table()
    low, high = 0, len(table.words)
    while low < high:
        start = table.words.rfind(b"\n", 0, (low + high) // 2) + 1
        end = table.words.find(b"\n", start)
        found, _, number = table.words[start:end].partition(b" ")
        if found == word:
            return table.answers[int(number or b"0")]
        low, high = (end + 1, high) if found < word else (low, start)
    return ""
