# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that the small models were trained on."""

import json
import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path

FILE = Path(__file__).parents[1] / "engine" / "mini" / "vocabulary.json"
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
PLURALS = (("ves", "f"), ("ves", "fe"), ("ies", "y"), ("s", ""), ("es", ""))
ENDINGS = (
    ("coloured", ""), ("colored", ""), ("ish", ""), ("ish", "e"), ("ddish", "d"), ("nnish", "n"), ("y", ""),
    ("en", ""), ("shaped", ""),
)  # fmt: skip
MAX_PHRASE_WORDS = 3
OBJECTS, COLORS, MATERIALS, SIZES, PARTS, LINKS = "objects", "colors", "materials", "sizes", "parts", "links"
ATTRIBUTES = (COLORS, MATERIALS, SIZES)


class Vocabulary:
    """The words that a small text encoder was trained on.

    Attributes:
        groups: Known words by kind ("objects", "colors", …); together they are the tokens in order.
        aliases: Known word of other words, or of words joined by a space ("grey" -> "gray").
        ignored: Words without meaning to the models ("a", "the").
    """

    def __init__(self, groups: dict[str, tuple[str, ...]], aliases: dict[str, str], ignored: frozenset[str]):
        self.groups = groups
        self.aliases = aliases
        self.ignored = ignored

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read a vocabulary's JSON file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        groups = {name: tuple(words) for name, words in data["groups"].items()}
        return cls(groups, dict(data["aliases"]), frozenset(data["ignored"]))

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of every known word."""
        return {word: kind for kind, words in self.groups.items() for word in words}

    @cached_property
    def ids(self) -> dict[str, int]:
        """The IDs of the tokens, from 1; 0 is padding."""
        return {word: token_id for token_id, word in enumerate(self.kinds, start=1)}

    def exact(self, word: str) -> str | None:
        """Return the known word of a word or phrase as it is written, or None."""
        return word if word in self.kinds else self.aliases.get(word)

    def phrase(self, phrase: str) -> str | None:
        """Return the known word of words joined by a space, also of their plural, or None."""
        return self.exact(phrase) or self.exact(phrase.removesuffix("s"))

    def known_word(self, word: str) -> str | None:
        """Return the known word that a word stands for, also as its plural, other spelling or derived form, or None."""
        return next(
            (known for form in (word, *plural_forms(word), *derived_forms(word)) if (known := self.exact(form))), None
        )

    def tokens(self, caption: str) -> tuple[str, ...]:
        """Return the known words of a caption in their order, as the models were trained; all else is passed over."""
        words, tokens = WORD.findall(caption.lower().replace("-", " ").replace("’", "'")), []
        while words:
            lengths = range(min(len(words), MAX_PHRASE_WORDS), 1, -1)
            found = next(((known, n) for n in lengths if (known := self.phrase(" ".join(words[:n])))), None)
            known, count = found or (None if words[0] in self.ignored else self.known_word(words[0]), 1)
            tokens += [known] if known else []
            words = words[count:]
        return tuple(tokens)


def plural_forms(word: str) -> Iterator[str]:
    """Yield what a word may be the plural of."""
    yield from with_ending_replaced(word, PLURALS)


def derived_forms(word: str) -> Iterator[str]:
    """Yield what an adjective may be derived from: "bluish", "blue-colored", "starry"."""
    yield from with_ending_replaced(word, ENDINGS)


def with_ending_replaced(word: str, endings: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield a word with each ending that it has replaced."""
    for ending, replacement in endings:
        if word.endswith(ending):
            yield word[: -len(ending)].removesuffix("-") + replacement


@lru_cache(1)
def read_vocabulary() -> Vocabulary | None:
    """Return the vocabulary, or None if its file is missing or damaged. It is read once."""
    try:
        return Vocabulary.read(FILE)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
