# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt in everyday words becomes tokens of a small vocabulary, and says which words it does not know."""

import difflib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
PLURALS = ((r"ves$", "f"), (r"ves$", "fe"), (r"ies$", "y"), (r"es$", ""), (r"s$", ""))
SUFFIXES = (r"-?colou?red$", r"ish$", r"y$", r"en$", r"-?shaped$")


@dataclass(frozen=True)
class Reading:
    """What was understood of a prompt.

    Attributes:
        tokens: canonical words in the prompt's order.
        unknown: the prompt's words that are not in the vocabulary, in order, each once.
        nearest: unknown word -> up to three known words spelled most like it.
    """

    tokens: tuple[str, ...]
    unknown: tuple[str, ...]
    nearest: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Vocabulary:
    """The words a small text encoder was trained on.

    Attributes:
        groups: kind of word ("objects", "colors", …) -> its canonical words, which are the tokens in order.
        aliases: other word, or words joined by a space -> canonical word ("grey" -> "gray").
        ignored: words that carry nothing ("a", "the").
    """

    groups: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    ignored: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Reads a vocabulary's JSON file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        groups = {name: tuple(words) for name, words in data["groups"].items()}
        return cls(groups, data["aliases"], frozenset(data["ignored"]))

    @cached_property
    def ids(self) -> dict[str, int]:
        """Token -> number from 1; 0 pads."""
        return {word: number for number, word in enumerate((w for g in self.groups.values() for w in g), start=1)}

    def canonical(self, word: str) -> str | None:
        """The token a single word stands for, through plurals, spellings and endings, or None."""
        for form in self._forms(word):
            form = self.aliases.get(form, form)
            if form in self.ids:
                return form
        return None

    def _forms(self, word: str):
        yield word
        for pattern, ending in PLURALS:
            if re.search(pattern, word):
                yield re.sub(pattern, ending, word)
        for pattern in SUFFIXES:
            if re.search(pattern, word):
                yield re.sub(pattern, "", word)

    def read_prompt(self, prompt: str) -> Reading:
        """Tokens and unknown words of a prompt; never fails."""
        words = WORD.findall(prompt.lower().replace("-", " ").replace("’", "'"))
        tokens, unknown = [], []
        while words:
            token, taken = self._first_token(words)
            if token:
                tokens.append(token)
            elif words[0] not in self.ignored and words[0] not in unknown:
                unknown.append(words[0])
            words = words[taken:]
        return Reading(tuple(tokens), tuple(unknown), {word: self._nearest(word) for word in unknown})

    def _first_token(self, words: list[str]) -> tuple[str | None, int]:
        for length in (3, 2):
            phrase = " ".join(words[:length])
            if len(words) >= length and (found := self._phrase(phrase) or self._phrase(phrase.removesuffix("s"))):
                return found, length
        return (None if words[0] in self.ignored else self.canonical(words[0])), 1

    def _phrase(self, phrase: str) -> str | None:
        return phrase if phrase in self.ids else self.aliases.get(phrase)

    def _nearest(self, word: str) -> tuple[str, ...]:
        known = [*self.ids, *self.aliases]
        close = difflib.get_close_matches(word, known, n=6, cutoff=0.5)
        return tuple(dict.fromkeys(self.aliases.get(match, match) for match in close))[:3]
