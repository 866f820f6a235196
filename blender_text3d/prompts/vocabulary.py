# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that the small models were trained on."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

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
        parts_of: Objects, and the words for the parts of each; an object may be another one's part ("bed": "pillow").
        stand_ins: Known object for the name of one that only models of a later training know; each use is told.
        models: Models that were trained on these words.
        model: The one that was asked for, if it is one of an earlier training.
        elsewhere: Names of the objects that only models of a later training know -> their word for it.
        models_elsewhere: Those models.
    """

    def __init__(
        self,
        groups: dict[str, tuple[str, ...]],
        aliases: dict[str, str],
        ignored: frozenset[str],
        *,
        parts_of: Mapping[str, tuple[str, ...]] | None = None,
        stand_ins: Mapping[str, str] | None = None,
        models: tuple[str, ...] = (),
    ):
        self.groups, self.aliases, self.ignored, self.models = groups, aliases, ignored, models
        self.parts_of, self.stand_ins = parts_of or {}, stand_ins or {}
        self.elsewhere: Mapping[str, str] = {}
        self.models_elsewhere: tuple[str, ...] = ()
        self.model = ""

    @classmethod
    def read(cls, path: Path, model: str = "") -> "Vocabulary":
        """Read a vocabulary's JSON file: the words of a model, or of the models of the latest training."""
        data = json.loads(path.read_text(encoding="utf-8"))
        latest = cls.of(data, data["ignored"])
        earlier = (entry for entry in data.get("earlier", ()) if model in entry["models"])
        if entry := next(earlier, None):
            return cls.of(entry, data["ignored"]).beside(latest, model)
        return latest

    @classmethod
    def of(cls, data: dict[str, Any], ignored: list[str]) -> "Vocabulary":
        """Return the vocabulary of an entry of the file."""
        return cls(
            {name: tuple(words) for name, words in data["groups"].items()},
            dict(data["aliases"]),
            frozenset(ignored),
            parts_of={name: tuple(words) for name, words in data.get("parts_of", {}).items()},
            stand_ins=dict(data.get("stand_ins", {})),
            models=tuple(data.get("models", ())),
        )

    def beside(self, latest: "Vocabulary", model: str) -> "Vocabulary":
        """Return this vocabulary of an earlier model, which now tells objects of the latest one from unknown words."""
        names = latest.aliases | {word: word for word in latest.groups[OBJECTS]}
        self.elsewhere = {
            name: word
            for name, word in names.items()
            if word in latest.groups[OBJECTS] and name not in (*self.groups[OBJECTS], *self.aliases)
        }
        self.stand_ins = {n: self.stand_ins[word] for n, word in self.elsewhere.items() if word in self.stand_ins}
        self.model, self.models_elsewhere = model, latest.models
        return self

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
        return word if word in self.kinds else self.aliases.get(word) or self.stand_ins.get(word)

    def stands_in(self, word: str) -> bool:
        """True for the name of an object, also as its plural, for which another one stands in."""
        return any(form in self.stand_ins for form in (word, *plural_forms(word)))

    def object_for(self, word: str) -> str:
        """Return an object of the latest vocabulary, or the one that stands in for it; "" if there is none."""
        known = self.exact(word) or ""
        return known if self.kinds.get(known) == OBJECTS else ""

    def phrase(self, phrase: str) -> str | None:
        """Return the known word of words joined by a space, also of their plural, or None."""
        return next((known for form in (phrase, *plural_forms(phrase)) if (known := self.exact(form))), None)

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


@lru_cache
def read_vocabulary(model: str = "") -> Vocabulary | None:
    """Return the vocabulary of a model, or None if the file is missing or damaged. It is read once.

    Args:
        model: Its name; by default that of the models of the latest training.
    """
    try:
        return Vocabulary.read(FILE, model)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
