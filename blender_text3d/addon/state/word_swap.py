# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt with one word replaced by each other word of its kind: the same object in every color. No bpy."""

import re

from ...protocol.vocabulary import Vocabulary, WordUse, read_vocabulary

SWAPPED_KINDS = {"colors": "color", "objects": "object", "materials": "material", "sizes": "size"}
"""Kinds whose words can be swapped, with their singular."""
ARTICLE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)
VOWELS = "aeiou"


def swappable_words(prompt: str) -> list[WordUse]:
    """Return the words of a prompt that can be swapped, each once, in order."""
    vocabulary = read_vocabulary()
    uses = vocabulary.uses(prompt) if vocabulary else []
    found: dict[str, WordUse] = {}
    for use in uses:
        if vocabulary and kind_of(vocabulary, use) in SWAPPED_KINDS:
            found.setdefault(use.text, use)
    return list(found.values())


def kind_of(vocabulary: Vocabulary, use: WordUse) -> str:
    """Return the kind of a word's use, or "" for a word that is unknown or has no meaning."""
    return vocabulary.kinds.get(use.known or "", "")


def swapped_prompts(prompt: str, word: str) -> list[str]:
    """Return the prompt with the first use of a word replaced by each other word of its kind; [] if there is none."""
    vocabulary = read_vocabulary()
    use = next((use for use in swappable_words(prompt) if use.text == word), None)
    if vocabulary is None or use is None:
        return []
    others = [other for other in vocabulary.groups[kind_of(vocabulary, use)] if other != use.known]
    return [with_word(prompt, use, other) for other in others]


def swapped_kind(prompt: str, word: str) -> str:
    """Return the singular of the kind of a word in the prompt, or ""."""
    vocabulary = read_vocabulary()
    use = next((use for use in swappable_words(prompt) if use.text == word), None)
    return SWAPPED_KINDS[kind_of(vocabulary, use)] if vocabulary and use else ""


def with_word(prompt: str, use: WordUse, word: str) -> str:
    """Return the prompt with another word in place of a use, and the article before it adjusted."""
    before, after = prompt[: use.start], prompt[use.end :]
    article = "an" if word[0] in VOWELS else "a"
    return ARTICLE.sub(lambda match: cased(article, match[1]) + match[2], before) + word + after


def cased(article: str, replaced: str) -> str:
    """Return an article with the capital letter of the one it replaces."""
    return article.capitalize() if replaced[0].isupper() else article
