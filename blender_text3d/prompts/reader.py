# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a prompt as a person means it: the words that reach a small model, and what was not used and why.

One object is made. Of two things the first one named counts, of a compound its last word; what describes the others is
left out with them. A prompt of known words for one object gives the tokens that the models were trained on.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .compound_nouns import parts_alone, settle_compounds
from .item import Item
from .languages import ADJECTIVE_LAST, LANGUAGES, begins_with_german_article, language_of, translated
from .matching import items_of
from .meanings import meaning_of
from .phrases import PART_KINDS, role_words
from .roles import Reason, Role
from .scopes import counts, deny, drop_comparisons, drop_looks, join_shades
from .splitting import Word, without_accents, words_of
from .structure import (
    choose_object,
    drop_other_objects,
    drop_unused_descriptions,
    segments_before,
    segments_of,
    settle_two_readings,
)
from .vocabulary import OBJECTS, Vocabulary, plural_forms, read_vocabulary
from .word_roles import function_role, style_role

MAX_TOKENS = 12
"""Words that the small models read."""
REST_LETTERS = 40


class Reading(NamedTuple):
    """The part of a prompt that a small model gets, and all that is left out.

    Attributes:
        tokens: The known words in order, at most MAX_TOKENS.
        items: All words and phrases of the prompt with their places.
        main: The object that is made, or "".
        language: "German" and the like; "" for English.
        read_as: Words and the known words that they are read as.
        offers: Words and a known one that each may mean, which is not used.
        counts: Counts, the word that they count, and True if that is a part.
        looks: Phrases about looks.
        denied: Phrases that a negation denies.
        others: Other objects, with what describes them.
        nothing: English words without a stand-in, and what describes them.
        unknown: Words that no table has.
        beyond: Known words after the first MAX_TOKENS.
        measurements: Measurements, which have a setting of their own.
        elsewhere: The object to make, if only models of a later training know it, and their word for it.
    """

    tokens: tuple[str, ...]
    items: tuple[Item, ...]
    main: str
    language: str
    read_as: tuple[tuple[str, str], ...]
    offers: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, str, bool], ...]
    looks: tuple[str, ...]
    denied: tuple[str, ...]
    others: tuple[str, ...]
    nothing: tuple[str, ...]
    unknown: tuple[str, ...]
    beyond: tuple[str, ...]
    measurements: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """True if every word was understood as it is written."""
        return not any(self[self._fields.index("read_as") :]) and bool(self.main)


def read_prompt(prompt: str, model: str = "") -> Reading | None:
    """Return the reading of a prompt by the words of a model, or None if they are missing; see `read_vocabulary`."""
    vocabulary = read_vocabulary(model)
    return cached_reading(prompt, vocabulary) if vocabulary else None


@lru_cache(64)
def cached_reading(prompt: str, vocabulary: Vocabulary) -> Reading:
    """Return the reading of a prompt by a vocabulary; the panel asks at every redraw."""
    words = words_of(prompt)
    code = foreign_language(words, vocabulary)
    if code:
        words = translated(words, code, lambda text: is_english(text, vocabulary))
    items = items_of(words, vocabulary)
    deny(items)
    drop_looks(items)
    items = join_shades(items)
    counted = counts(items)
    drop_comparisons(items)
    segments = segments_of(items)
    settle_two_readings(segments)
    settle_compounds(segments, vocabulary)
    main = choose_object(segments, vocabulary)
    drop_other_objects(segments, main, vocabulary)
    drop_unused_descriptions(segments, main, vocabulary)
    groups = [segment.items for segment in segments_before(segments, main)]
    elsewhere = next((found for group in groups if (found := elsewhere_of(prompt, group, main, vocabulary))), ())
    if code in ADJECTIVE_LAST:
        for noun in [item for item in items if item.is_used and (item is main or item.role == Role.PART)]:
            items = with_adjectives_first(items, noun)
    reading = reading_of(prompt, items, main, LANGUAGES.get(code, ""), counted)
    alone = parts_alone(prompt, segments, main)
    return reading._replace(elsewhere=elsewhere, read_as=(*reading.read_as, *alone))


def foreign_language(words: list[Word], vocabulary: Vocabulary) -> str:
    """Return the language of a prompt; "" for English, and for one whose words are all the vocabulary's."""
    is_known = all(vocabulary.known_word(word.text) or word.text in vocabulary.ignored for word in words)
    is_object = len(words) > 1 and vocabulary.kinds.get(vocabulary.exact(words[1].text) or "") == OBJECTS
    if is_known and not (is_object and begins_with_german_article(words)):
        return ""
    return language_of(words, lambda text: is_english(text, vocabulary), lambda text: is_plain(text, vocabulary))


def is_plain(text: str, vocabulary: Vocabulary) -> bool:
    """True for an English word of grammar, and for a word of the vocabulary as it is written."""
    text = without_accents(text)
    is_grammar = text in vocabulary.ignored or text in role_words().fillers or function_role(text)
    is_known = vocabulary.exact(text) is not None or text in vocabulary.elsewhere
    return bool(is_grammar and text.isalpha()) or is_known


