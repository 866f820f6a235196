# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a prompt that are about one thing each, and the one thing that is made."""

from collections.abc import Sequence

from .item import Item
from .phrases import MATERIALS_ELSEWHERE, PART_KINDS, role_words
from .roles import Reason, Role
from .segment import NOUNS, Segment
from .surroundings import drop_contents, drop_surroundings
from .vocabulary import OBJECTS, Vocabulary

TREES = frozenset({"tree", "pine"})


def segments_of(items: list[Item]) -> list[Segment]:
    """Return the parts of a prompt, split at commas, prepositions and conjunctions, and after a noun."""
    segments = [Segment()]
    for item in items:
        current = segments[-1]
        if item.role in (Role.BREAK, Role.AND, Role.LINK):
            opener = {Role.LINK: "with", Role.AND: "and"}.get(item.role, item.text)
            segments.append(Segment(opener, item if item.role == Role.LINK else None))
        elif item.pauses:
            segments.append(Segment(","))
        elif starts_another(current, item):
            segments.append(Segment("verb" if item.role in (Role.NOTHING_NOUN, Role.UNKNOWN) else ""))
        segments[-1].items += [] if item.role in (Role.BREAK, Role.AND, Role.LINK) else [item]
    return segments


def starts_another(segment: Segment, item: Item) -> bool:
    """True if an item begins with the words of another thing, since there is a noun before it."""
    if segment.head is None:
        return False
    is_verb = (
        segment.head.role in (Role.OBJECT, Role.PART)
        and item.role in (Role.NOTHING_NOUN, Role.UNKNOWN)
        and item.text.endswith("ing")
    )
    return is_verb or (item.role in (Role.ATTRIBUTE, Role.ARTICLE) and item.is_used)


def settle_two_readings(segments: list[Segment]) -> None:
    """Decide whether a word such as "rose" or "oak" is an object, or describes another one."""
    has_object = False
    for index, segment in enumerate(segments):
        following = segments[index + 1] if index + 1 < len(segments) else None
        for place, item in enumerate(segment.items):
            if is_only_material(segment, place):
                item.role, item.tokens = Role.ADJECTIVE, ()
            if item.role in (Role.OBJECT, Role.PART) and item.attribute and item.is_used:
                later = [other for other in segment.items[place + 1 :] if other.role in NOUNS and other.is_used]
                if names_species(item, later):
                    item.reason, later[-1].is_told = Reason.OTHER, True
                elif later or (
                    item.role == Role.OBJECT
                    and (follows_object(segment, place, has_object=has_object) or describes_next(segment, following))
                ):
                    become_attribute(item)
            drop_own_color(segment, item)
        has_object |= bool(segment.objects)


def drop_own_color(segment: Segment, item: Item) -> None:
    """Leave out the color that a name such as "sapphire" says, if its color is named: "a pink sapphire"."""
    named = [other.tokens[0] for other in segment.used if other.role == Role.ATTRIBUTE]
    if item.role == Role.OBJECT and len(item.tokens) > 1 and not role_words().shade_bases.isdisjoint(named):
        item.tokens = item.tokens[-1:]


def is_only_material(segment: Segment, place: int) -> bool:
    """True for an item such as "glass" before another noun, or after "of"."""
    item = segment.items[place]
    has_noun = any(other.role in NOUNS and not other.attribute for other in segment.items[place + 1 :])
    return item.is_used and item.text in MATERIALS_ELSEWHERE and (segment.opener == "of" or has_noun)


def follows_object(segment: Segment, place: int, *, has_object: bool) -> bool:
    """True if an object stands before an item of a part, and no article of its own: "a car, orange"."""
    before = segment.items[:place]
    is_new = any(item.role == Role.ARTICLE for item in before) and not any(item.role == Role.OBJECT for item in before)
    return any(item.role == Role.OBJECT for item in before) or (has_object and not is_new)


def names_species(item: Item, later: list[Item]) -> bool:
    """True if a plant's name says which tree follows: "oak tree"."""
    is_plant = item.tokens[-1] in TREES or not item.known
    return (
        bool(later)
        and later[-1].role == Role.OBJECT
        and later[-1].tokens[-1] in TREES
        and is_plant
        and item.text not in role_words().shade_bases
    )


def describes_next(segment: Segment, following: Segment | None) -> bool:
    """True if an object of the next part is described, too: "orange and blue car"."""
    if following is None or not following.is_coordinated or following.has_article:
        return False
    return any(item.text not in role_words().shade_bases for item in following.objects)


def become_attribute(item: Item) -> None:
    """Let an item describe another object."""
    item.role, item.tokens = Role.ATTRIBUTE, (item.attribute,)
    item.is_told = item.attribute != item.known


def choose_object(segments: list[Segment], vocabulary: Vocabulary) -> Item | None:
    """Return the object that is made: the first that is the last noun of its part, "with" last; None without any."""
    ranked = sorted(segments, key=lambda segment: segment.opener == "with")
    for segment in ranked:
        head = segment.head
        if segment.objects and head is not None and head.role in (Role.OBJECT, Role.PART):
            return segment.objects[-1]
    part = next((s.head for s in ranked if s.head and s.head.tokens and kind_of_part(s.head, vocabulary)), None)
    if part and not any(segment.objects for segment in segments):
        part.role, part.tokens, part.is_told = Role.OBJECT, (kind_of_part(part, vocabulary),), True
    return next((segment.objects[-1] for segment in ranked if segment.objects), None)


