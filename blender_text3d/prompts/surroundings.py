# SPDX-License-Identifier: GPL-3.0-or-later
"""Things that an object holds, consists of, stands on or is near: what of them describes the object, and what does not.

"a bowl of silver" is silver, "a bag of gold" and "a dragon on a pile of gold" are not golden.
"""

from collections.abc import Sequence
from itertools import pairwise

from .item import Item
from .phrases import PLACES, role_words
from .roles import Reason, Role
from .segment import Segment

MATERIALS = frozenset([("wooden",), ("golden",), ("silver",), ("stone",)])
FILLED = frozenset({"full of", "full", "filled", "loaded", "overflowing"})
HOLDING = frozenset({"holding", "containing"})
MADE = frozenset({"in", "into", "out of", "made out of"})
"""Prepositions before what an object consists of or becomes, too."""
SOFT_CONTAINERS = frozenset({"bag", "backpack"})
"""Kinds that hold whatever follows "of": nobody makes them of it."""
STRONG_CONTAINERS = frozenset({"basket", "box", "chest", "crate", "barrel", "pot", "bottle", "truck"})
"""Kinds that hold riches rather than consist of them."""
VESSELS = frozenset({"cup", "mug", "bowl", "plate", "vase", "teapot", "pan"})
RICHES = frozenset({"gold", "silver"})
EATEN_AND_GROWN = frozenset({"chocolate", "cream", "orange", "lime", "rose", "lilac", "violet"})
"""Colors by the names of what cups and bowls hold."""


def drop_contents(segments: list[Segment], main: Item, parts: Sequence[str]) -> None:
    """Leave out colors and materials that are things themselves, in or under the object: "a box of chocolates".

    Args:
        segments: The parts of a prompt from that of the object on.
        main: The object.
        parts: The words for its parts.
    """
    is_apart = False
    for before, segment in pairwise(segments):
        is_held = segment.opener == "of" and main in before.items and holds(main, segment)
        is_apart = is_held or stands_apart(before, segment, parts, was_apart=is_apart)
        if is_apart and segment.head is None and segment.used and segment.used[-1].role == Role.ATTRIBUTE:
            segment.leave_out(Reason.OTHER)


def holds(container: Item, segment: Segment) -> bool:
    """True if the words after "of" name what a container holds, not what it consists of."""
    kind, content = container.tokens[-1], segment.used[-1] if segment.used else None
    if content is None or content.role != Role.ATTRIBUTE or content.text in role_words().shade_bases:
        return False
    if kind in SOFT_CONTAINERS:
        return content.text != content.tokens[0] or content.text in RICHES | {"stone"}
    is_plural = content.text.endswith("s") and not content.text.endswith("ss")
    if kind in STRONG_CONTAINERS:
        return is_plural or content.text in RICHES | EATEN_AND_GROWN
    return kind in VESSELS and (is_plural or content.text in EATEN_AND_GROWN)


def stands_apart(before: Segment, segment: Segment, parts: Sequence[str], *, was_apart: bool) -> bool:
    """True if a part of a prompt is about something in, on, under or near the object, not about the object."""
    opener, head = segment.opener, segment.head
    if head is not None and head.tokens and head.tokens[-1] in parts:
        return False
    if opener == "":
        is_material = any(item.tokens in MATERIALS for item in segment.used)
        return was_apart and before.opener == "verb" and is_material
    if opener == "with":
        return was_apart and before.opener in FILLED and not before.used
    if opener in ("of", "and"):
        return was_apart and (opener == "of" or bool(before.items))
    if opener in MADE:
        return opener == "in" and head is not None
    return opener in PLACES | FILLED | HOLDING | role_words().places or opener == "verb"


def drop_surroundings(segment: Segment, parts: Sequence[str]) -> None:
    """Leave out the parts of what an object consists of or holds, and of what it is in, on or under: "on the water"."""
    head = segment.head
    if segment.opener == "of":
        drop_substances(segment, parts)
    elif (
        (segment.opener in PLACES or segment.opener in (*role_words().places, "verb"))
        and head is not None
        and head.role == Role.PART
        and head.tokens[-1] not in parts
    ):
        segment.leave_out_descriptions()


def drop_substances(segment: Segment, parts: Sequence[str]) -> None:
    """Leave out what a thing consists of or holds ("of amber", "of water"), unless it is one of its parts."""
    for item in segment.used:
        is_shade = item.role == Role.ATTRIBUTE and item.is_told and " " not in item.text
        if (is_shade and item.tokens[:1] not in MATERIALS) or (item.role == Role.PART and item.tokens[-1] not in parts):
            item.reason = Reason.LEFT
