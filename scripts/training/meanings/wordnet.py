# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of WordNet 3.1: senses of a word in order, and the paths above a sense.

Source: the manual pages wndb(5) and wninput(5) of WordNet, for the columns of index.* and data.*.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PARTS = {"n": "noun", "a": "adj"}
HYPERNYM, INSTANCE, SIMILAR, ATTRIBUTE = "@", "@i", "&", "="
EXCEPTIONS = "noun.exc"


@dataclass(frozen=True)
class Synset:
    """A meaning.

    Attributes:
        key: Part of speech and offset, such as "n02961779".
        lemmas: Its words with capitals, joined by "_".
        lexicographer: Number of the file it was written in: 5 animals, 6 artifacts, 13 food, 20 plants …
        pointers: Kind of the pointer and key of the other meaning.
        gloss: Its definition and examples.
    """

    key: str
    lemmas: tuple[str, ...]
    lexicographer: int
    pointers: tuple[tuple[str, str], ...]
    gloss: str

    @property
    def above(self) -> list[str]:
        """Keys of the meanings that this one is a kind of."""
        return [key for kind, key in self.pointers if kind == HYPERNYM]

    @property
    def is_instance(self) -> bool:
        """True for one of its kind: a city, a person."""
        return any(kind == INSTANCE for kind, _ in self.pointers)


@dataclass(frozen=True)
class WordNet:
    """WordNet's nouns and adjectives.

    Attributes:
        synsets: Meanings by key.
        senses: Keys of the meanings of a lower-case word, the most common first, by part of speech.
        tag_counts: How often the meaning of a word was tagged in WordNet's texts.
        exceptions: Singular of irregular plurals.
    """

    synsets: dict[str, Synset]
    senses: dict[str, dict[str, list[str]]]
    tag_counts: dict[tuple[str, str], int]
    exceptions: dict[str, str]

    def sense(self, name: str) -> str:
        """Return the key of "armchair.1", or of the adjective "tall.1.a".

        Raises:
            KeyError: There is no such meaning.
        """
        word, number, *part = name.split(".")
        return self.senses[part[0] if part else "n"][word][int(number) - 1]

    def distances(self, key: str) -> dict[str, int]:
        """Return the meanings above one, itself included, with the number of steps to each."""
        found, edge, steps = {key: 0}, [key], 0
        while edge:
            steps += 1
            edge = [above for below in edge for above in self.synsets[below].above if above not in found]
            found |= dict.fromkeys(edge, steps)
        return found


def read_wordnet(folder: Path, exceptions: Path) -> WordNet:
    """Read the folder `dict` of WordNet and its list of irregular plurals."""
    synsets, senses = {}, {}
    for part, name in PARTS.items():
        synsets |= {synset.key: synset for synset in read_synsets(folder / f"data.{name}", part)}
        senses[part] = read_senses(folder / f"index.{name}", part)
    lines = [line.split() for line in exceptions.read_text(encoding="utf-8").splitlines()]
    return WordNet(synsets, senses, read_tag_counts(folder / "index.sense"), {line[0]: line[1] for line in lines})


def rows(path: Path) -> Iterator[str]:
    """Yield the lines of a file without its license."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            yield line


def read_synsets(path: Path, part: str) -> Iterator[Synset]:
    """Yield the meanings of a data file."""
    for line in rows(path):
        data, _, gloss = line.partition(" | ")
        columns = data.split()
        words = int(columns[3], 16)
        lemmas = tuple(lemma.split("(")[0] for lemma in columns[4 : 4 + 2 * words : 2])
        rest = columns[5 + 2 * words :]
        pointers = tuple(
            (rest[i], rest[i + 2].replace("s", "a") + rest[i + 1]) for i in range(0, 4 * int(columns[4 + 2 * words]), 4)
        )
        yield Synset(part + columns[0], lemmas, int(columns[1]), pointers, gloss.strip())


def read_senses(path: Path, part: str) -> dict[str, list[str]]:
    """Return the keys of the meanings of every word of an index file."""
    senses = {}
    for line in rows(path):
        columns = line.split()
        senses[columns[0]] = [part + offset for offset in columns[-int(columns[2]) :]]
    return senses


def read_tag_counts(path: Path) -> dict[tuple[str, str], int]:
    """Return how often each meaning of a word was tagged."""
    counts = {}
    for line in rows(path):
        sense, offset, _, count = line.split()
        word, _, rest = sense.partition("%")
        part = {"1": "n", "3": "a", "5": "a"}.get(rest[0])
        if part and count != "0":
            counts[word, part + offset] = int(count)
    return counts
