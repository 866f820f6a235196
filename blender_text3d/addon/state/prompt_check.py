# SPDX-License-Identifier: GPL-3.0-or-later
"""Check of a prompt against the small models' vocabulary while the user types, and edits of single words. No bpy."""

from functools import lru_cache

from ...protocol.typos import typo_suggestions
from ...protocol.vocabulary import (
    MODELS_WITH_VOCABULARY,
    OBJECTS,
    Vocabulary,
    WordUse,
    names_object,
    read_vocabulary,
    unknown_words,
)
from ...system.lazy_dataclass import lazy_dataclass

BEFORE_OBJECT = ("colors", "materials", "sizes")
"""Kinds whose words go before the object: "a red chair"."""


@lazy_dataclass(frozen=True)
class PromptCheck:
    """The result for one prompt.

    Attributes:
        unknown: Words that the model does not know.
        corrections: An unknown word and a known one that it is probably a typo of.
        names_object: True if one of the words is an object.
    """

    unknown: tuple[str, ...]
    corrections: tuple[tuple[str, str], ...]
    names_object: bool


def vocabulary_of(model: str) -> Vocabulary | None:
    """Return the vocabulary of a model, or None for one that understands free text."""
    return read_vocabulary() if model in MODELS_WITH_VOCABULARY else None


def check_prompt(prompt: str, model: str) -> PromptCheck | None:
    """Return the result for a prompt, or None if the model has no vocabulary. Panels call it while they draw."""
    return _check(prompt) if vocabulary_of(model) else None


@lru_cache(16)
def _check(prompt: str) -> PromptCheck | None:
    vocabulary = read_vocabulary()
    if vocabulary is None:
        return None
    uses = vocabulary.uses(prompt)
    unknown = tuple(unknown_words(uses))
    corrections = tuple((word, meant) for word in unknown[:5] for meant in typo_suggestions(word, vocabulary))
    return PromptCheck(unknown, corrections, names_object(vocabulary, uses))


def replace_word(prompt: str, word: str, replacement: str) -> str:
    """Return the prompt with every use of an unknown word replaced."""
    vocabulary = read_vocabulary()
    for use in reversed(vocabulary.uses(prompt) if vocabulary else []):
        if use.text == word:
            prompt = prompt[: use.start] + replacement + prompt[use.end :]
    return prompt


def insert_word(prompt: str, word: str) -> str:
    """Return the prompt with a known word: colors, materials and sizes before the object, others at the end."""
    vocabulary = read_vocabulary()
    kind = vocabulary.kinds.get(word) if vocabulary else None
    named = first_object(vocabulary, vocabulary.uses(prompt)) if vocabulary else None
    if kind in BEFORE_OBJECT and named:
        return f"{prompt[: named.start]}{word} {prompt[named.start :]}"
    return f"{prompt.rstrip()} {word}" if prompt.strip() else word


def first_object(vocabulary: Vocabulary, uses: list[WordUse]) -> WordUse | None:
    """Return the first word that is an object, or None."""
    return next((use for use in uses if vocabulary.kinds.get(use.known or "") == OBJECTS), None)
