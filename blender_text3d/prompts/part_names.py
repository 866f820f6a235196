# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that a prompt names by their colors: "a red chair with white legs" has white legs, and the chair is red."""

from typing import NamedTuple

from .item import Item
from .reader import read_prompt
from .roles import Role
from .vocabulary import COLORS, MATERIALS, read_vocabulary


class PartNames(NamedTuple):
    """Names of parts.

    Attributes:
        main: The object, in the user's words, or "".
        by_color: Colors or materials of the vocabulary, and the part or object that has each, in the prompt's order.
    """

    main: str = ""
    by_color: tuple[tuple[str, str], ...] = ()


def part_names(prompt: str, model: str = "") -> PartNames:
    """Return the names that a prompt for a model gives to the colored parts of its object."""
    reading, vocabulary = read_prompt(prompt, model), read_vocabulary(model)
    if reading is None or vocabulary is None:
        return PartNames()
    items = [item for item in reading.items if item.is_used]
    main = next((item for item in items if item.role == Role.OBJECT), None)
    colors = {*vocabulary.groups[COLORS], *vocabulary.groups[MATERIALS]}
    named = []
    for place, item in enumerate(items):
        noun = noun_of(items, place, main)
        if item.role == Role.ATTRIBUTE and noun is not None:
            named += [(token, noun.text) for token in item.tokens if token in colors]
    return PartNames(main.text if main else "", tuple(dict(reversed(named)).items())[::-1])


def noun_of(items: list[Item], place: int, main: Item | None) -> Item | None:
    """Return the part or object that an item describes: the next one, or the object that stands before it."""
    for item in items[place + 1 :]:
        if item.role in (Role.OBJECT, Role.PART):
            return item
        if item.role == Role.LINK or item.pauses:
            break
    return main
