# SPDX-License-Identifier: GPL-3.0-or-later
"""Train along x, with the nose towards -x."""

import numpy as np

from .parts import Category, Part, rotation
from .primitives import Box, Capsule, Extrusion, Lathe, cylinder
from .wheels import wheels


def _boiler(rng, proportions, radius, start, end, z):
    """A horizontal boiler with its chimney and dome."""
    across, middle = rotation("y", 90), (start + end) / 2
    stem, lip = rng.uniform(0.05, 0.06) * proportions.thick**0.5, rng.uniform(0.07, 0.1) * proportions.thick**0.5
    tall, dome = rng.uniform(0.16, 0.24), start + 0.62 * (end - start)
    profile = ((0, -0.04), (stem, -0.04), (stem, 0.45 * tall), (lip, tall - 0.05), (lip, tall), (0, tall))
    return [
        Part(cylinder(radius, (end - start) / 2 + 0.02), "main", (middle, 0, z), across),
        Part(cylinder(radius + 0.018, 0.045), "main", (start + 0.05, 0, z), across),
        Part(cylinder(0.45 * radius, 0.05), "chimney", (start - 0.02, 0, z), across),
        Part(Lathe(profile), "chimney", (start + 0.09, 0, z + radius)),
        Part(Capsule((0, 0, -0.05), (0, 0, 0.03), 0.065), "main", (dome, 0, z + radius)),
    ]


def _engine_cab(rng, half, start, end, low, tall):
    """The driver's cab at the back, with a flat or a round roof."""
    middle, reach, top = (start + end) / 2, (end - start) / 2, low + tall
    parts = [
        Part(Box((reach - 0.02, half, tall / 2)), "main", (middle, 0, low + tall / 2)),
        Part(Box((0.55 * reach, half + 0.016, 0.15 * tall)), "windows", (middle, 0, top - 0.25 * tall)),
    ]
    if rng.random() < 0.5:
        return [*parts, Part(Box((reach + 0.03, half + 0.04, 0.04), 0.01), "roof", (middle, 0, top + 0.02))]
    turn, wide = np.linspace(0, np.pi, 11), half + 0.035
    arc = zip(wide * np.cos(turn), 0.04 + 0.09 * np.sin(turn), strict=True)
    outline = ((wide, -0.035), *arc, (-wide, -0.035))
    return [*parts, Part(Extrusion(outline, reach + 0.03), "roof", (middle, 0, top), rotation("z", 90))]


def train(rng, proportions):
    """A toy steam locomotive: boiler, chimney, cowcatcher and big wheels, a cab with a flat or a round roof."""
    end, half = proportions.width * rng.uniform(0.475, 0.525), rng.uniform(0.17, 0.2)
    radius = 0.1 * proportions.thick**0.5 * rng.uniform(0.95, 1.1)
    boiler, frame = rng.uniform(0.14, 0.165) * proportions.height**0.5, radius + 0.03
    front, cab = 0.07 - end, end - rng.uniform(0.3, 0.36)
    parts = [Part(Box((end - 0.05, half, 0.055), 0.01), "main", (0.03, 0, frame + 0.03))]
    parts += _engine_cab(rng, half, cab, end, frame, 0.47 * proportions.height * rng.uniform(0.95, 1.1))
    parts += _boiler(rng, proportions, boiler, front, cab, frame + 0.06 + boiler)
    wedge = ((-end - 0.03, 0.03), (front + 0.1, 0.03), (front + 0.1, frame + 0.06), (front - 0.02, frame + 0.06))
    parts.append(Part(Extrusion(wedge, 0.8 * half), "main"))
    big, width = radius * rng.uniform(1.0, 1.35), 0.09 * proportions.thick
    parts += wheels(((cab + end) / 2,), big, half + 0.01, width)
    return parts + wheels((-0.54 * end, 0.02), radius, half + 0.01, width)


TRAINS = (
    Category(
        "train",
        train,
        ("locomotive", "steam engine", "steam train"),
        {
            "wheels": (("wheels",), ("black",)),
            "chimney": (("chimney", "funnel"), ("black", "gray")),
            "roof": (("roof",), ("black", "gray", "red")),
            "windows": (("windows",), ("cyan", "yellow")),
        },
    ),
)
