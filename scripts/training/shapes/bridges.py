# SPDX-License-Identifier: GPL-3.0-or-later
"""Bridges along x."""

import numpy as np

from .parts import Category, rotation
from .placing import arc, both_sides, box, chain, rod, sheet


def _stone_bridge(rng, w, h, t):
    """An arched bridge of stone with one or two openings and walls along its way."""
    half, deep, crown = 0.5, 0.15 * rng.uniform(0.9, 1.15), 0.3 * h * rng.uniform(0.9, 1.1)
    count = rng.choice([1, 2])
    road = arc(1.0, 150, 30, 13)
    rise = (road[:, 1] - road[0, 1]) / (1 - road[0, 1]) * 0.16 * h + crown - 0.1
    top = np.stack([np.linspace(-half, half, 13), rise], 1)
    under = []
    span = 0.72 * (2 * half) / count
    for x in (np.arange(count) - (count - 1) / 2) * span * 1.14:
        open_half = 0.42 * span
        tall = min(crown - 0.06, 0.9 * open_half * h) * (1.0 if count == 1 else 0.9)
        under += arc(open_half, 180, 0, 13, (x, 0), tall / open_half).tolist()
    outline = [(-half, 0.0), *under, (half, 0.0), *top[::-1]]
    parts = [sheet("main", outline, deep)]
    wall = [*top, *(top[::-1] + (0, 0.09))]
    parts += both_sides(lambda s: sheet("rails", wall, 0.034, (0, s * (deep - 0.02), -0.005)))
    for x in (-half + 0.045, half - 0.045):
        parts += both_sides(
            lambda s, x=x: box(
                "rails", (x, s * (deep - 0.02), rise[0] / 2 + 0.08), (0.05, 0.05, rise[0] / 2 + 0.08), 0.008
            )
        )
    return parts


def _wooden_bridge(rng, w, h, t):
    """A bowed bridge of planks with posts and a rail."""
    half, deep, bow = 0.5, 0.16 * rng.uniform(0.95, 1.2), 0.2 * h * rng.uniform(0.6, 1.1)
    planks, thick = 11, 0.03

    def lift(x):
        return 0.05 + bow * (1 - (x / half) ** 2)

    xs = np.linspace(-half + 0.04, half - 0.04, planks)
    parts = []
    for x in xs:
        lean = np.degrees(np.arctan(2 * bow * x / half**2))
        parts.append(box("main", (x, 0, lift(x)), (0.042, deep, thick), 0.004, rotation("y", lean)))
    beam = [(x, lift(x) - 0.035) for x in np.linspace(-half, half, 9)]
    for s in (-1, 1):
        parts += chain("rails", [(x, s * 0.7 * deep, z) for x, z in beam], 0.036)
        rail = [(x, s * 0.92 * deep, lift(x) + 0.19) for x in np.linspace(-0.9 * half, 0.9 * half, 9)]
        parts += chain("rails", rail, 0.03)
        parts += [
            rod("rails", (x, s * 0.92 * deep, lift(x)), (x, s * 0.92 * deep, lift(x) + 0.2), 0.032)
            for x in xs[1::2] * 0.98
        ]
    return parts


def _hanging_bridge(rng, w, h, t):
    """A suspension bridge: two towers, cables and hangers over a straight road."""
    half, deep, road, tall = 0.5, 0.1, 0.16 * h, 0.5 * h * rng.uniform(0.9, 1.1)
    parts = [box("road", (0, 0, road), (half, deep, 0.03))]
    x_tower = 0.28
    for x in (-x_tower, x_tower):
        for s in (-1, 1):
            parts.append(box("main", (x, s * deep, tall / 2), (0.036, 0.034, tall / 2), 0.004))
        parts += [box("main", (x, 0, z), (0.03, deep, 0.032)) for z in (0.45 * (tall + road), tall - 0.03)]
    for s in (-1, 1):
        y = s * deep
        sag = [
            (x, y, road + 0.05 + (tall - road - 0.06) * (x / x_tower) ** 2) for x in np.linspace(-x_tower, x_tower, 9)
        ]
        parts += chain("cables", [(-half + 0.01, y, road + 0.02), *sag, (half - 0.01, y, road + 0.02)], 0.024)
        for x in (-0.19, -0.1, 0.0, 0.1, 0.19):
            parts.append(
                rod("cables", (x, y, road), (x, y, road + 0.05 + (tall - road - 0.06) * (x / x_tower) ** 2), 0.022)
            )
        parts += [
            rod("cables", (side * 0.38, y, road), (side * 0.38, y, road + 0.02 + 0.5 * (tall - road)), 0.022)
            for side in (-1, 1)
        ]
    return parts


def bridge(rng, proportions):
    """A bridge along x: an arch of stone, bowed planks with rails, or hanging from cables between two towers."""
    kind = (_stone_bridge, _wooden_bridge, _hanging_bridge)[rng.integers(3)]
    return kind(rng, proportions.width, proportions.height, proportions.thick)


BRIDGES = (
    Category(
        "bridge",
        bridge,
        (),
        {
            "rails": (("rails", "railing"), None),
            "cables": (("cables",), ("gray", "black")),
            "road": (("road",), ("black", "gray")),
        },
    ),
)
