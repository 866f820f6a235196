# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt with one word replaced by each other word of its kind: the same object in every color. No bpy."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...prompts.item import Item
    from ...prompts.vocabulary import Vocabulary

SWAPPED_KINDS = {"colors": "color", "objects": "object", "materials": "material", "sizes": "size"}
"""Kinds whose words can be swapped, with their singular."""
ARTICLE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)
VOWELS = "aeiou"


def swappable_words(prompt: str, model: str = "") -> "list[Item]":
    """Return the words of a prompt that can be swapped, each once, in order."""
    from ...prompts.reader import read_prompt
    from ...prompts.vocabulary import read_vocabulary

    vocabulary, reading = read_vocabulary(model), read_prompt(prompt, model)
    found: dict[str, Item] = {}
    for item in reading.items if reading else ():
        if vocabulary and kind_of(vocabulary, item) in SWAPPED_KINDS:
            found.setdefault(item.text, item)
    return list(found.values())


def kind_of(vocabulary: "Vocabulary", item: "Item") -> str:
    """Return the kind of a word, or "" for one that is unknown, has no meaning or is left out."""
    return vocabulary.kinds.get(item.tokens[-1], "") if item.tokens and item.is_used else ""


def swapped_prompts(prompt: str, word: str, model: str = "") -> list[str]:
    """Return the prompt with the first use of a word replaced by each other word of its kind; [] if there is none."""
    from ...prompts.vocabulary import read_vocabulary

    vocabulary = read_vocabulary(model)
    item = next((item for item in swappable_words(prompt, model) if item.text == word), None)
    if vocabulary is None or item is None:
        return []
    others = [other for other in vocabulary.groups[kind_of(vocabulary, item)] if other != item.tokens[-1]]
    return [with_word(prompt, item, other) for other in others]


def swapped_kind(prompt: str, word: str, model: str = "") -> str:
    """Return the singular of the kind of a word in the prompt, or ""."""
    from ...prompts.vocabulary import read_vocabulary

    vocabulary = read_vocabulary(model)
    item = next((item for item in swappable_words(prompt, model) if item.text == word), None)
    return SWAPPED_KINDS[kind_of(vocabulary, item)] if vocabulary and item else ""


def with_word(prompt: str, item: "Item", word: str) -> str:
    """Return the prompt with another word in place of one, and the article before it adjusted."""
    before, after = prompt[: item.start], prompt[item.end :]
    article = "an" if word[0] in VOWELS else "a"
    return ARTICLE.sub(lambda match: cased(article, match[1]) + match[2], before) + word + after


def cased(article: str, replaced: str) -> str:
    """Return an article with the capital letter of the one it replaces."""
    return article.capitalize() if replaced[0].isupper() else article
