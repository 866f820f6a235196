# SPDX-License-Identifier: GPL-3.0-or-later
"""Items of words that a vocabulary, the table of meanings or another model's words know, and of words on looks."""

from collections.abc import Sequence

from .item import Item
from .meanings import Meaning
from .phrases import COLORED_KINDS, PART_COLORS, TWO_READINGS
from .roles import Reason, Role
from .splitting import Word
from .vocabulary import ATTRIBUTES, LINKS, OBJECTS, PARTS, Vocabulary

ROLE_OF_GROUP = {OBJECTS: Role.OBJECT, PARTS: Role.PART, LINKS: Role.LINK, **dict.fromkeys(ATTRIBUTES, Role.ATTRIBUTE)}
KINDS_WITH_COLORS = frozenset({"gem"})
"""Kinds whose names say a color: "an emerald" is a green gem."""


def look_item(words: list[Word], role: Role) -> Item:
    """Return the item of words about looks."""
    item = Item(words, role)
    item.reason = Reason.LOOK
    return item


def elsewhere_item(words: list[Word], forms: Sequence[str], vocabulary: Vocabulary) -> Item | None:
    """Return the item of an object that only models of a later training know, or None."""
    known = next((vocabulary.elsewhere[form] for form in forms if form in vocabulary.elsewhere), "")
    if not known:
        return None
    item = Item(words, Role.NOTHING_NOUN)
    item.elsewhere = known
    return item


def meaning_as(known: str, vocabulary: Vocabulary) -> Meaning:
    """Return the meaning of a word of the latest vocabulary."""
    kind = vocabulary.kinds.get(known, OBJECTS)
    return Meaning(known, "") if kind == OBJECTS else Meaning("", known)


def known_item(words: list[Word], known: str, vocabulary: Vocabulary, *, name: str = "", is_told: bool = False) -> Item:
    """Return the item of words that stand for a known word."""
    kind, attribute = TWO_READINGS.get(name, ("", ""))
    if vocabulary.kinds.get(kind) == OBJECTS:
        tokens = COLORED_KINDS.get(name, (kind,))
        item = Item(words, Role.OBJECT, *tokens, attribute=attribute, is_told=tokens != (known,))
    else:
        item = Item(words, ROLE_OF_GROUP.get(vocabulary.kinds[known], Role.ATTRIBUTE), known, is_told=is_told)
        item.attribute = PART_COLORS.get(name, "") if item.role == Role.PART else ""
    item.known = "" if is_told else known
    return item


def meant_item(words: list[Word], meaning: Meaning, vocabulary: Vocabulary) -> Item:
    """Return the item of words that are in the table of meanings."""
    kind, attribute = vocabulary.object_for(meaning.kind), meaning.attribute
    if not kind and meaning.is_sure and (item := elsewhere_item(words, (meaning.kind,), vocabulary)):
        return item
    if not (kind or attribute) or not {kind, attribute} - {""} <= vocabulary.kinds.keys():
        return Item(words, Role.ADJECTIVE if meaning.is_adjective else Role.NOTHING_NOUN)
    if not meaning.is_sure:
        item = Item(words, Role.NOTHING_NOUN)
        item.offer, item.offers_object = kind or attribute, bool(kind)
        return item
    if kind:
        tokens = (attribute, kind) if kind in KINDS_WITH_COLORS and attribute else (kind,)
        return Item(words, Role.OBJECT, *tokens, attribute=attribute, is_told=True)
    return Item(words, Role.ATTRIBUTE, attribute, is_told=True)
