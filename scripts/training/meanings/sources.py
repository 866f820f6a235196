# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of the table of meanings: WordNet, a word list and named colors."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

from .wordnet import WordNet, read_wordnet


class Sources(NamedTuple):
    """The sources of the table: WordNet, a word list and named colors."""

    wordnet: WordNet
    words: frozenset[str]
    colors: dict[str, str]


def read_sources(folder: Path) -> Sources:
    """Read all sources."""
    wordnet = read_wordnet(folder / "dict", folder / "noun.exc")
    words = frozenset((folder / "american-english").read_text(encoding="utf-8").split())
    return Sources(wordnet, words, read_colors(folder / "_color_data.py"))


def read_colors(path: Path) -> dict[str, str]:
    """Return "#rrggbb" of the XKCD names, and of the CSS names that are not among them."""
    spec = importlib.util.spec_from_file_location("color_data", path)
    data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(data)
    return {**data.CSS4_COLORS, **{name.removeprefix("xkcd:"): value for name, value in data.XKCD_COLORS.items()}}


def single_words(wordnet: WordNet) -> list[str]:
    """Return the lower-case words of WordNet's nouns and adjectives."""
    return sorted({word for part in "na" for word in wordnet.senses[part] if is_plain(wordnet, word, part)})


def is_plain(wordnet: WordNet, word: str, part: str) -> bool:
    """True for a word of ASCII letters that has a meaning in lower case."""
    keys = wordnet.senses[part][word]
    return word.isascii() and word.isalpha() and any(word in wordnet.synsets[key].lemmas for key in keys)


def collocations(wordnet: WordNet, words: frozenset[str]) -> list[str]:
    """Return WordNet's nouns of two or three everyday words."""
    nouns = wordnet.senses["n"]
    names = [noun for noun in nouns if noun.count("_") in (1, 2) and set(noun.split("_")) <= words]
    return sorted(noun for noun in names if any(noun in wordnet.synsets[key].lemmas for key in nouns[noun]))
