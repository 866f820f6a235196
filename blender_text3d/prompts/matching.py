# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a prompt as items with a role: object, attribute, part, style and so on; the longest phrase first."""

import re

from .item import Item
from .known_items import ROLE_OF_GROUP, elsewhere_item, known_item, look_item, meaning_as, meant_item
from .languages import english_name
from .meanings import Meaning, meaning_of
from .notation import is_command, measurement_length
from .phrases import MAX_PHRASE_WORDS, NEGATIONS, PLACES, compounds, joined_compounds, role_words, styles
from .roles import Reason, Role
from .splitting import Word, without_accents
from .vocabulary import ATTRIBUTES, OBJECTS, PARTS, Vocabulary, derived_forms, plural_forms
from .word_roles import function_role, style_role

ADVERBS = frozenset({"well"})
"""Objects that before a participle say how it was done: "well made"."""
PARTICIPLE = re.compile(r"(?:ed|made|lit|known|worn|done|built|kept|fed|shaped)$")
MIN_KIND_LETTERS, MIN_FIRST_LETTERS, MIN_LAST_LETTERS, MAX_COMPOUND_LETTERS = 4, 3, 3, 30


def items_of(words: list[Word], vocabulary: Vocabulary) -> list[Item]:
    """Return the items of a prompt in order."""
    items: list[Item] = []
    while words:
        item, count = longest_match(words, vocabulary)
        items.append(item)
        words = words[count:]
    return items


def longest_match(words: list[Word], vocabulary: Vocabulary) -> tuple[Item, int]:
    """Return the item that the words begin with, and the number of its words."""
    joined = next((n for n in range(1, len(words)) if words[n].pauses), len(words))
    if count := measurement_length(words[:joined], role_words().counts):
        measurement = Item(words[:count], Role.MEASUREMENT)
        measurement.reason = Reason.SIZE
        return measurement, count
    for count in range(min(MAX_PHRASE_WORDS, joined), 1, -1):
        if item := phrase_item(words[:count], vocabulary):
            return item, count + rest_of_style(item, words[count:joined])
    is_adverb = joined > 1 and words[0].text in ADVERBS and is_participle(words[1].text, vocabulary)
    item = Item(words[:1], Role.FILLER) if is_adverb else word_item(words[0], vocabulary)
    return item, 1 + rest_of_style(item, words[1:joined])


def is_participle(text: str, vocabulary: Vocabulary) -> bool:
    """True for "made" and the like, not for "red"."""
    return bool(PARTICIPLE.search(text)) and not vocabulary.exact(text)


def rest_of_style(item: Item, words: list[Word]) -> int:
    """Let "in the style of" take the words after it, up to "with"; returns their number."""
    if item.text not in styles().followed:
        return 0
    count = next((n for n, word in enumerate(words) if word.text == "with"), len(words))
    if count:
        item.end = words[count - 1].end
        item.text = " ".join([item.text, *(word.text for word in words[:count])])
    return count


def phrase_item(words: list[Word], vocabulary: Vocabulary) -> Item | None:
    """Return the item of several words that mean one thing, or None."""
    phrase = without_accents(" ".join(word.text for word in words))
    forms = (phrase, *plural_forms(phrase))
    if known := vocabulary.phrase(phrase):
        return known_item(words, known, vocabulary, is_told=vocabulary.stands_in(phrase))
    if item := elsewhere_item(words, forms, vocabulary):
        return item
    if phrase in styles().phrases or phrase in styles().followed:
        return look_item(words, Role.STYLE)
    if phrase in NEGATIONS:
        return Item(words, Role.NEGATION)
    if phrase in PLACES:
        return Item(words, Role.BREAK)
    if known := next((compounds()[form] for form in forms if form in compounds()), None):
        return meant_item(words, Meaning() if known == "nothing" else meaning_as(known, vocabulary), vocabulary)
    meaning = next((found for form in forms if len(words) <= 3 and (found := meaning_of(form))), None)
    return meant_item(words, meaning, vocabulary) if meaning else None


def word_item(word: Word, vocabulary: Vocabulary) -> Item:
    """Return the item of a single word."""
    text = without_accents(word.text.removesuffix("'s").removesuffix("'"))
    if is_command(text) and text not in NEGATIONS:
        return look_item([word], Role.STYLE)
    is_looks = text[0].isdecimal() and style_role(text)  # "4k"
    if (role := function_role(text)) and not vocabulary.exact(text) and not is_looks:
        return Item([word], role)
    if known := vocabulary.exact(text):
        return known_item([word], known, vocabulary, name=text, is_told=vocabulary.stands_in(text))
    if item := elsewhere_item([word], (text,), vocabulary):
        return item
    if role := style_role(text):
        return look_item([word], role)
    if text in role_words().fillers or text in vocabulary.ignored:
        return Item([word], Role.FILLER)
    if text.endswith("less") and vocabulary.known_word(text.removesuffix("less")):
        item = Item([word], Role.FILLER)
        item.reason = Reason.DENIED
        return item
    return derived_item(word, text, vocabulary)


