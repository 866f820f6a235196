# SPDX-License-Identifier: GPL-3.0-or-later
"""Tall round and square buildings. Doors face -y."""

import numpy as np

from .parts import Category, Part, rotation
from .primitives import Box, Ellipsoid, Lathe, cylinder
from .pyramid import Pyramid
from .walls import DOOR, ROOF, opening, pitched


def _battlements(square, head, block, top):
    """Merlons around the flat head of a tower."""
    if square:
        steps = (block - head, 0.0, head - block)
        places = [(x, y, 0.0) for x in steps for y in steps if x or y]
    else:
        turns = np.arange(7) * 2 * np.pi / 7
        places = [((head - block) * np.cos(t), (head - block) * np.sin(t), np.degrees(t)) for t in turns]
    return [Part(Box((block, block, 0.05)), "main", (x, y, top + 0.03), rotation("z", turn)) for x, y, turn in places]


def _tower_top(rng, proportions, square, head, top):
    """A pointed roof, or battlements."""
    if rng.random() < 0.3:
        return _battlements(square, head, 0.042 * max(proportions.width, proportions.height), top)
    reach, rise = head + rng.uniform(0.02, 0.04), rng.uniform(0.28, 0.38) * proportions.height
    if square:
        return [Part(Pyramid(reach, rise), "roof", (0, 0, top - 0.015))]
    return [Part(cylinder(reach, rise / 2, 0.012), "roof", (0, 0, top + rise / 2 - 0.015))]


def tower(rng, proportions):
    """A slender tower, round or square, with a pointed roof or with battlements."""
    tall, half = 0.72 * proportions.height * rng.uniform(0.93, 1.08), 0.15 * proportions.width * rng.uniform(0.9, 1.12)
    square, foot, collar = rng.random() < 0.4, rng.uniform(1.0, 1.25), 0.13 * proportions.height
    head = half + rng.uniform(0.025, 0.05)
    if square:
        foot = 1.0
        parts = [
            Part(Box((half, half, tall / 2)), "main", (0, 0, tall / 2)),
            Part(Box((head, head, collar / 2)), "main", (0, 0, tall)),
        ]
    else:
        parts = [
            Part(cylinder(foot * half, tall / 2, half), "main", (0, 0, tall / 2)),
            Part(cylinder(head, collar / 2), "main", (0, 0, tall)),
        ]
    parts += _tower_top(rng, proportions, square, head, tall + collar / 2)
    size = max(proportions.height, proportions.width) ** 0.7
    parts.append(opening("door", 0.068 * size, 0.2 * size, (0, -half * foot, 0)))
    for share in (0.42, 0.68):
        wall = half * (foot + (1 - foot) * share)
        parts.append(opening("windows", 0.052 * size, 0.13 * size, (0, -wall, share * tall)))
    return parts


def _lantern(rng, z, neck, lamp):
    """A gallery, a lamp and a domed or pointed top."""
    roof = neck + 0.03
    dome = [(roof * np.cos(t), 0.85 * roof * np.sin(t)) for t in np.linspace(0, np.pi / 2, 9)[:-1]]
    domed = ((0, -0.04), (roof, -0.04), *dome, (0, 0.85 * roof))
    pointed = ((0, -0.04), (roof, -0.04), (roof, 0), (0.015, 1.3 * roof), (0, 1.3 * roof))
    return [
        Part(cylinder(neck + 0.055, 0.04), "main", (0, 0, z + 0.02)),
        Part(cylinder(0.8 * neck, lamp / 2 + 0.02), "lamp", (0, 0, z + 0.05 + lamp / 2)),
        Part(Lathe(domed if rng.random() < 0.5 else pointed), "top", (0, 0, z + 0.06 + lamp)),
    ]


