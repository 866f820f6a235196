# SPDX-License-Identifier: GPL-3.0-or-later
"""Parse a prompt into tokens of the small models' vocabulary, and report unknown words."""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
PLURALS = ((r"ves$", "f"), (r"ves$", "fe"), (r"ies$", "y"), (r"es$", ""), (r"s$", ""))
MAX_UNKNOWN_LISTED = 5
SUFFIXES = (r"-?colou?red$", r"ish$", r"y$", r"en$", r"-?shaped$")


@dataclass(frozen=True)
class ParsedPrompt:
    """A prompt as tokens of a vocabulary.

    Attributes:
        tokens: canonical words in the prompt's order.
        unknown: words that are not in the vocabulary, in order, each once.
        nearest: up to three known words of similar spelling for each unknown word.
    """

    tokens: tuple[str, ...]
    unknown: tuple[str, ...]
    nearest: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Vocabulary:
    """The words that a small text encoder was trained on.

    Attributes:
        groups: canonical words by kind ("objects", "colors", …); together they are the tokens in order.
        aliases: canonical word of other words, or of words joined by a space ("grey" -> "gray").
        ignored: words without meaning to the models ("a", "the").
    """

    groups: dict[str, tuple[str, ...]]
    aliases: dict[str, str]
    ignored: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read a vocabulary's JSON file."""
        data = json.loads(path.read_text(encoding="utf-8"))
        groups = {name: tuple(words) for name, words in data["groups"].items()}
        return cls(groups, data["aliases"], frozenset(data["ignored"]))

    @cached_property
    def ids(self) -> dict[str, int]:
        """The IDs of the tokens, from 1; 0 is padding."""
        return {word: token_id for token_id, word in enumerate((w for g in self.groups.values() for w in g), start=1)}

    def canonical(self, word: str) -> str | None:
        """Return the token of a word, also of its plural, other spelling or derived form, or None."""
        for form in self._forms(word):
            form = self.aliases.get(form, form)
            if form in self.ids:
                return form
        return None

    def _forms(self, word: str) -> Iterator[str]:
        yield word
        for pattern, ending in PLURALS:
            if re.search(pattern, word):
                yield re.sub(pattern, ending, word)
        for pattern in SUFFIXES:
            if re.search(pattern, word):
                yield re.sub(pattern, "", word)

    def parse_prompt(self, prompt: str) -> ParsedPrompt:
        """Return the tokens and unknown words of any prompt."""
        words = WORD.findall(prompt.lower().replace("-", " ").replace("’", "'"))
        tokens: list[str] = []
        unknown: list[str] = []
        while words:
            token, count = self._first_token(words)
            if token:
                tokens.append(token)
            elif words[0] not in self.ignored and words[0] not in unknown:
                unknown.append(words[0])
            words = words[count:]
        return ParsedPrompt(tuple(tokens), tuple(unknown), {word: self._nearest(word) for word in unknown})

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


def unknown_words_notice(prompt: ParsedPrompt, vocabulary: Vocabulary) -> str | None:
    """Return sentences for the user on unknown words of a prompt, or None if all are known."""
    if not prompt.unknown and prompt.tokens:
        return None
    sentences = []
    if prompt.unknown:
        unknown = (f"{word}{_similar(prompt.nearest[word])}" for word in prompt.unknown[:MAX_UNKNOWN_LISTED])
        sentences.append(f"Unknown words: {', '.join(unknown)}.")
    if prompt.tokens:
        sentences.append(f"Recognized: {', '.join(prompt.tokens)}.")
    objects = vocabulary.groups["objects"]
    if not any(token in objects for token in prompt.tokens):
        sentences.append(f"Name an object, such as {', '.join(objects[::6])}.")
    return " ".join(sentences)


def _similar(words: tuple[str, ...]) -> str:
    return f" (similar: {', '.join(words)})" if words else ""
