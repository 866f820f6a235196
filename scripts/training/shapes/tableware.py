# SPDX-License-Identifier: GPL-3.0-or-later
"""Cups and plates."""

import numpy as np

from .parts import Category, Part
from .placing import box, curve
from .primitives import Lathe, Torus, cylinder
from .vessels import handle_ring, hollow


def _tea_cup(rng, w, h, t):
    """A wide cup with an ear on a saucer."""
    wide, tall = 0.29 * w * rng.uniform(0.94, 1.06), 0.36 * h * rng.uniform(0.9, 1.12)
    shape = ((0.5, 0.9, 1.0), (0.62, 0.98, 0.96), (0.42, 0.7, 1.0))[rng.integers(3)]
    low, wall = 0.07, 0.07 * max(t, 0.85)
    outside = curve([(shape[0] * wide, low), (shape[1] * wide, low + 0.5 * tall), (shape[2] * wide, low + tall)], 5)
    plate = 1.65 * wide
    saucer = ((0, 0), (0.5 * plate, 0.0), (plate, 0.075), (plate - 0.02, 0.115), (0.55 * plate, 0.065), (0, 0.065))
    fill = low + rng.uniform(0.68, 0.8) * tall
    drink = cylinder(np.interp(fill, outside[:, 1], outside[:, 0]) - 0.5 * wall, 0.04)
    parts = [Part(hollow(outside, wall, fill - 0.02), "main"), Part(Lathe(saucer), "saucer")]
    parts.append(Part(drink, "inside", (0, 0, fill)))
    ear = handle_ring(0.16 * w, 0.3 * tall, 0.07 * max(t, 0.9), rng.uniform(0.7, 1.0))
    return [*parts, Part(ear, "handle", (0.86 * wide, 0, low + 0.55 * tall))]


def _paper_cup(rng, w, h, t):
    """A tall cup with a lid and a sleeve."""
    foot, top, tall = 0.19 * w, 0.27 * w, 0.74 * h * rng.uniform(0.9, 1.08)
    low, high = (np.interp(share, (0, 1), (foot, top)) for share in (0.34, 0.7))
    lid = (
        (0, tall),
        (top + 0.035, tall),
        (top + 0.035, tall + 0.06),
        (0.84 * top, tall + 0.06),
        (0.8 * top, tall + 0.12),
        (0, tall + 0.12),
    )
    return [
        Part(cylinder(foot, tall / 2, top), "main", (0, 0, tall / 2)),
        Part(cylinder(low + 0.02, 0.18 * tall, high + 0.02), "sleeve", (0, 0, 0.52 * tall)),
        Part(Lathe(lid), "lid"),
    ]


def cup(rng, proportions):
    """A cup with an ear on a saucer, or a paper cup with a lid and a sleeve."""
    kind = _tea_cup if rng.random() < 0.65 else _paper_cup
    return kind(rng, proportions.width, proportions.height, proportions.thick)


def plate(rng, proportions):
    """A round or a square plate with a raised rim, lying, some with rings or a colored middle."""
    radius, rise = 0.5, 0.085 * proportions.height * rng.uniform(0.85, 1.3)
    thick, well = 0.058 * max(proportions.thick, 0.9), rng.uniform(0.58, 0.68)
    if rng.random() < 0.2:
        outer = box("rim", (0, 0, rise), (0.45, 0.45, thick / 2 + 0.01), 0.02)
        return [
            outer,
            box("main", (0, 0, 0.5 * rise), (0.36, 0.36, 0.5 * rise + 0.01)),
            box("middle", (0, 0, rise + 0.02), (0.27, 0.27, 0.03), 0.015),
        ]
    half = well * radius
    body = ((0, 0), (half, 0), (0.96 * radius, rise), (0.96 * radius, rise + thick), (half, thick), (0, thick))
    parts = [Part(Lathe(body), "main"), Part(Torus(0.95 * radius, 0.034), "rim", (0, 0, rise + thick / 2))]
    if rng.random() < 0.6:
        parts.append(Part(cylinder(0.72 * half, 0.02), "middle", (0, 0, thick)))
    if rng.random() < 0.5:
        parts.append(Part(Torus((half + radius) / 2, 0.028), "rim", (0, 0, rise / 2 + thick)))
    return parts


_INSIDE = (("inside", "coffee", "tea"), ("brown",))

TABLEWARE = (
    Category(
        "cup",
        cup,
        (),
        {
            "saucer": (("saucer",), None),
            "handle": (("handle",), None),
            "inside": _INSIDE,
            "lid": (("lid",), ("white", "black")),
            "sleeve": (("sleeve",), ("brown", "white")),
        },
    ),
    Category(
        "plate", plate, ("dinner plate",), {"rim": (("rim", "edge"), None), "middle": (("middle", "center"), None)}
    ),
)
