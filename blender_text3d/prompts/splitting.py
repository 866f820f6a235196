# SPDX-License-Identifier: GPL-3.0-or-later
"""The words and numbers of a prompt with their places, in letters without case, width and accents."""

import re
import unicodedata
from itertools import islice
from typing import NamedTuple

WORD = re.compile(r"\d+(?:[.,:x×]\d+)*[^\W\d_]*|[^\W\d_]+(?:['’][^\W\d_]+)?")
PAUSE = re.compile(r"[,;:.!?()\[\]{}|\n。，、；：！？（）]|\s[-–—]+\s|—")
MAX_WORDS = 250
"""Words of a prompt that are read, so that a redraw of the panel stays short."""


class Word(NamedTuple):
    """A word of a prompt.

    Attributes:
        start, end: Its place in the prompt.
        text: The word in lower case, full-width letters as usual ones, with accents.
        pauses: True if a comma, a bracket or the like stands before it.
    """

    start: int
    end: int
    text: str
    pauses: bool = False


def words_of(prompt: str) -> list[Word]:
    """Return the first MAX_WORDS words of a prompt in order."""
    words: list[Word] = []
    end = 0
    for match in islice(WORD.finditer(prompt), MAX_WORDS):
        pauses = bool(words) and bool(PAUSE.search(prompt[end : match.start()]))
        words.append(Word(match.start(), match.end(), folded(match[0]), pauses))
        end = match.end()
    return words


def folded(text: str) -> str:
    """Return a text in lower case and usual width."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))


def without_accents(text: str) -> str:
    """Return a text in letters without accents."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFD", text.replace("ß", "ss").replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
