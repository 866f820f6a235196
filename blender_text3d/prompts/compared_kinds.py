# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence on a comparison of models that read a prompt as different kinds of objects."""

from collections.abc import Sequence

from .notices import spelled
from .reader import read_prompt

SMALL_MODELS = "mini/"


def kinds_notice(prompt: str, models: Sequence[str]) -> str:
    """Return a sentence if two small models make different kinds of objects of a prompt, or one does not know it."""
    first, second = models
    readings = [read_prompt(prompt, model) for model in models]
    if not first.startswith(SMALL_MODELS) or None in readings:
        return ""
    kinds = [reading.main for reading in readings if reading]
    for model, other, reading in ((first, second, readings[0]), (second, first, readings[1])):
        if reading and reading.elsewhere and not reading.main and any(kinds):
            return f"{model} does not know '{reading.elsewhere[0]}'; {other} does, so only its object is of that kind."
    if kinds[0] == kinds[1] or "" in kinds:
        return ""
    return f"{first} makes {with_article(kinds[0])} of this prompt and {second} {with_article(kinds[1])}."


def with_article(kind: str) -> str:
    """Return a kind, which words may precede, as people spell it, with its article."""
    words = spelled(kind)
    return words if words.endswith("glasses") else f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
