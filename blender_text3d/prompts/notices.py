# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences for the user on how a prompt was read: what was taken for what, and what was not used."""

from collections.abc import Iterator, Sequence

from .reader import MAX_TOKENS, Reading
from .roles import Role
from .typos import typo_suggestions
from .vocabulary import OBJECTS, Vocabulary, plural_forms

MAX_NAMED = 12
EXAMPLES = 7
SPELLINGS = (("icecream", "ice cream"), ("hotdog", "hot dog"), ("chesspiece", "chess piece"))


def prompt_notice(reading: Reading, vocabulary: Vocabulary) -> str | None:
    """Return the sentences on a prompt, the most important first, or None if every word was used as it is written."""
    return " ".join(sentences(reading, vocabulary)) or None


def sentences(reading: Reading, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the sentences on a prompt."""
    yield from sentences_on_objects_elsewhere(reading, vocabulary)
    if not reading.main and not reading.elsewhere:
        objects = vocabulary.groups.get(OBJECTS, ())
        examples = ", ".join(map(spelled, objects[:: max(1, len(objects) // (EXAMPLES - 1))]))
        yield f"No object that this model can make is named. Name one, such as {examples}."
        yield from sentences_on_part_alone(reading, vocabulary)
    if reading.unknown:
        yield f"Unknown words: {named([word + similar(word, vocabulary) for word in reading.unknown])}."
    offered = [word for word, _ in reading.offers]
    if nothing := [phrase for phrase in reading.nothing if phrase not in offered]:
        them = "it" if len(nothing) == 1 else "them"
        yield f"Not used, since the model knows nothing like {them}: {named(nothing)}."
    for word, meant in reading.offers:
        yield f"'{word}' is not used; for something like it, write '{meant}'."
    if reading.language and reading.tokens:
        yield f"Read as {reading.language}: {spelled(' '.join(reading.tokens))}."
    if reading.read_as:
        (word, meant), *more = [(word, spelled(meant)) for word, meant in reading.read_as]
        yield ", ".join([f"'{word}' is read as {meant}", *(f"'{word}' as {meant}" for word, meant in more)]) + "."
    yield from sentences_on_one_object(reading)
    if reading.denied:
        yield f"A prompt cannot exclude anything; not used: {named(reading.denied)}."
    if reading.beyond:
        yield f"Only the first {MAX_TOKENS} known words are used; not used: {named(reading.beyond)}."
    if reading.measurements:
        yield f"The size has its own setting; not used: {named(reading.measurements)}."
    if reading.looks:
        yield f"Words on style and rendering have no effect: {named(reading.looks)}."


def sentences_on_objects_elsewhere(reading: Reading, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the sentence on an object that the model does not know, though the vocabulary has it."""
    if reading.elsewhere:
        text, known = reading.elsewhere
        is_name = any(form in vocabulary.elsewhere for form in (text, *plural_forms(text)))
        word = f"'{text}'" if is_name else f"'{text}' ({spelled(known)})"
        models = vocabulary.models_elsewhere
        others = f"; {' and '.join(models)} {'does' if len(models) == 1 else 'do'}" if models else ""
        yield f"{vocabulary.model} does not know {word}{others}."


def sentences_on_one_object(reading: Reading) -> Iterator[str]:
    """Yield the sentences on other objects, and on counts."""
    objects = tuple(count for count, _, is_part in reading.counts if not is_part)
    if reading.others and not reading.main:
        yield f"Not used without an object: {named(objects + reading.others)}."
    elif reading.others:
        yield f"Only one object is made, the {spelled(reading.main)}; not used: {named(objects + reading.others)}."
    elif objects:
        yield f"Only one {spelled(reading.main) or 'object'} is made; not used: {named(objects)}."
    for count, noun, is_part in reading.counts:
        if is_part:
            yield f"The number of {noun} cannot be chosen; not used: {count}."


def sentences_on_part_alone(reading: Reading, vocabulary: Vocabulary) -> Iterator[str]:
    """Yield the sentence on a prompt of known words without an object: what its last word is."""
    known = [item for item in reading.items if item.is_used and item.tokens and item.role != Role.LINK]
    if known and not known[-1].is_told and not (reading.unknown or reading.nothing):
        group = vocabulary.kinds[known[-1].tokens[-1]]
        yield f"'{known[-1].text}' alone is only a {group.removesuffix('s')}."


def spelled(words: str) -> str:
    """Return words of the vocabulary as people spell them."""
    for word, spelling in SPELLINGS:
        words = words.replace(word, spelling)
    return words


def named(words: Sequence[str]) -> str:
    """Return the words, and how many there are besides."""
    more = f" and {len(words) - MAX_NAMED} more" if len(words) > MAX_NAMED else ""
    return ", ".join(words[:MAX_NAMED]) + more


def similar(word: str, vocabulary: Vocabulary) -> str:
    """Return what a word is probably a typo of, in brackets, or ""."""
    found = typo_suggestions(word, vocabulary)
    return f" (similar: {', '.join(found)})" if found else ""
