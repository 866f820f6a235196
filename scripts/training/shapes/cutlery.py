# SPDX-License-Identifier: GPL-3.0-or-later
"""Forks, spoons and knives that stand upright."""

import numpy as np

from .combined import Cut
from .parts import Category, Part, rotation
from .placing import ball, box, curve, rod, sheet
from .primitives import Ellipsoid, cylinder
from .thickness import half_thickness


def _grip(rng, w, top, thick):
    """An upright handle of cutlery up to z = `top`, rounded, flared or straight with rivets."""
    wide, style = 0.056 * w, rng.integers(3)
    if style == 0:
        return [
            sheet(
                "handle",
                [
                    (0.7 * x * w, z)
                    for x, z in ((-0.06, 0.03), (0.06, 0.03), (0.09, 0.12), (0.045, top), (-0.045, top), (-0.09, 0.12))
                ],
                thick,
                rounding=0.012,
            )
        ]
    if style == 1:
        return [rod("handle", (0, 0, 1.3 * thick), (0, 0, top - thick), 1.25 * thick)]
    parts = [box("handle", (0, 0, top / 2), (wide, 1.1 * thick, top / 2), 0.015)]
    return parts + [
        Part(cylinder(0.026, 1.1 * thick + 0.018), "rivets", (0, 0, share * top), rotation("x", 90))
        for share in (0.3, 0.7)
    ]


def fork(rng, proportions):
    """A fork with three or four tines."""
    w, thick = proportions.width, half_thickness(proportions, 0.06)
    tall = 1.0 * proportions.height
    grip, w = 0.46 * rng.uniform(0.9, 1.1) * min(proportions.height, 1.1), max(w, 0.9)
    wide, tines = 0.125 * w * rng.uniform(0.95, 1.1), rng.choice([3, 4])
    root, neck = 0.73 * tall, grip + 0.08 * tall
    head = [
        (-0.04, neck - 0.12),
        (0.04, neck - 0.12),
        *curve([(0.042, neck), (wide, root - 0.06), (wide, root)], 4),
        *curve([(-wide, root), (-wide, root - 0.06), (-0.042, neck)], 4),
    ]
    parts = [sheet("main", head, 0.9 * thick), *_grip(rng, w, grip, thick)]
    for x in np.linspace(-wide + 0.024, wide - 0.024, tines):
        parts.append(rod("main", (x, 0, root - 0.02), (x, -0.01, tall), max(0.024, 0.024 * w)))
    return parts


def spoon(rng, proportions):
    """A spoon: its bowl hollow towards the front, oval or round; slim or thick like a wooden one."""
    w, thick = proportions.width, half_thickness(proportions, 0.06)
    tall = 0.98 * proportions.height
    grip = 0.46 * rng.uniform(0.9, 1.1) * min(proportions.height, 1.1)
    wide, long = 0.145 * w * rng.uniform(0.95, 1.1), 0.19 * rng.uniform(0.9, 1.05)
    bowl = Cut(
        Ellipsoid((wide, 0.1, long)),
        (ball("main", (0, -0.075, 0), 0.86 * wide, 0.1, 0.88 * long), box("main", (0, -0.23, 0), (1, 0.2, 1))),
    )
    neck = rod("main", (0, 0.0, grip - 0.03), (0, 0.05, tall - 1.85 * long), 0.033)
    return [Part(bowl, "main", (0, 0.02, tall - long)), neck, *_grip(rng, w, grip, thick)]


_BLADES = (
    ((-0.065, 0.0), (0.05, 0.0), (0.06, 0.3), (0.045, 0.48), (-0.01, 0.58), (-0.06, 0.6)),
    ((-0.07, 0.0), (0.07, 0.02), (0.09, 0.2), (0.06, 0.42), (-0.05, 0.62), (-0.07, 0.62)),
    ((-0.075, 0.0), (0.15, 0.02), (0.16, 0.44), (-0.075, 0.46)),
    ((-0.05, 0.0), (0.05, 0.0), (0.065, 0.35), (0.045, 0.47), (0.0, 0.5), (-0.05, 0.47)),
)


def knife(rng, proportions):
    """A knife: for the table, a chef's, a cleaver or one for butter; a handle with rivets or a round one."""
    w, h, thick = proportions.width, proportions.height, half_thickness(proportions, 0.058)
    grip = 0.36 * rng.uniform(0.92, 1.1)
    blade = np.array(_BLADES[rng.integers(len(_BLADES))]) * (1.25 * w, h)
    smooth_edge = np.concatenate([blade[:2], curve(blade[1:], 4)[1:]])
    parts = [sheet("main", smooth_edge, thick, (0, 0, grip)), *_grip(rng, 1.15 * w, grip, 1.15 * thick)]
    if rng.random() < 0.6:
        parts.append(box("guard", (0, 0, grip), (0.095 * w, 1.5 * thick, 0.034), 0.012))
    return parts


_GRIP = (("handle", "grip"), ("brown", "black", "silver"))


_RIVETS = (("rivets",), ("white", "golden", "black"))


CUTLERY = (
    Category("fork", fork, (), {"handle": _GRIP, "rivets": _RIVETS}),
    Category("spoon", spoon, (), {"handle": _GRIP, "rivets": _RIVETS}),
    Category(
        "knife", knife, ("kitchen knife",), {"handle": _GRIP, "rivets": _RIVETS, "guard": (("guard",), ("golden",))}
    ),
)
