# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of picture files: pictures that show a kind of the catalog are no pictures of other things."""

import re
from functools import cache
from pathlib import Path

from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.vocabulary import OBJECTS, Vocabulary


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of the catalog."""
    return Vocabulary.read(VOCABULARY)


def kind_named(phrase: str) -> str:
    """Return the kind of the catalog that a word or phrase names, also as a plural, or ""."""
    word = vocabulary().phrase(phrase) or ""
    return word if vocabulary().kinds.get(word) == OBJECTS else ""


def names_a_kind(path: Path) -> bool:
    """Return True if a word of a file's name, or two in a row, name a kind of the catalog."""
    words = re.findall(r"[a-z]+", path.stem.lower())
    phrases = [*words, *(f"{first} {second}" for first, second in zip(words, words[1:], strict=False))]
    return any(map(kind_named, phrases))
