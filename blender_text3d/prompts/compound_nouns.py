# SPDX-License-Identifier: GPL-3.0-or-later
"""Compounds of an object and a noun after it: "cat litter" is no cat, "cat statue" is one, "car wheel" is a part."""

from collections.abc import Iterable

from .item import Item
from .phrases import PART_KINDS, role_words
from .roles import Reason, Role
from .segment import NOUNS, Segment
from .vocabulary import OBJECTS, Vocabulary, plural_forms

OPENERS_OF_PARTS = ("with", "and")
OBJECTS_IN_COMPOUNDS = frozenset({"cushion", "mattress", "glass", "saucer", "pot", "candlestick", "cabin"})
"""Parts that after another noun are objects of their own: "cat cushion", not "mushroom cap"."""


def settle_compounds(segments: list[Segment], vocabulary: Vocabulary) -> None:
    """Let the last noun of each compound decide: an object before a noun that no model can make is left out."""
    for segment in segments:
        follows_object = False
        for item in [item for item in segment.used if item.role in NOUNS]:
            if follows_object and is_likeness(item):
                item.role, item.tokens, item.offer = Role.ADJECTIVE, (), ""
            else:
                follows_object = item.role == Role.OBJECT
        head, objects = segment.head, segment.objects
        if head is None or not objects:
            continue
        if head.role == Role.PART and segment.opener not in OPENERS_OF_PARTS:
            settle_part(head, objects[-1], vocabulary)
        if head.role == Role.NOTHING_NOUN:
            head.offer = ""
            for item in objects:
                item.reason = Reason.LEFT


def is_likeness(item: Item) -> bool:
    """True for a word on the form, sort, material or surroundings of the object before it: "statue", "leather"."""
    is_noun = item.role in (Role.NOTHING_NOUN, Role.PART)
    return is_noun and any(form in role_words().likenesses for form in (item.text, *plural_forms(item.text)))


def settle_part(part: Item, owner: Item, vocabulary: Vocabulary) -> None:
    """Let a part at the end of a compound be an object, or nothing, if it is no part of the object before it."""
    if part.tokens[-1] in vocabulary.parts_of.get(owner.tokens[-1], ()):
        return
    kind = PART_KINDS.get(part.tokens[-1], "")
    if part.tokens[-1] in OBJECTS_IN_COMPOUNDS and kind in vocabulary.groups[OBJECTS]:
        part.role, part.tokens, part.is_told = Role.OBJECT, (kind,), True
    else:
        part.role, part.tokens = Role.NOTHING_NOUN, ()


def parts_alone(prompt: str, segments: Iterable[Segment], main: Item | None) -> tuple[tuple[str, str], ...]:
    """Return the phrase that names a part of the object alone, and the object that is made whole; () if none does.

    The phrases are "car wheel", "wheel of a car" and "book on a shelf".
    """
    before: Segment | None = None
    for segment in segments:
        if main is not None and main in segment.items:
            nouns = [item for item in segment.used if item.role in (Role.OBJECT, Role.PART)]
            is_last = nouns[-1] is main
            parts = [item for item in before.used if item.role == Role.PART] if before and is_last else nouns[-1:]
            if parts and (not is_last or segment.opener not in ("", ",", "and")):
                start, end = min(parts[0].start, main.start), max(parts[-1].end, main.end)
                return ((prompt[start:end].lower(), main.tokens[-1]),)
            return ()
        before = segment
    return ()