def lighthouse(rng, proportions):
    """A tapering round lighthouse with stripes, a gallery, a lamp and a domed or pointed top."""
    tall, foot = 0.7 * proportions.height * rng.uniform(0.95, 1.05), rng.uniform(0.17, 0.2) * proportions.width
    neck, count, base = foot * rng.uniform(0.55, 0.7), rng.choice([5, 5, 7]), 0.08
    parts = [Part(cylinder(foot + 0.05, 0.05), "main", (0, 0, 0.05))]
    for i in range(count):
        low, high = (foot + (neck - foot) * step / count + 0.012 * (i % 2) for step in (i, i + 1))
        solid = cylinder(low, tall / count / 2 + 0.006, high)
        parts.append(Part(solid, "stripes" if i % 2 else "main", (0, 0, base + tall * (i + 0.5) / count)))
    parts += _lantern(rng, base + tall, neck, rng.uniform(0.13, 0.16) * proportions.height)
    size = max(proportions.height, proportions.width) ** 0.7
    return [*parts, opening("door", 0.06 * size, 0.17 * size, (0, -foot, base))]


def _sails(center, reach, broad, thick, start):
    """Four crossed blades and their hub, in front of a mill."""
    x, y, z = center
    parts = [Part(cylinder(0.06, 0.12), "blades", (x, y + 0.07, z), rotation("x", 90))]
    for angle in start + 90 * np.arange(4):
        turn = rotation("y", angle)
        at = np.array(center) + turn @ np.array((0, 0, reach / 2))
        parts.append(Part(Box((broad, thick, reach / 2)), "blades", tuple(at), turn))
    return parts


def windmill(rng, proportions):
    """A windmill: a round tapering tower with a cap, or a gabled box; four blades in front, a door."""
    tall, foot = 0.66 * proportions.height * rng.uniform(0.95, 1.08), rng.uniform(0.2, 0.24) * proportions.width
    neck, kind = foot * rng.uniform(0.62, 0.75), rng.choice(["pointed", "domed", "gabled"], p=(0.37, 0.37, 0.26))
    if kind == "gabled":
        neck = foot = 0.8 * foot
        parts = pitched(neck, neck, tall - 0.05, 0.16, 0.04, 0.07)
    else:
        parts = [Part(cylinder(foot, tall / 2, neck), "main", (0, 0, tall / 2))]
    if kind == "pointed":
        parts.append(Part(cylinder(neck + 0.04, 0.13, 0.03), "roof", (0, 0, tall + 0.12)))
    if kind == "domed":
        dome = neck + 0.015
        parts += [
            Part(cylinder(neck + 0.03, 0.04), "roof", (0, 0, tall + 0.01)),
            Part(Ellipsoid((dome, dome, 0.17)), "roof", (0, 0, tall + 0.03)),
        ]
    reach, thick = 0.4 * proportions.height**0.5, 0.04 * max(proportions.thick**0.5, proportions.height)
    broad = rng.uniform(0.05, 0.065) * proportions.thick**0.5
    parts += _sails((0, -neck - 0.13, tall - 0.04), reach, broad, thick, rng.uniform(15, 75))
    parts.append(opening("door", 0.07, 0.2, (0, -foot, 0)))
    return [*parts, opening("windows", 0.055, 0.12, (0, -(foot + (neck - foot) * 0.5), 0.45 * tall))]


TOWERS = (
    Category(
        "tower",
        tower,
        ("turret",),
        {
            "roof": (("roof",), ("red", "blue", "gray")),
            "door": (("door",), DOOR),
            "windows": (("windows",), ("black", "yellow", "cyan")),
        },
    ),
    Category(
        "lighthouse",
        lighthouse,
        (),
        {
            "stripes": (("stripes", "bands"), ("red", "white")),
            "top": (("top", "roof"), ("red", "black")),
            "lamp": (("lamp", "light"), ("yellow",)),
            "door": (("door",), DOOR),
        },
    ),
    Category(
        "windmill",
        windmill,
        ("mill",),
        {
            "blades": (("blades", "sails", "wings"), ("white", "brown")),
            "roof": (("roof", "cap"), ROOF),
            "door": (("door",), DOOR),
            "windows": (("windows",), ("cyan", "yellow")),
        },
    ),
)