def kind_of_part(item: Item, vocabulary: Vocabulary) -> str:
    """Return the object that a part alone is, or ""."""
    kind = PART_KINDS.get(item.tokens[0], "")
    return kind if kind in vocabulary.groups[OBJECTS] else ""


def drop_other_objects(segments: list[Segment], main: Item | None, vocabulary: Vocabulary) -> None:
    """Leave out other objects with what describes them, and what a compound has before its last word."""
    place = next((index for index, segment in enumerate(segments) if main in segment.items), 0)
    if main is None:
        return
    parts = vocabulary.parts_of.get(main.tokens[-1], ())
    drop_first_words(segments[place], main)
    drop_contents(segments[place:], main, parts)
    drop_later_objects(segments[place + 1 :], parts, vocabulary)
    is_another = segments[place].opener == "and" and segments[place].has_article
    for segment in segments[:place]:
        if segment.objects or (is_another and segment.head is not None and segment.head.role == Role.PART):
            segment.leave_out(Reason.OTHER)


def drop_later_objects(segments: list[Segment], parts: Sequence[str], vocabulary: Vocabulary) -> None:
    """Leave out the objects after the one that is made, with their parts; those that are its parts stay as parts."""
    is_of_other, other = False, ""
    for before, segment in zip([Segment(), *segments], segments, strict=False):
        for item in segment.objects:
            if item.tokens[-1] in parts:
                item.role = Role.PART
        head = segment.head
        if segment.opener == "with" and head is not None and head.role == Role.PART:
            drop_first_words(segment, head)
        if segment.objects:
            if segment.opener == "and" and not (segment.has_article or before.is_coordinated or before.head):
                before.leave_out(Reason.OTHER)  # "with red and green apples"
            is_of_other, other = segment.is_coordinated, segment.objects[-1].tokens[-1]
            segment.leave_out(Reason.OTHER)
        elif segment.opener == ",":
            is_of_other, other = False, ""
        elif is_part_of_other(head, parts, vocabulary.parts_of.get(other, ()), is_next=is_of_other):
            segment.leave_out(Reason.OTHER)


def is_part_of_other(part: Item | None, parts: Sequence[str], parts_of_other: Sequence[str], *, is_next: bool) -> bool:
    """True for a part of another object: "a chair by a house with a red roof", "a chair and a lamp with a red foot".

    Args:
        part: The last noun of the words after the other object.
        parts: The parts of the object that is made.
        parts_of_other: The parts of the other object.
        is_next: True if "and" or a comma joins the other object to the one that is made; False if it only says where.
    """
    if part is None or part.role != Role.PART:
        return False
    return is_next or (part.tokens[-1] in parts_of_other and part.tokens[-1] not in parts)


def drop_first_words(segment: Segment, main: Item) -> None:
    """Leave out the objects and parts before the last word of a compound: "robot dog" is a dog."""
    for item in segment.items[: segment.items.index(main)]:
        if item.role in (Role.OBJECT, Role.PART) and item.is_used:
            is_part = item.role == Role.PART
            item.reason = Reason.LEFT if is_part else Reason.SAME if item.tokens == main.tokens else Reason.OTHER


def drop_unused_descriptions(segments: list[Segment], main: Item | None, vocabulary: Vocabulary) -> None:
    """Leave out what describes a thing without a stand-in, and "with" before nothing."""
    place = next((index for index, segment in enumerate(segments) if main in segment.items), -1)
    is_of_nothing = False
    for index, segment in enumerate(segments):
        if main is None or index == place:
            continue
        head = segment.head
        is_nothing = head is not None and head.role in (Role.NOTHING_NOUN, Role.UNKNOWN)
        before = segments[index - 1]
        if is_nothing and index - 1 > place and segment.opener == "and" and not segment.has_article and not before.head:
            before.leave_out_descriptions()
        if is_nothing or (index < place and is_of_nothing and segment.opener == "with"):
            segment.leave_out_descriptions()
        drop_surroundings(segment, vocabulary.parts_of.get(main.tokens[-1], ()))
        is_of_nothing = is_nothing
    settle_links(segments, main)


def segments_before(segments: list[Segment], main: Item | None) -> list[Segment]:
    """Return the parts of a prompt before that of the object that is made; all if there is none."""
    return segments[: next((index for index, segment in enumerate(segments) if main in segment.items), len(segments))]


def settle_links(segments: list[Segment], main: Item | None) -> None:
    """Keep "with" only where a part or a color follows."""
    pending: Item | None = None
    for segment in segments:
        if segment.link:
            pending = segment.link
            pending.reason = Reason.LEFT
        describes = [item for item in segment.used if item.role in (Role.PART, Role.ATTRIBUTE)]
        has_surface = any(item.role == Role.SURFACE for item in segment.items)
        if pending and describes and (not has_surface or any(item.role == Role.PART for item in describes)):
            pending.reason, pending = "", None
        elif main in segment.items:
            pending = None