def is_english(text: str, vocabulary: Vocabulary) -> bool:
    """True for a word that has a meaning in English, also as a plural."""
    text = without_accents(text)
    is_known = is_plain(text, vocabulary) or vocabulary.known_word(text) or style_role(text)
    return bool(is_known or function_role(text)) or any(map(meaning_of, (text, *plural_forms(text))))


def with_adjectives_first(items: list[Item], noun: Item) -> list[Item]:
    """Return the items with what describes an object or a part before it, as in English."""
    place = items.index(noun)
    end = place + 1
    while end < len(items) and items[end].role not in (Role.LINK, Role.OBJECT, Role.PART) and not items[end].pauses:
        end += 1
    after = items[place + 1 : end]
    described = [item for item in after if item.role == Role.ATTRIBUTE]
    return [*items[:place], *described, noun, *(item for item in after if item not in described), *items[end:]]


def reading_of(
    prompt: str, items: list[Item], main: Item | None, language: str, counted: list[tuple[Item, Item]]
) -> Reading:
    """Return the reading of items that are marked with the reason for leaving them out."""
    used = [item for item in items if item.is_used and item.tokens]
    tokens = tuple(token for item in used for token in item.tokens)
    return Reading(
        tokens=tokens[:MAX_TOKENS],
        items=tuple(sorted(items, key=lambda item: item.start)),
        main=main.tokens[-1] if main else "",
        language=language,
        read_as=tuple(dict.fromkeys((item.text, " ".join(item.tokens)) for item in used if item.is_worth_telling)),
        offers=offers_of(items, main),
        counts=tuple(
            (prompt[count.start : count.end].lower(), prompt[noun.start : noun.end].lower(), noun.role == Role.PART)
            for count, noun in counted
            if noun.is_used and count.is_used
        ),
        looks=phrases(
            prompt, items, lambda item: item.reason == Reason.LOOK, ends=(Role.STYLE, Role.STYLE_HEAD, Role.SURFACE)
        ),
        denied=phrases(prompt, items, lambda item: item.reason == Reason.DENIED),
        others=phrases(prompt, items, lambda item: item.reason == Reason.OTHER),
        nothing=phrases(prompt, items, is_without_stand_in, ends=(Role.NOTHING_NOUN, Role.ADJECTIVE)),
        unknown=tuple(dict.fromkeys(item.text for item in items if item.role == Role.UNKNOWN and item.is_used)),
        beyond=(*tokens[MAX_TOKENS:], *words_not_read(prompt, items)),
        measurements=phrases(prompt, items, lambda item: item.reason == Reason.SIZE, ends=(Role.MEASUREMENT,)),
        elsewhere=(),
    )


def elsewhere_of(prompt: str, items: list[Item], main: Item | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the last object of a group that only another model knows, and its word; a part alone may be one.

    The object, and what describes it, is marked as left out.
    """
    for item in reversed(items):
        part = item.tokens[-1] if item.role == Role.PART and main is None else ""
        known = item.elsewhere or vocabulary.elsewhere.get(PART_KINDS.get(part, part), "")
        if not known or item.reason not in ("", Reason.LEFT):
            continue
        for other in items:
            if other.reason == Reason.LEFT or (other is item and item.elsewhere):
                other.reason = Reason.ELSEWHERE
        return prompt[item.start : item.end].lower(), known
    return ()


def offers_of(items: list[Item], main: Item | None) -> tuple[tuple[str, str], ...]:
    """Return the guesses that help: an object where none is named, a color or the like before the object."""
    helpful = (
        item
        for item in items
        if item.offer and item.is_used and item.offers_object == (main is None)
        if main is None or item.end <= main.start
    )
    return tuple(dict.fromkeys((item.text, item.offer) for item in helpful))


def words_not_read(prompt: str, items: list[Item]) -> tuple[str, ...]:
    """Return what follows the last word that was read, shortened; () for a prompt of usual length."""
    rest = prompt[max((item.end for item in items), default=0) :]
    return (f"{' '.join(rest.split())[:REST_LETTERS]}…",) if any(map(str.isalnum, rest)) else ()


def is_without_stand_in(item: Item) -> bool:
    """True for English words that stand for nothing, and what describes them."""
    if item.reason == Reason.LEFT:
        return item.role != Role.LINK
    return item.role in (Role.NOTHING_NOUN, Role.ADJECTIVE) and item.is_used


def phrases(
    prompt: str, items: list[Item], is_meant: Callable[[Item], bool], ends: tuple[Role, ...] = ()
) -> tuple[str, ...]:
    """Return the phrases of a prompt whose items are meant, each once; words of grammar between them are kept.

    Args:
        prompt: The prompt.
        items: Its items.
        is_meant: True for the items of the phrases.
        ends: Roles of the items that end a phrase.
    """
    used_links = [item for item in items if item.role == Role.LINK and item.is_used]
    runs: list[list[Item]] = []
    is_open = False
    for item in items:
        if is_meant(item):
            runs[-1:] = [[*runs[-1], item]] if is_open and not item.pauses else [*runs[-1:], [item]]
            is_open = item.role not in ends
        elif (
            item.pauses
            or item.role not in (Role.ARTICLE, Role.FILLER, Role.COUNT, Role.AND, Role.BREAK, Role.LINK)
            or item in used_links
        ):
            is_open = False
    return tuple(dict.fromkeys(prompt[run[0].start : run[-1].end].lower() for run in runs))
