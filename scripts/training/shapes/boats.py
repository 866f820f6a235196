# SPDX-License-Identifier: GPL-3.0-or-later
"""Boats along x, with the bow towards -x."""

import numpy as np

from .parts import Category, Part
from .primitives import Box, Extrusion, cylinder
from .wheels import plate


def _plan(length, half, stern, sharp):
    """A boat seen from above, bow at -x."""
    along = np.linspace(0, 1, 12)
    bow = 1 - np.maximum(1 - along / 0.55, 0) ** sharp
    aft = (1 - stern) * (np.maximum(along - 0.55, 0) / 0.45) ** 2
    upper = [(length * (t - 0.5), half * s) for t, s in zip(along, bow - aft, strict=True)]
    return tuple(upper + [(x, -y) for x, y in upper[:0:-1]])


def _hull(rng, length, half, depth):
    """A hull of planks that widen upwards, and the deck inside its rim."""
    stern, sharp, planks, soft = rng.uniform(0.62, 0.85), rng.uniform(1.6, 2.2), 4, 0.018
    parts = []
    for i in range(planks):
        size = 0.84 + 0.16 * np.sqrt(i / (planks - 1))
        outline = _plan((0.4 + 0.6 * size) * length - 2 * soft, half * size - soft, stern, sharp)
        at = (0.25 * (1 - size) * length, 0, depth * (i + 0.5) / planks)
        parts.append(plate(outline, depth / planks / 2 + 0.008 - soft, "main", at, soft))
    return [*parts, plate(_plan(0.84 * length, 0.74 * half, stern, sharp), 0.05, "deck", (0.01, 0, depth - 0.015))]


def _rig(rng, proportions, length, depth):
    """A mast with a mainsail, perhaps a foresail."""
    tall, thin = (
        0.78 * proportions.height * rng.uniform(0.92, 1.08),
        0.042 * max(proportions.thick, proportions.height, proportions.width, 0.95),
    )
    mast, low, top = rng.uniform(-0.12, -0.02) * length, depth + 0.1, depth + tall - 0.04
    boom = mast + 0.4 * length * rng.uniform(0.9, 1.08)
    parts = [
        Part(cylinder(thin, tall / 2 + 0.03), "mast", (mast, 0, depth + tall / 2 - 0.03)),
        Part(Extrusion(((mast, low), (boom, low), (mast + 0.07, top), (mast, top)), 0.95 * thin), "sail"),
    ]
    if rng.random() < 0.6:
        fore, peak = 0.04 - 0.46 * length, depth + 0.72 * tall
        jib = ((fore, low), (mast + 0.01, low), (mast + 0.01, peak), (mast - 0.03, peak))
        parts.append(Part(Extrusion(jib, 0.95 * thin), "sail"))
    return parts


def _wheelhouse(rng, proportions, length, half, depth):
    """A wheelhouse with windows and a roof, and a funnel or a mast on it."""
    tall, reach, wide = 0.27 * proportions.height * rng.uniform(0.9, 1.15), rng.uniform(0.14, 0.18) * length, 0.6 * half
    x, top, pane = rng.uniform(-0.04, 0.08) * length, depth + tall, (0, 0, depth + 0.66 * tall)
    tall_pane = max(0.22 * tall, 0.05)
    parts = [
        Part(Box((reach, wide, tall / 2 + 0.02)), "deck", (x, 0, depth + tall / 2)),
        Part(Box((reach + 0.035, wide + 0.035, 0.038), 0.01), "main", (x, 0, top + 0.03)),
        Part(Box((0.05, wide - 0.04, tall_pane)), "windows", (x - reach + 0.033, 0, pane[2])),
    ]
    for shift in (-0.46 * reach, 0.46 * reach):
        parts.append(Part(Box((0.32 * reach, wide + 0.016, tall_pane)), "windows", (x + shift, 0, pane[2])))
    if rng.random() < 0.5:
        parts.append(Part(cylinder(0.07 * proportions.thick**0.5, 0.14), "main", (x + 0.3 * reach, 0, top + 0.14)))
    else:
        parts.append(
            Part(cylinder(0.04 * max(proportions.thick, proportions.height, 1), 0.16), "mast", (x, 0, top + 0.17))
        )
    return parts


def _size(rng, proportions):
    """Return the length, half the width and the depth of a hull."""
    length, half = proportions.width * rng.uniform(0.95, 1.05), rng.uniform(0.19, 0.23)
    return length, half, rng.uniform(0.21, 0.26) * proportions.height**0.5


def _motor_boat_top(rng, proportions, length, half, depth):
    bow = plate(_plan(0.5 * length, 0.72 * half, 0.95, 1.8), 0.06, "main", (-0.235 * length, 0, depth + 0.02))
    return [bow, *_wheelhouse(rng, proportions, length, half, depth)]


def boat(rng, proportions):
    """A boat: a sailing boat with one or two sails, or a motor boat with a wheelhouse and a raised bow."""
    length, half, depth = _size(rng, proportions)
    parts = _hull(rng, length, half, depth)
    if rng.random() < 0.6:
        return parts + _rig(rng, proportions, length, depth)
    return parts + _motor_boat_top(rng, proportions, length, half, depth)


def motor_boat(rng, proportions):
    """A motor boat with a wheelhouse and a raised bow."""
    size = _size(rng, proportions)
    return _hull(rng, *size) + _motor_boat_top(rng, proportions, *size)


def sailboat(rng, proportions):
    """A sailing boat with one or two sails, some with a cabin and a pennant."""
    length, half, depth = _size(rng, proportions)
    parts = _hull(rng, length, half, depth) + _rig(rng, proportions, length, depth)
    mast = next(part for part in parts if part.role == "mast")
    x, top = mast.at[0], depth + mast.solid.extent()[2] * 2 - 0.06
    if rng.random() < 0.5:
        thin = 0.75 * mast.solid.extent()[0]
        long = rng.uniform(0.14, 0.2)
        flag = ((x - 0.01, top - 0.11), (x + long, top - 0.055), (x - 0.01, top))
        parts.append(Part(Extrusion(flag, thin), "flag"))
    if rng.random() < 0.5:
        cabin = Box((0.14 * length, 0.5 * half, 0.07), 0.02)
        parts.append(Part(cabin, "deck", (0.2 * length, 0, depth + 0.06)))
    return parts


BOATS = (
    Category(
        "boat",
        boat,
        ("ship",),
        {
            "sail": (("sail", "sails"), ("white",)),
            "mast": (("mast",), ("brown",)),
            "deck": (("deck", "cabin"), ("brown", "white")),
            "windows": (("windows",), ("cyan", "black")),
        },
    ),
    Category(
        "sailboat",
        sailboat,
        ("sailing boat", "yacht"),
        {
            "sail": (("sails", "sail"), ("white",)),
            "mast": (("mast",), ("brown",)),
            "deck": (("deck", "cabin"), ("brown", "white")),
            "flag": (("flag", "pennant"), ("red", "yellow")),
        },
    ),
)
