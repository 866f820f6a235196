# SPDX-License-Identifier: GPL-3.0-or-later
"""Bags and backpacks that face the front."""

from .parts import Category
from .placing import arc, both_sides, box, chain, curve, sheet


def _hand_bag(rng, x, y, z, t):
    """A bag with a flap, a clasp and an arched handle."""
    lean = rng.uniform(0.72, 0.95)
    body = [(-x, 0.0), (x, 0.0), (lean * x, 2 * z), (-lean * x, 2 * z)]
    flap = [
        (-lean * x - 0.015, 2 * z + 0.02),
        (lean * x + 0.015, 2 * z + 0.02),
        *curve([(0.95 * lean * x, 1.35 * z), (0.0, 1.0 * z), (-0.95 * lean * x, 1.35 * z)], 4),
    ]
    parts = [sheet("main", body, y, (0, 0, 0.02), rounding=0.02), sheet("flap", flap, 0.04, (0, -y + 0.01, 0))]
    parts.append(box("clasp", (0, -y - 0.035, 1.08 * z), (0.055, 0.034, 0.045), 0.01))
    bow = arc(0.62 * lean * x, 0, 180, 11, (0, 2 * z), rng.uniform(0.9, 1.5))
    return parts + chain("handle", [(a, 0, b) for a, b in bow], 0.034 * t)


def _shopping_bag(rng, x, y, z, t):
    """A paper bag with two cords, open at the top."""
    thick, top, tall = 0.028, 2.6 * z, 1.3 * z
    parts = [box("main", (0, 0, 0.045), (x, y, 0.045))]
    parts += both_sides(lambda s: box("main", (0, s * (y - thick), tall), (x, thick, tall)))
    parts += both_sides(lambda s: box("main", (s * (x - thick), 0, tall), (thick, y, tall)))
    for s in (-1, 1):
        cord = arc(0.42 * x, 0, 180, 9, (0, top - 0.03), 1.3)
        parts += chain("handle", [(a, s * (y - thick), b) for a, b in cord], 0.03 * t)
    parts.append(box("label", (0, -y, tall), (0.5 * x, 0.022, 0.4 * z), 0.005))
    return parts


def _backpack(rng, x, y, z, t):
    """A backpack with a pocket, a flap, side pockets and a loop on top."""
    x, y, z = 0.8 * x, 1.25 * y, 1.2 * z
    arch = [(-x, 0.0), (x, 0.0), *arc(x, 0, 180, 13, (0, 2 * z - 0.7 * x), 0.8)]
    parts = [sheet("main", arch, y, (0, 0, 0.03), rounding=0.03)]
    parts.append(box("pocket", (0, -y, 0.55 * z), (0.7 * x, 0.07, 0.42 * z), 0.03))
    top = [(-1.02 * x, 0), (1.02 * x, 0), *arc(1.02 * x, 0, 180, 11, (0, 0.12), 0.75)]
    parts.append(sheet("flap", top, y + 0.03, (0, -0.01, 1.32 * z), rounding=0.02))
    parts += both_sides(lambda s: box("pocket", (s * x, 0, 0.5 * z), (0.06, 0.6 * y, 0.34 * z), 0.03))
    parts += both_sides(lambda s: box("clasp", (0.4 * s * x, -y - 0.045, 1.25 * z), (0.036, 0.04, 0.17 * z), 0.01))
    crest = 2 * z + 0.12
    return parts + chain("handle", [(a, 0.3 * y, b) for a, b in arc(0.11, 0, 180, 7, (0, crest))], 0.03 * t)


def _bag_size(rng, proportions):
    return (0.36 * proportions.width, 0.15, 0.2 * proportions.height) * rng.uniform(0.92, 1.1, 3)


def bag(rng, proportions):
    """A bag: a handbag with a flap and a clasp or a shopping bag with cords."""
    kind = _hand_bag if rng.random() < 0.55 else _shopping_bag
    return kind(rng, *_bag_size(rng, proportions), max(proportions.thick, 0.95))


def backpack(rng, proportions):
    """A backpack with pockets, a flap with two buckles and a loop on top."""
    return _backpack(rng, *_bag_size(rng, proportions), max(proportions.thick, 0.95))


BAGS = (
    Category(
        "bag",
        bag,
        (),
        {
            "handle": (("handle", "strap"), ("brown", "black")),
            "flap": (("flap",), None),
            "clasp": (("clasp", "buckle"), ("golden", "silver")),
            "label": (("label",), ("white", "black")),
        },
    ),
    Category(
        "backpack",
        backpack,
        ("rucksack",),
        {
            "flap": (("flap",), None),
            "pocket": (("pockets", "pocket"), None),
            "clasp": (("buckles", "straps"), ("golden", "silver", "brown")),
            "handle": (("handle", "loop"), ("black", "brown")),
        },
    ),
)
