# SPDX-License-Identifier: GPL-3.0-or-later
"""The share of a word's meanings that each word of the small models stands for."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .wordnet import SIMILAR, Synset, WordNet

CONCEPTS = Path(__file__).with_name("concepts.txt")
NOTHING, PERSON = "nothing", "person"
OFFENSIVE = re.compile("offensive|disparag|derogat|slur|obscene|ethnic")
ANIMALS, ARTIFACTS, FOOD, PERSONS, PLANTS, SUBSTANCES = 5, 6, 13, 18, 20, 27
THINGS = frozenset({ANIMALS, ARTIFACTS, FOOD, PLANTS, SUBSTANCES, 8, 17})
RANK_DISCOUNT, PERSON_WEIGHT, CAPITAL_WEIGHT, ABSTRACT_WEIGHT = 0.35, 0.4, 0.7, 0.7
SIZES = {
    "big": ("large.1.a", "giant.1.a"),
    "small": ("small.1.a",),
    "tall": ("tall.1.a", "high.2.a"),
    "short": ("short.2.a", "short.3.a"),
    "wide": ("wide.1.a", "fat.1.a"),
    "narrow": ("narrow.1.a",),
    "thick": ("thick.1.a", "thick.5.a"),
    "thin": ("thin.1.a", "thin.2.a"),
    "long": ("long.2.a",),
}
MATERIALS = ("wooden", "stone", "golden", "silver")


@dataclass(frozen=True)
class Concepts:
    """The listed meanings: (label, levels below it that are reached) of a meaning's key."""

    reach: dict[str, tuple[str, float]]

    @classmethod
    def read(cls, wordnet: WordNet, path: Path = CONCEPTS) -> "Concepts":
        """Read the list.

        Raises:
            KeyError: A listed meaning does not exist.
        """
        reach = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            label, _, senses = line.partition(":")
            for sense in senses.split() if not line.startswith("#") else ():
                name, _, levels = sense.partition("<")
                reach[wordnet.sense(name)] = label, float(levels or "inf")
        return cls(reach)

    def label_of(self, wordnet: WordNet, key: str) -> str:
        """Return the label of the nearest listed meaning above a noun's meaning, itself included, or "nothing"."""
        distances = wordnet.distances(key)
        near = [(steps, above) for above, steps in distances.items() if above in self.reach]
        labels = [self.reach[above][0] for steps, above in sorted(near) if steps <= self.reach[above][1]]
        return labels[0] if labels else NOTHING


@dataclass(frozen=True)
class Shares:
    """The shares of a word's meanings by label: of kinds ("chair"), and of attributes ("red", "wooden", "tall")."""

    kinds: dict[str, float]
    attributes: dict[str, float]
    nothing: float
    is_adjective: bool


class Classifier:
    """Labels of words by WordNet."""

    def __init__(self, wordnet: WordNet):
        self.wordnet = wordnet
        self.concepts = Concepts.read(wordnet)
        self.sizes = dict(self._size_satellites())
        colored = [wordnet.sense("chromatic_color.1"), wordnet.sense("achromatic_color.1")]
        heads = [wordnet.sense("chromatic.3.a"), wordnet.sense("achromatic.1.a")]
        self.color_nouns, self.color_adjectives = frozenset(colored), frozenset(heads)
        self.shares = cache(self._shares)

    def _size_satellites(self) -> Iterator[tuple[str, str]]:
        for label, heads in SIZES.items():
            for head in map(self.wordnet.sense, heads):
                yield head, label
                for kind, key in self.wordnet.synsets[head].pointers:
                    if kind == SIMILAR:
                        yield key, label

    def _shares(self, word: str) -> Shares:
        """Return the shares of a lower-case word."""
        kinds, attributes, nothing, adjective = defaultdict(float), defaultdict(float), 0.0, 0.0
        for key, weight in self._weights(word):
            synset = self.wordnet.synsets[key]
            label = self._label(key)
            adjective += weight if key[0] == "a" else 0
            if label == NOTHING:
                nothing += weight * (1 if key[0] == "a" or synset.lexicographer in THINGS else ABSTRACT_WEIGHT)
            elif label == "color" or label in MATERIALS or label in SIZES:
                attributes[label] += weight
            else:
                kinds[label] += weight
        prefer(kinds, "tree", "pine", over=attributes, other="wooden")
        prefer(kinds, "pear", "banana", "apple", "flower", over=kinds, other="tree")
        total = sum(kinds.values()) + sum(attributes.values()) + nothing or 1.0
        kinds = {label: value / total for label, value in kinds.items()}
        attributes = {label: value / total for label, value in attributes.items()}
        return Shares(kinds, attributes, nothing / total, adjective > total / 2)

    def _weights(self, word: str) -> Iterator[tuple[str, float]]:
        senses = [*self.wordnet.senses["n"].get(word, ()), *self.wordnet.senses["a"].get(word, ())]
        ranks = [
            *range(len(self.wordnet.senses["n"].get(word, ()))),
            *range(len(self.wordnet.senses["a"].get(word, ()))),
        ]
        for key, rank in zip(senses, ranks, strict=True):
            synset = self.wordnet.synsets[key]
            weight = (self.wordnet.tag_counts.get((word, key), 0) + 1) / (1 + RANK_DISCOUNT * rank)
            if word not in synset.lemmas:
                if synset.is_instance or synset.lexicographer != ANIMALS:
                    continue
                weight *= CAPITAL_WEIGHT
            yield key, weight * (PERSON_WEIGHT if synset.lexicographer == PERSONS else 1)

    def _label(self, key: str) -> str:
        if key[0] == "n":
            if self.color_nouns & self.wordnet.distances(key).keys():
                return "color"
            label = self.concepts.label_of(self.wordnet, key)
            return NOTHING if label == PERSON and OFFENSIVE.search(self.wordnet.synsets[key].gloss) else label
        if self._is_color(self.wordnet.synsets[key]):
            return "color"
        return self.sizes.get(key, NOTHING)

    def _is_color(self, synset: Synset) -> bool:
        return any(kind == SIMILAR and key in self.color_adjectives for kind, key in synset.pointers)

    def gloss_of_color(self, word: str) -> str:
        """Return the definitions of a word's color senses."""
        keys = [key for part in "an" for key in self.wordnet.senses[part].get(word, ())]
        return " ".join(self.wordnet.synsets[key].gloss.split(";")[0] for key in keys if self._label(key) == "color")


def prefer(shares: dict[str, float], *labels: str, over: dict[str, float], other: str) -> None:
    """Give the first of some labels that has a share another's: fruits and flowers that of their tree."""
    label = next((label for label in labels if shares.get(label)), "")
    if label and over.get(other):
        shares[label] += over.pop(other)
