# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that the small models know, for checks before a job: unknown words of a prompt, and likely typos.

The engine's file is read as data. The rules are those of engine/text/vocabulary.py, which may not be imported here; a
test compares both.
"""

import json
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path

from ..system.lazy_dataclass import lazy_dataclass
from .models import MINI

FILE = Path(__file__).parents[1] / "engine" / "mini" / "vocabulary.json"
MODELS_WITH_VOCABULARY = frozenset(model.name for model in MINI)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
ENDINGS = (
    (r"ves$", "f"), (r"ves$", "fe"), (r"ies$", "y"), (r"es$", ""), (r"s$", ""),
    (r"-?colou?red$", ""), (r"ish$", ""), (r"y$", ""), (r"en$", ""), (r"-?shaped$", ""),
)  # fmt: skip
MAX_PHRASE_WORDS = 3
OBJECTS = "objects"


@lazy_dataclass(frozen=True)
class WordUse:
    """A word or phrase of a prompt.

    Attributes:
        start, end: Its place in the prompt.
        text: The word in lower case.
        known: The known word that it stands for; "" for a word without meaning to the models, None if it is unknown.
    """

    start: int
    end: int
    text: str
    known: str | None


@lazy_dataclass(frozen=True)
class Vocabulary:
    """The words of the small models.

    Attributes:
        groups: Known words by kind: "objects", "colors", "materials", "sizes", "parts" …
        aliases: Known word of other words, or of words joined by a space ("grey" → "gray").
        ignored: Words without meaning to the models ("a", "the").
    """

    groups: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    ignored: frozenset[str]

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of every known word."""
        return {word: kind for kind, words in self.groups.items() for word in words}

    def uses(self, prompt: str) -> list[WordUse]:
        """Return the words and phrases of a prompt in order."""
        words = [(match.start(), match.end(), match[0].lower().replace("’", "'")) for match in WORD.finditer(prompt)]
        uses = []
        while words:
            known, count = self._first_known(tuple(text for _, _, text in words[:MAX_PHRASE_WORDS]))
            text = " ".join(text for _, _, text in words[:count])
            uses.append(WordUse(words[0][0], words[count - 1][1], text, known))
            words = words[count:]
        return uses

    def known_word(self, word: str) -> str | None:
        """Return the known word that a word stands for, also as its plural, other spelling or derived form, or None."""
        for form in forms(word):
            form = self.aliases.get(form, form)
            if form in self.kinds:
                return form
        return None

    def _first_known(self, words: tuple[str, ...]) -> tuple[str | None, int]:
        for length in range(len(words), 1, -1):
            phrase = " ".join(words[:length])
            if found := self._known_phrase(phrase) or self._known_phrase(phrase.removesuffix("s")):
                return found, length
        return ("" if words[0] in self.ignored else self.known_word(words[0])), 1

    def _known_phrase(self, phrase: str) -> str | None:
        return phrase if phrase in self.kinds else self.aliases.get(phrase)


def forms(word: str) -> Iterator[str]:
    """Yield a word and what it may be derived from."""
    yield word
    for pattern, ending in ENDINGS:
        if re.search(pattern, word):
            yield re.sub(pattern, ending, word)


@lru_cache(1)
def read_vocabulary() -> Vocabulary | None:
    """Return the vocabulary, or None if its file is missing or damaged. It is read once."""
    try:
        data = json.loads(FILE.read_text(encoding="utf-8"))
        groups = {name: tuple(words) for name, words in data["groups"].items()}
        return Vocabulary(groups, data["aliases"], frozenset(data["ignored"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def unknown_words(uses: list[WordUse]) -> list[str]:
    """Return the unknown words, each once, in order."""
    return list(dict.fromkeys(use.text for use in uses if use.known is None))


def names_object(vocabulary: Vocabulary, uses: list[WordUse]) -> bool:
    """True if one of the words is an object."""
    return any(vocabulary.kinds.get(use.known or "") == OBJECTS for use in uses)
