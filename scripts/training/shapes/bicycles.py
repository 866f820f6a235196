# SPDX-License-Identifier: GPL-3.0-or-later
"""Bicycles along x, with the front wheel towards -x."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import box, chain, rod
from .primitives import Torus, cylinder

STANDING = rotation("x", 90)


def _wheel(x, radius, thick, spokes, start):
    """A tire, a rim's spokes and a hub."""
    at = np.array((x, 0, radius + thick))
    parts = [
        Part(Torus(radius, thick), "wheels", tuple(at), STANDING),
        Part(cylinder(0.05, 0.05), "main", tuple(at), STANDING),
    ]
    for angle in start + np.arange(spokes) * 360 / spokes:
        parts.append(rod("spokes", at, at + rotation("y", angle) @ (0, 0, radius - 0.01), 0.022))
    return parts


def _frame(rng, w, h, z, reach, tube):
    """The frame, the saddle and the bars' stem; (parts, crank, head)."""
    crank, seat = np.array((0.03, 0, 0.92 * z)), np.array((0.13 * w, 0, z + 0.25 * h))
    head, rear, front = np.array((-0.21 * w, 0, z + 0.24 * h)), np.array((reach, 0, z)), np.array((-reach, 0, z))
    start = seat if rng.random() < 0.65 else crank + 0.45 * (seat - crank)
    tubes = [
        (head, start),
        (head + (-0.012, 0, -0.08), crank),
        (crank, seat),
        (crank, rear),
        (seat + 0.1 * (crank - seat), rear),
        (head + (0.02, 0, 0.06), front),
    ]
    post = seat + (0.015, 0, 0.07)
    parts = [rod("main", a, b, 1.1 * tube) for a, b in tubes]
    parts += [rod("main", seat, post, tube), box("saddle", post + (0.01, 0, 0.02), (0.095, 0.05, 0.028), 0.02)]
    return [*parts, rod("main", head, head + (0.02, 0, 0.1), tube)], crank, head


_BENDS = (
    ((0, -0.17, 0), (0, -0.17, 0)),
    ((-0.09, -0.14, 0.0), (-0.06, -0.13, -0.1)),
    ((0.05, -0.15, 0.09), (0.13, -0.16, 0.09)),
)
"""Straight, drop and high bars: two points of the left side from the stem's top."""


def _bars(rng, bar, tube):
    first, second = (np.array(p) for p in _BENDS[rng.integers(3)])
    parts = []
    for s in (1, -1):
        side = np.array((1, s, 1))
        parts += chain("handlebar", [bar, bar + first * side, bar + second * side + (0.02, 0, 0)], 1.05 * tube)
    return parts


def _pedals(crank):
    parts = [Part(cylinder(0.06, 0.03), "main", tuple(crank), STANDING)]
    for s in (-1, 1):
        end = crank + (0.075 * s, 0.075 * s, -0.075 * s)
        parts.append(rod("pedals", crank + (0, 0.05 * s, 0), end, 0.024))
        parts.append(box("pedals", end + (0, 0.03 * s, 0), (0.045, 0.04, 0.022), 0.01))
    return parts


def _fender(x, z, radius, first):
    """A guard around half of a wheel."""
    turn = np.radians(np.linspace(first, first + 150, 9))
    return chain("fenders", [(x + radius * np.cos(a), 0, z + radius * np.sin(a)) for a in turn], 0.03)


def bicycle(rng, proportions):
    """A bicycle: diamond or step-through frame, straight, drop or high bars, perhaps a basket or fenders."""
    w, h, tube = proportions.width, proportions.height, 0.026 * max(proportions.thick, 1.0)
    radius, thick = 0.215 * h**0.4 * rng.uniform(0.94, 1.06), 0.034 * max(proportions.thick, 0.95)
    reach, spokes = 0.31 * w * rng.uniform(0.97, 1.05), rng.choice([6, 8])
    z, parts = radius + thick, []
    for x in (-reach, reach):
        parts += _wheel(x, radius, thick, spokes, rng.uniform(0, 60))
    frame, crank, head = _frame(rng, w, h, z, reach, tube)
    parts += [*frame, *_bars(rng, head + (0.02, 0, 0.1), tube), *_pedals(crank)]
    if rng.random() < 0.35:
        parts.append(box("basket", (-0.21 * w - 0.11, 0, z + 0.27 * h), (0.085, 0.1, 0.07), 0.012))
        parts.append(rod("basket", head, (-0.21 * w - 0.08, 0, z + 0.26 * h), 0.03))
    if rng.random() < 0.35:
        parts += _fender(-reach, z, radius + thick + 0.03, 20) + _fender(reach, z, radius + thick + 0.03, 10)
    return parts


BICYCLES = (
    Category(
        "bicycle",
        bicycle,
        ("bike",),
        {
            "wheels": (("wheels", "tires", "tyres"), ("black",)),
            "spokes": (("spokes",), ("silver", "white")),
            "saddle": (("saddle", "seat"), ("black", "brown")),
            "handlebar": (("handlebar", "handlebars"), ("silver", "black")),
            "pedals": (("pedals",), ("black", "silver")),
            "basket": (("basket",), ("brown", "white")),
            "fenders": (("fenders",), None),
        },
    ),
)
