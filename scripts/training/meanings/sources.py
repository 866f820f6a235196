# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of the table of meanings: WordNet, a word list, named colors, and the sentence model's votes."""

import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .classify import SIZES, Classifier
from .sentence_model import SentenceModel
from .sentence_vote import votes
from .wordnet import WordNet, read_wordnet

NOTHINGS_IN_FIT, CERTAIN, CERTAIN_NOTHING = 9000, 0.8, 0.9


class Sources(NamedTuple):
    """The sources of the table: WordNet, a word list, named colors, and votes by word and label."""

    wordnet: WordNet
    words: frozenset[str]
    colors: dict[str, str]
    votes: dict[str, dict[str, float]]


def read_sources(folder: Path) -> Sources:
    """Read all sources; the sentence model takes some minutes."""
    wordnet = read_wordnet(folder / "dict", folder / "noun.exc")
    words = frozenset((folder / "american-english").read_text(encoding="utf-8").split())
    return Sources(wordnet, words, read_colors(folder / "_color_data.py"), read_votes(folder, wordnet, words))


def read_colors(path: Path) -> dict[str, str]:
    """Return "#rrggbb" of the XKCD names, and of the CSS names that are not among them."""
    spec = importlib.util.spec_from_file_location("color_data", path)
    data = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(data)
    return {**data.CSS4_COLORS, **{name.removeprefix("xkcd:"): value for name, value in data.XKCD_COLORS.items()}}


def read_votes(folder: Path, wordnet: WordNet, words: frozenset[str]) -> dict[str, dict[str, float]]:
    """Return the sentence model's vote on every word of WordNet; it is kept in votes.npz in the folder."""
    kept = folder / "votes.npz"
    if not kept.exists():
        names = [*single_words(wordnet), *collocations(wordnet, words)]
        phrases = [name.replace("_", " ") for name in names]
        model = SentenceModel(folder)
        parts = [model.embed(phrases), model.embed([f"a photo of a {phrase}" for phrase in phrases])]
        targets = certain_labels(Classifier(wordnet), names)
        labels = sorted(set(targets.values()))
        values = votes(np.concatenate(parts, axis=1), labels, targets)
        np.savez(kept, words=np.array(names), labels=np.array(labels), p=values.astype(np.float16))
    data = np.load(kept)
    labels, names = data["labels"].tolist(), data["words"].tolist()
    return {name: dict(zip(labels, row, strict=True)) for name, row in zip(names, data["p"].tolist(), strict=True)}


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


def certain_labels(classifier: Classifier, names: list[str]) -> dict[int, str]:
    """Return the label of the words of one clear meaning, and of a sample of those without a stand-in, by row."""
    found, nothings = {}, []
    for row, name in enumerate(names):
        shares = classifier.shares(name)
        values = {label: v for label, v in (*shares.kinds.items(), *shares.attributes.items())}
        if values and max(values.values()) >= CERTAIN:
            label = max(values, key=values.get)
            found[row] = "size" if label in SIZES else label
        elif not values and shares.nothing > CERTAIN_NOTHING:
            nothings.append(row)
    sample = np.random.default_rng(0).choice(nothings, NOTHINGS_IN_FIT, replace=False)
    return found | {int(row): "nothing" for row in sample}
