# SPDX-License-Identifier: GPL-3.0-or-later
"""Hats that face the front."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import FLAT, arc, ball, blend, box, chain, curve, lathe_curve, sheet
from .primitives import Lathe, Torus, cylinder


def _top_hat(rng, w, h, t):
    crown, tall, brim = 0.27 * w, 0.5 * h * rng.uniform(0.75, 1.1), 0.44 * w
    profile = ((0, 0), (crown, 0), (0.94 * crown, 0.5 * tall), (1.04 * crown, tall), (0, tall))
    return [
        Part(cylinder(brim, 0.035 * t), "brim", (0, 0, 0.035)),
        Part(Torus(brim - 0.01, 0.04), "brim", (0, 0, 0.04)),
        Part(Lathe(profile), "main", (0, 0, 0.04)),
        Part(cylinder(crown + 0.018, 0.055), "band", (0, 0, 0.12)),
    ]


def _witch_hat(rng, w, h, t):
    crown, tall, lean = 0.26 * w, 0.72 * h, rng.uniform(-0.22, 0.22)
    path = curve([(0, 0, 0), (0.1 * lean, 0, 0.35 * tall), (0.5 * lean, 0, 0.72 * tall), (lean, 0, 0.98 * tall)], 4)
    radii = crown * (1 - 0.86 * np.linspace(0, 1, len(path)))
    parts = [
        Part(cylinder(0.48 * w, 0.034 * t), "brim", (0, 0, 0.034)),
        blend("main", chain("main", path + (0, 0, 0.03), radii), 0.02),
    ]
    parts.append(Part(cylinder(crown + 0.02, 0.05, crown), "band", (0, 0, 0.11)))
    return [*parts, box("buckle", (0, -crown - 0.015, 0.11), (0.075, 0.034, 0.065), 0.012)]


def _cap(rng, w, h, t):
    """A cap with a peak towards the front and a button."""
    wide, tall = 0.38 * w, 0.34 * h
    dome = (
        (0, 0),
        (wide, 0),
        (0.99 * wide, 0.3 * tall),
        (0.85 * wide, 0.7 * tall),
        (0.5 * wide, 0.94 * tall),
        (0, tall),
    )
    peak = [*arc(0.92 * wide, 180, 360, 15, flat=rng.uniform(1.5, 1.75))]
    parts = [Part(Lathe(dome), "main"), sheet("brim", peak, 0.03 * t, (0, -0.1, 0.03), rotation("x", 6) @ FLAT, 0.008)]
    parts.append(ball("button", (0, 0, tall), 0.055, 0.055, 0.035))
    parts.append(Part(Torus(0.985 * wide, 0.034), "band", (0, 0, 0.034)))
    if rng.random() < 0.5:
        parts.append(ball("badge", (0, -0.93 * wide, 0.42 * tall), 0.11, 0.05, 0.09, rotation("x", -16)))
    return parts


def _wide_hat(rng, w, h, t):
    """A hat with a wide brim: curled up at the sides like a cowboy's, or flat."""
    crown, tall, curl = 0.25 * w, 0.3 * h, rng.choice([0.0, 0.16])
    parts = []
    if curl:
        outer = [(x, 0.04 + curl * (abs(x) / 0.46) ** 2) for x in np.linspace(-0.46, 0.46, 15)]
        inner = [(x, z + 0.066 * t) for x, z in outer[::-1]]
        parts.append(sheet("brim", np.multiply([*outer, *inner], (w, 1)), 0.3, rounding=0.025))
        parts.append(ball("brim", (0, 0, 0.055), 0.3 * w, 0.44, 0.055))
    else:
        parts += [
            Part(cylinder(0.48 * w, 0.034 * t), "brim", (0, 0, 0.05)),
            Part(Torus(0.47 * w, 0.036), "brim", (0, 0, 0.045)),
        ]
    dome = (
        (0, 0),
        (crown, 0),
        (0.95 * crown, 0.5 * tall),
        (0.8 * crown, 0.92 * tall),
        (0.45 * crown, tall),
        (0, 0.92 * tall),
    )
    parts += [lathe_curve("main", dome, (0, 0, 0.07)), Part(cylinder(crown + 0.02, 0.045), "band", (0, 0, 0.13))]
    return parts


def _bobble_hat(rng, w, h, t):
    wide, tall = 0.36 * w, 0.5 * h
    dome = (
        (0, 0),
        (wide, 0),
        (0.98 * wide, 0.35 * tall),
        (0.78 * wide, 0.72 * tall),
        (0.4 * wide, 0.95 * tall),
        (0, tall),
    )
    parts = [lathe_curve("main", dome, (0, 0, 0.05)), ball("button", (0, 0, tall + 0.12), 0.13)]
    parts.append(Part(cylinder(wide + 0.04, 0.09), "band", (0, 0, 0.09)))
    return parts


def hat(rng, proportions):
    """A hat: a top hat, a witch's, a cap with a peak, a wide or a cowboy's, or a knitted one with a bobble."""
    kind = (_top_hat, _witch_hat, _cap, _wide_hat, _bobble_hat)[rng.integers(5)]
    return kind(rng, proportions.width, proportions.height, max(proportions.thick, 0.9))


HATS = (
    Category(
        "hat",
        hat,
        (),
        {
            "brim": (("brim",), None),
            "band": (("band", "ribbon"), ("red", "white", "brown")),
            "button": (("button", "bobble"), ("white", "red")),
            "buckle": (("buckle",), ("golden", "silver")),
            "badge": (("badge", "logo"), ("white", "yellow")),
        },
    ),
)
