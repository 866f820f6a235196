# SPDX-License-Identifier: GPL-3.0-or-later
"""The words and numbers of a prompt with their places, in letters without case, width and accents."""

import re
import unicodedata
from itertools import islice
from typing import NamedTuple

COMMAND = r"https?://\S+|<\w+:[^<>]{1,99}>|(?<!\S)(?:--|[—–])(?=[a-z])(?:no\b|[a-z]+(?:[ =](?:\d[\w:.]*|raw)(?!\S))?)"
BOX = r"\d+(?:[.,]\d+)?(?:\s?[a-z]{0,2}\s?[x×]\s?\d+(?:[.,]\d+)?){1,2}(?:\s?(?:mm|cm|m|in|ft)\b)?"
CODE = r"[^\W\d_]{1,2}-?\d[^\W_]*(?:-[^\W\d_]\d+)?"
AND, WITH = r"(?<=\s)[&+](?=\s)|(?<=[^\W\d_])/(?=[^\W\d_])", r"\bw/o?(?!\S)"
NUMBER = r"\d+(?:[.,:]\d+)*(?:[\"″]|[^\W\d_]*)"
LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
WORD = re.compile("|".join((COMMAND, BOX, CODE, NUMBER, WITH, LETTERS, AND)))
PAUSE = re.compile(r"[\"“”„«»]\s*[\"“”„«»]|[,;:.!?()\[\]{}|\n。，、；：！？（）]|\s[-–—/]+\s|—")
SHORT_FORMS = {"w/": "with", "w": "with", "w/o": "without", "&": "and", "+": "and", "/": "and"}

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
    """Return a word in lower case, usual width, and written out if it is a short form."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower().replace("’", "'"))
    return SHORT_FORMS.get(text, text)


def without_accents(text: str) -> str:
    """Return a text in letters without accents."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFD", text.replace("ß", "ss").replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
