# SPDX-License-Identifier: GPL-3.0-or-later
"""Pans and pots."""

from .parts import Category, Part, rotation
from .placing import arc, ball, chain, curve, lathe_curve, rod, sheet
from .primitives import Lathe, Torus, cylinder
from .vessels import hollow


def pan(rng, proportions):
    """A frying pan with a long handle, flat or deep; empty or with a fried egg."""
    radius, tall = (
        0.32 * proportions.width**0.5 * rng.uniform(0.95, 1.06),
        0.13 * proportions.height * rng.uniform(0.85, 1.4),
    )
    wall, thick = 0.065 * max(proportions.thick, 0.9), 0.042 * max(proportions.thick, 0.9)
    outside = [(0.82 * radius, 0.0), (0.92 * radius, 0.3 * tall), (radius, tall)]
    parts = [
        Part(hollow(outside, wall, 0.06), "main"),
        Part(cylinder(0.84 * radius - wall, 0.012), "inside", (0, 0, 0.06)),
    ]
    reach, lift = radius + 0.5 * rng.uniform(0.9, 1.1), rng.uniform(0.02, 0.1)
    root = (0.9 * radius, 0, 0.75 * tall)
    parts.append(rod("main", root, (radius + 0.12, 0, 0.85 * tall + 0.2 * lift), 0.9 * thick))
    tip = (reach, 0, tall + lift)
    parts.append(rod("handle", (radius + 0.1, 0, 0.85 * tall + 0.2 * lift), tip, 1.1 * thick))
    if rng.random() < 0.35:
        x = rng.uniform(-0.05, 0.05)
        white = curve(
            [(0.6, 0), (0.4, 0.5), (-0.1, 0.55), (-0.6, 0.3), (-0.5, -0.3), (0.0, -0.6), (0.5, -0.35), (0.6, 0)], 3
        )[:-1]
        parts.append(sheet("egg", 0.95 * radius * white * 0.95, 0.026, (x, 0, 0.085), rotation("x", -90)))
        parts.append(ball("yolk", (x, 0, 0.105), 0.22 * radius, 0.22 * radius, 0.045))
    return parts


def pot(rng, proportions):
    """A cooking pot with two ears or a long handle, open with soup in it or under a lid with a knob."""
    radius, tall = 0.33 * proportions.width * rng.uniform(0.94, 1.06), 0.4 * proportions.height * rng.uniform(0.8, 1.2)
    bulge = rng.choice([1.0, 1.0, 1.1])
    wall, thick = 0.06 * max(proportions.thick, 0.9), 0.038 * max(proportions.thick, 0.9)
    outside = curve([(0.92 * radius, 0.0), (bulge * radius, 0.45 * tall), (radius, tall)], 5)
    covered = rng.random() < 0.68
    body = Lathe((*outside, (0, tall), (0, 0))) if covered else hollow(outside, wall, 0.8 * tall)
    parts = [
        Part(body, "main"),
        Part(Torus(radius - 0.5 * wall, 0.55 * wall), "rim", (0, 0, tall)),
    ]
    if covered:
        dome = 0.12 * rng.uniform(0.8, 1.5)
        lid = ((0, 0), (1.04 * radius, 0), (1.04 * radius, 0.04), (0.7 * radius, 0.04 + 0.7 * dome), (0, 0.04 + dome))
        parts.append(
            lathe_curve("lid", lid, (0, 0, tall - 0.01))
            if dome > 0.13
            else Part(Lathe(lid), "lid", (0, 0, tall - 0.01))
        )
        top = tall + 0.04 + dome
        parts += [
            Part(cylinder(0.035, 0.05), "knob", (0, 0, top)),
            ball("knob", (0, 0, top + 0.065), 0.068, 0.068, 0.045),
        ]
    else:
        parts.append(Part(cylinder(radius - 0.6 * wall, 0.03), "inside", (0, 0, 0.82 * tall)))
    if rng.random() < 0.72:
        ring = [(x, y) for x, y in arc(0.11, -90, 90, 7)]
        for s in (-1, 1):
            parts += chain("handle", [(s * (0.98 * radius + x), y, 0.78 * tall) for x, y in ring], thick)
    else:
        parts.append(rod("handle", (0.95 * radius, 0, 0.82 * tall), (radius + 0.42, 0, 0.92 * tall), 1.15 * thick))
    return parts


COOKWARE = (
    Category(
        "pan",
        pan,
        ("frying pan", "skillet"),
        {
            "handle": (("handle",), ("brown", "black")),
            "inside": (("inside", "bottom"), None),
            "egg": (("egg",), ("white",)),
            "yolk": (("yolk",), ("yellow", "orange")),
        },
    ),
    Category(
        "pot",
        pot,
        ("cooking pot", "saucepan"),
        {
            "handle": (("handles", "handle"), ("black", "brown")),
            "lid": (("lid",), None),
            "knob": (("knob",), ("black", "golden", "brown")),
            "rim": (("rim",), None),
            "inside": (("soup", "inside"), ("orange", "red", "green")),
        },
    ),
)
