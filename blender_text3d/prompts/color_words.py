# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt with another color word: that of its object, or that of its first part."""

import re

from .item import Item
from .reader import read_prompt
from .roles import Role
from .vocabulary import COLORS, read_vocabulary

ARTICLE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)
FIRST_ARTICLE = re.compile(r"^(a|an|the|one)\s+", re.IGNORECASE)
VOWELS = "aeiou"


def reword(prompt: str, axis: str, word: str) -> str | None:
    """Return a prompt with another word on an axis of a wedge, "color" or "part_color"; None if it has no part."""
    return with_color(prompt, word) if axis == "color" else with_part_color(prompt, word)


def with_color(prompt: str, color: str) -> str:
    """Return a prompt whose object has a color: "a red chair" and "blue" give "a blue chair"."""
    items = used_items(prompt)
    place = next((index for index, item in enumerate(items) if item.role == Role.OBJECT), len(items))
    before = [item for item in items[:place] if is_color(item)]
    if before:
        return replaced(prompt, before[-1].start, before[-1].end, color)
    first = FIRST_ARTICLE.match(prompt)
    start = items[place].start if place < len(items) else first.end() if first else 0
    return replaced(prompt, start, start, f"{color} ")


def with_part_color(prompt: str, color: str) -> str | None:
    """Return a prompt whose first part has a color, or None if it names no part.

    "a red chair with white legs" and "blue" give "a red chair with blue legs".
    """
    items = used_items(prompt)
    place = next((index for index, item in enumerate(items) if item.role == Role.PART), None)
    if place is None:
        return None
    start = next((index for index in range(place, 0, -1) if items[index - 1].role != Role.ATTRIBUTE), 0)
    before = [item for item in items[start:place] if is_color(item)]
    if before:
        return replaced(prompt, before[-1].start, before[-1].end, color)
    return replaced(prompt, items[place].start, items[place].start, f"{color} ")


def used_items(prompt: str) -> list[Item]:
    """Return the words of a prompt that a small model gets, in the order of the prompt."""
    reading = read_prompt(prompt)
    return sorted((item for item in reading.items if item.is_used), key=lambda item: item.start) if reading else []


def is_color(item: Item) -> bool:
    """True for a color, also one that is read as another."""
    vocabulary = read_vocabulary()
    return bool(vocabulary and item.tokens and vocabulary.kinds.get(item.tokens[-1]) == COLORS)


def replaced(prompt: str, start: int, end: int, text: str) -> str:
    """Return a prompt with a text in place of some letters, and the article before it adjusted."""
    article = "an" if text[:1].lower() in VOWELS else "a"
    before = ARTICLE.sub(lambda match: cased(article, match[1]) + match[2], prompt[:start])
    return before + text + prompt[end:]


def cased(article: str, original: str) -> str:
    """Return an article with the capital letter of the one it replaces."""
    return article.capitalize() if original[0].isupper() else article
