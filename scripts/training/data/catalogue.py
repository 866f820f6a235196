# SPDX-License-Identifier: GPL-3.0-or-later
"""The categories the small models learn, and which (category, color) pairs training never sees."""

import zlib
from dataclasses import replace

from ..shapes.bags import BAGS
from ..shapes.bicycles import BICYCLES
from ..shapes.birds_and_fish import BIRDS_AND_FISH
from ..shapes.boats import motor_boat
from ..shapes.bridges import BRIDGES
from ..shapes.buildings import BUILDINGS
from ..shapes.cabinets import CABINETS
from ..shapes.clothing import CLOTHING
from ..shapes.containers import CONTAINERS
from ..shapes.cookware import COOKWARE
from ..shapes.cutlery import CUTLERY
from ..shapes.decoration import DECORATION
from ..shapes.electronics import ELECTRONICS
from ..shapes.figures import FIGURES
from ..shapes.food import FOOD
from ..shapes.fruit_and_vegetables import FRUIT_AND_VEGETABLES
from ..shapes.furniture import FURNITURE
from ..shapes.furry_animals import FURRY_ANIMALS
from ..shapes.games import GAMES
from ..shapes.hats import HATS
from ..shapes.household import HOUSEHOLD
from ..shapes.instruments import INSTRUMENTS
from ..shapes.large_animals import LARGE_ANIMALS
from ..shapes.legends import LEGENDS
from ..shapes.meals import MEALS
from ..shapes.mirrors_and_pillows import MIRRORS_AND_PILLOWS
from ..shapes.nature import NATURE
from ..shapes.people import PEOPLE
from ..shapes.submarines_and_spaceships import SUBMARINES_AND_SPACESHIPS
from ..shapes.symbols import SYMBOLS
from ..shapes.tableware import TABLEWARE
from ..shapes.tanks_and_helicopters import TANKS_AND_HELICOPTERS
from ..shapes.tents import TENTS
from ..shapes.tools_and_props import THINGS
from ..shapes.treasures import TREASURES
from ..shapes.vehicles import VEHICLES
from ..shapes.weapons import WEAPONS
from ..shapes.wells_and_fences import WELLS_AND_FENCES
from .colors import COLORS
from .kinds import ALL_KINDS

ALL_CATEGORIES = (
    *(*FURNITURE, *HOUSEHOLD, *VEHICLES, *BUILDINGS, *NATURE, *FIGURES, *THINGS, *FOOD),
    *(*FURRY_ANIMALS, *LARGE_ANIMALS, *BIRDS_AND_FISH, *LEGENDS),
    *(*CABINETS, *DECORATION, *MIRRORS_AND_PILLOWS, *TABLEWARE, *CUTLERY, *COOKWARE, *CONTAINERS, *BAGS),
    *(*ELECTRONICS, *INSTRUMENTS, *GAMES),
    *(*FRUIT_AND_VEGETABLES, *MEALS, *BICYCLES, *TANKS_AND_HELICOPTERS, *SUBMARINES_AND_SPACESHIPS),
    *(*WEAPONS, *TREASURES, *BRIDGES, *TENTS, *WELLS_AND_FENCES),
    *(*HATS, *CLOTHING, *PEOPLE, *SYMBOLS),
)
BY_NAME = {category.name: category for category in ALL_CATEGORIES}
NARROWED = {"sailboat": ("boat", motor_boat)}
"""Kind -> the older kind that leaves its shapes to it, and the builder that remains."""


def part_words(category):
    """Return the words for the parts of a category."""
    return {word for words, _ in category.accents.values() for word in words}


def categories_of(names):
    """Return the categories of some names, so that each word and each shape belongs to one of them.

    A word that is another kind's part, such as the cushion of a chair, is no other noun of a kind.
    """
    builders = {BY_NAME[old].build: build for new, (old, build) in NARROWED.items() if new in names}
    taken = {name: {*names}.union(*(part_words(BY_NAME[other]) for other in names if other != name)) for name in names}
    return tuple(
        replace(
            BY_NAME[name],
            build=builders.get(BY_NAME[name].build, BY_NAME[name].build),
            nouns=tuple(noun for noun in BY_NAME[name].nouns if taken[name].isdisjoint((noun, f"{noun}s"))),
        )
        for name in names
    )


CATEGORIES = categories_of(ALL_KINDS)
ROLES = tuple(sorted({role for category in CATEGORIES for role in category.accents}))
"""All part roles that a caption may name, without the main one."""


def is_held_out(category, color):
    """True if training never sees this pair of names; about a fifth of all pairs, fixed by their names."""
    return zlib.crc32(f"{category} {color}".encode()) % 5 == 0


def pairs(held_out):
    """Return all held-out or all training pairs (category name, color)."""
    return [(c.name, color) for c in CATEGORIES for color in COLORS if is_held_out(c.name, color) == held_out]
