# SPDX-License-Identifier: GPL-3.0-or-later
"""The categories the small models learn, and which (category, color) pairs training never sees."""

import zlib

from ..shapes.buildings import BUILDINGS
from ..shapes.figures import FIGURES
from ..shapes.food import FOOD
from ..shapes.furniture import FURNITURE
from ..shapes.household import HOUSEHOLD
from ..shapes.nature import NATURE
from ..shapes.tools_and_props import THINGS
from ..shapes.vehicles import VEHICLES
from .colors import COLORS

LEARNED = [
    "chair",
    "armchair",
    "stool",
    "table",
    "bed",
    "shelf",
    "lamp",
    "mug",
    "bottle",
    "vase",
    "teapot",
    "bowl",
    "car",
    "truck",
    "bus",
    "rocket",
    "boat",
    "plane",
    "house",
    "tower",
    "castle",
    "tree",
    "pine",
    "cactus",
    "mushroom",
    "flower",
    "apple",
    "snowman",
    "robot",
    "dog",
    "sword",
    "hammer",
    "key",
    "crown",
    "donut",
    "burger",
    "icecream",
]

ALL_CATEGORIES = (*FURNITURE, *HOUSEHOLD, *VEHICLES, *BUILDINGS, *NATURE, *FIGURES, *THINGS, *FOOD)
CATEGORIES = tuple(category for name in LEARNED for category in ALL_CATEGORIES if category.name == name)
ROLES = tuple(sorted({role for category in CATEGORIES for role in category.accents}))
"""All part roles that a caption may name, without the main one."""


def is_held_out(category, color):
    """True if training never sees this pair of names; about a fifth of all pairs, fixed by their names."""
    return zlib.crc32(f"{category} {color}".encode()) % 5 == 0


def pairs(held_out):
    """Return all held-out or all training pairs (category name, color)."""
    return [(c.name, color) for c in CATEGORIES for color in COLORS if is_held_out(c.name, color) == held_out]