def derived_item(word: Word, text: str, vocabulary: Vocabulary) -> Item:
    """Return the item of a word that is not known as it is written; "blades" are parts, whatever else they mean."""
    single = text.removesuffix("s")
    if (known := vocabulary.exact(single)) and vocabulary.kinds[known] == PARTS:
        return known_item([word], known, vocabulary, name=single)
    for form in (text, *plural_forms(text)):
        if item := item_of_form(word, form, vocabulary, is_written=form == text):
            item.attribute = "" if text.endswith("s") else item.attribute  # "rubies" are things
            return item
    for form in derived_forms(text):
        if known := vocabulary.exact(form):
            return Item([word], ROLE_OF_GROUP.get(vocabulary.kinds[known], Role.ATTRIBUTE), known, is_told=True)
    if item := foreign_item(word, vocabulary):
        return item
    if item := joined_compound(word, text, vocabulary):
        return item
    return Item([word], Role.UNKNOWN)


def item_of_form(word: Word, form: str, vocabulary: Vocabulary, *, is_written: bool) -> Item | None:
    """Return the item of a word as it is written, or in its singular, by compounds, vocabulary and table; or None."""
    if known := joined_compounds().get(form):
        return meant_item([word], meaning_as(known, vocabulary), vocabulary)
    if not is_written and (known := vocabulary.exact(form)):
        return known_item([word], known, vocabulary, name=form, is_told=vocabulary.stands_in(form))
    if item := elsewhere_item([word], (form,), vocabulary):
        return item
    meaning = meaning_of(form)
    return meant_item([word], meaning, vocabulary) if meaning else None


def foreign_item(word: Word, vocabulary: Vocabulary) -> Item | None:
    """Return the item of a foreign name in an English prompt ("a red stuhl"), or None."""
    known = english_name(word.text)
    if meant := vocabulary.exact(known):
        return Item([word], ROLE_OF_GROUP[vocabulary.kinds[meant]], meant, is_told=True)
    if item := elsewhere_item([word], (known,), vocabulary):
        return item
    return Item([word], function_role(known) or Role.FILLER) if known else None


def joined_compound(word: Word, text: str, vocabulary: Vocabulary) -> Item | None:
    """Return the item of a compound that is written as one word ("gardenchair", "skyblue"), or None."""
    places = range(MIN_FIRST_LETTERS, min(len(text), MAX_COMPOUND_LETTERS) - MIN_LAST_LETTERS + 1)
    splits = [(text[:place], text[place:]) for place in places if len(text) <= MAX_COMPOUND_LETTERS]
    for first, last in splits:
        phrase = [Word(word.start, word.end, first), Word(word.start, word.end, last)]
        if item := phrase_item(phrase, vocabulary):
            item.text = word.text
            item.is_told = item.role in (Role.OBJECT, Role.ATTRIBUTE)
            return item
    for first, last in splits:
        known = meaning_at_end(first, last, vocabulary)
        if known:
            return Item([word], ROLE_OF_GROUP[vocabulary.kinds[known]], known, is_told=True)
    return None


def meaning_at_end(first: str, last: str, vocabulary: Vocabulary) -> str:
    """Return the object or color that a compound of two words is, by its last word; "" if they make none."""
    for form in (last, *plural_forms(last)):
        if form in role_words().endings:
            meaning = meaning_of(form)
            known = vocabulary.object_for(meaning.kind) if meaning else vocabulary.exact(form) or ""
        elif form in vocabulary.groups.get(OBJECTS, ()) and form != "bed" and not is_able(first, form):
            known = form if len(form) >= MIN_KIND_LETTERS or len(first) >= MIN_KIND_LETTERS else ""
        else:
            color = "gray" if form == "grey" else form
            is_clear = len(form) >= MIN_KIND_LETTERS or is_shade(first, vocabulary)
            known = color if color in role_words().shade_bases and is_clear else ""
        if known and (is_shade(first, vocabulary) or vocabulary.exact(first) or meaning_of(first)):
            return known
    return ""


def is_shade(text: str, vocabulary: Vocabulary) -> bool:
    """True for a word that describes a color, or is one."""
    return text in role_words().shades or vocabulary.kinds.get(vocabulary.exact(text) or "") in ATTRIBUTES


def is_able(first: str, last: str) -> bool:
    """True for an adjective such as "bootable", which ends with a table by chance."""
    return last == "table" and (first[-1] in "st" or any(meaning_of(first + end) for end in ("t", "te")))
