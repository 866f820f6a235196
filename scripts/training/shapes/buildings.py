# SPDX-License-Identifier: GPL-3.0-or-later
"""Houses, castles and churches; also the list of all buildings. Doors face -y."""

import numpy as np

from .parts import Category, Part
from .primitives import Box, Extrusion, Lathe, cylinder
from .pyramid import Pyramid
from .towers import TOWERS
from .walls import DOOR, ROOF, SIDEWAYS, opening, pitched


def _front(half, depth, wall, floors, doors, panes):
    """Door and windows of a house; `doors` and `panes` are x of them, and y of their walls."""
    wide, height = 0.2 * half + 0.01, 0.3 * wall if floors == 2 else 0.4 * wall
    tall = min(0.26, 0.72 * wall)
    parts = [opening("door", 0.075, tall, (x, y, 0), arched=False) for x, y in doors]
    for z in (0.14, 0.52) if floors == 2 else (0.3,):
        parts += [opening("windows", max(wide, 0.055), height, (x, y, z * wall), arched=False) for x, y in panes]
        parts.append(Part(Box((half + 0.018, 0.08, height / 2)), "windows", (0, 0, z * wall + height / 2)))
    return parts


def house(rng, proportions):
    """A house with a pitched roof: gable or eaves to the front, or with a front wing; one or two stories."""
    half, depth = 0.31 * proportions.width * rng.uniform(0.92, 1.1), rng.uniform(0.25, 0.3)
    floors, kind = rng.choice([1, 2], p=(0.6, 0.4)), rng.choice(["gable", "eaves", "wing"], p=(0.4, 0.35, 0.25))
    wall = (0.35 if floors == 1 else 0.47) * proportions.height * rng.uniform(0.95, 1.1)
    rise = rng.uniform(0.23, 0.3) * proportions.height**0.5
    thick, stack = (
        0.07 * max(proportions.thick, proportions.height, proportions.width, 1) ** 0.7,
        0.06 * proportions.thick**0.5,
    )
    doors, panes = [(0, -depth)], [(-0.62 * half, -depth), (0.62 * half, -depth)]
    if kind == "gable":
        parts = pitched(half, depth, wall, rise, 0.05, thick)
    else:
        parts = pitched(depth, half, wall, rise, 0.05, thick, turn=SIDEWAYS)
    if kind == "wing":
        side, reach, narrow = rng.choice([-1, 1]), 0.12, max(0.42 * half, 0.12)
        x = side * (half - narrow)
        parts += pitched(narrow, (depth + reach) / 2, wall, 0.62 * rise, 0.04, thick, (x, -(depth + reach) / 2, 0))
        doors, panes = [(x, -depth - reach)], [(-side * 0.5 * half, -depth)]
    parts += _front(half, depth, wall, floors, doors, panes)
    if rng.random() < 0.85:
        x, y = rng.choice([-0.5, 0.5]) * half, 0.3 * depth
        parts.append(Part(Box((stack, stack, 0.19)), "chimney", (x, y, wall + rise - 0.02)))
    return parts


def _crenellated(half, height, count, tooth):
    """The outline of a wall with `count` teeth on top."""
    edges = np.linspace(half, -half, 2 * count)
    teeth = [
        corner
        for i, x in enumerate(edges)
        for corner in ([(x, height), (x, height + tooth)] if i % 2 == 0 else [(x, height + tooth), (x, height)])
    ]
    return ((-half, 0.0), (half, 0.0), *teeth[1:-1])


def _corner_tower(radius, tall, x, y, roof):
    """A round tower with a pointed roof, or without one (`roof` 0) a wider head with four teeth."""
    shaft = cylinder(radius, tall / 2)
    if roof:
        return [
            Part(shaft, "main", (x, y, tall / 2)),
            Part(cylinder(1.22 * radius, roof / 2, 0.012), "roofs", (x, y, tall + roof / 2 - 0.01)),
        ]
    head, tooth = 1.15 * radius, 0.36 * radius
    notch = (
        (-head, 0),
        (head, 0),
        (head, 0.1),
        (head - 2 * tooth, 0.1),
        (head - 2 * tooth, 0.03),
        (2 * tooth - head, 0.03),
        (2 * tooth - head, 0.1),
        (-head, 0.1),
    )
    flared = Lathe(((0, 0), (radius, 0), (radius, tall - 0.14), (head, tall - 0.09), (head, tall), (0, tall)))
    return [
        Part(flared, "main", (x, y, 0)),
        Part(Extrusion(notch, tooth), "main", (x, y, tall - 0.03)),
        Part(Extrusion(notch, tooth), "main", (x, y, tall - 0.03), SIDEWAYS),
    ]


def _keep(half, tall, roof, size):
    """The square building in the middle, with a pyramid for a roof and a flag on it."""
    top, thin = tall + roof, 0.036 * size
    return [
        Part(Box((half, half, tall / 2)), "main", (0, 0.05, tall / 2)),
        Part(Pyramid(1.2 * half, roof), "roofs", (0, 0.05, tall - 0.012)),
        Part(cylinder(thin, 0.12 * size), "flags", (0, 0.05, top + 0.04)),
        Part(Box((0.09 * size, thin, 0.055 * size)), "flags", (0.085 * size, 0.05, top + 0.04 + 0.065 * size)),
    ]


def castle(rng, proportions):
    """A castle: crenellated walls, a gate, a keep, four round towers with pointed roofs or battlements."""
    half, deep = 0.35 * proportions.width * rng.uniform(0.95, 1.05), rng.uniform(0.3, 0.34)
    tall, radius = 0.5 * proportions.height * rng.uniform(0.92, 1.08), rng.uniform(0.1, 0.125) * proportions.thick**0.4
    wall, thin, size = (
        0.62 * tall,
        0.042 * max(proportions.thick, proportions.height, 1),
        max(proportions.height, proportions.width, 1),
    )
    parts = [Part(Box((half, deep, 0.3 * wall)), "main", (0, 0, 0.3 * wall))]
    for sign in (-1, 1):
        parts.append(Part(Extrusion(_crenellated(half, wall, 4, 0.09), thin), "main", (0, sign * deep, 0)))
        parts.append(Part(Extrusion(_crenellated(deep, wall, 4, 0.09), thin), "main", (sign * half, 0, 0), SIDEWAYS))
    roof = rng.uniform(0.22, 0.3) * proportions.height**0.5
    pointed = roof if rng.random() < 0.65 else 0.0
    for x in (-half, half):
        for y in (-deep, deep):
            parts += _corner_tower(radius, tall, x, y, pointed)
    parts += _keep(rng.uniform(0.14, 0.17), rng.uniform(1.2, 1.35) * tall, 0.85 * roof, size)
    gate = min(0.26 * size, wall - 0.03)
    parts.append(opening("door", 0.095 * size**0.5, gate, (0, -deep - thin, 0)))
    return parts


def _spire(x, y, tall, wide, rise, thin):
    """A bell tower's pointed roof with a cross."""
    top = tall + rise
    return [
        Part(Pyramid(wide + 0.03, rise), "roof", (x, y, tall - 0.012)),
        Part(Box((thin, thin, 0.13)), "cross", (x, y, top + 0.04)),
        Part(Box((0.095 * thin / 0.036, thin, thin)), "cross", (x, y, top + 0.08)),
    ]


def church(rng, proportions):
    """A church: a long nave with a pitched roof, a bell tower with a spire in front or at the side, a cross on top."""
    half, long = 0.19 * proportions.width * rng.uniform(0.92, 1.1), rng.uniform(0.3, 0.36)
    wall, rise = 0.31 * proportions.height * rng.uniform(0.95, 1.1), rng.uniform(0.16, 0.21)
    size = max(proportions.height, proportions.width, 1)
    parts = pitched(half, long, wall, rise, 0.035, 0.07 * size, (0, 0.1, 0))
    arch = opening("windows", 0.052, 0.55 * wall, (0, 0, 0)).solid.outline
    for y in (-0.08, 0.12, 0.32):
        parts.append(Part(Extrusion(arch, half + 0.016), "windows", (0, y, 0.2 * wall), SIDEWAYS))
    wide, tall = 0.12 * proportions.width**0.5, 0.58 * proportions.height * rng.uniform(0.95, 1.08)
    beside = rng.random() < 0.35
    x, y = (half + 0.6 * wide, 0.2 - long) if beside else (0.0, 0.06 - long)
    parts.append(Part(Box((wide, wide, tall / 2)), "main", (x, y, tall / 2)))
    parts += _spire(x, y, tall, wide, 0.26 * proportions.height * rng.uniform(0.9, 1.25), 0.036 * size)
    parts.append(opening("windows", 0.055, 0.15, (x, y - wide, 0.66 * tall)))
    parts.append(opening("door", 0.07, 0.2, (0, 0.1 - long if beside else y - wide, 0)))
    return parts


BUILDINGS = (
    Category(
        "house",
        house,
        ("home", "cottage"),
        {
            "roof": (("roof",), ROOF),
            "door": (("door",), DOOR),
            "windows": (("windows",), ("cyan", "yellow", "white")),
            "chimney": (("chimney",), ("red", "brown", "gray")),
        },
    ),
    Category(
        "castle",
        castle,
        ("fortress",),
        {
            "roofs": (("roofs", "roof"), ("red", "blue", "purple")),
            "door": (("door", "gate"), DOOR),
            "flags": (("flag", "flags"), ("red", "yellow")),
        },
    ),
    Category(
        "church",
        church,
        ("chapel",),
        {
            "roof": (("roof",), ROOF),
            "door": (("door",), DOOR),
            "windows": (("windows",), ("cyan", "blue", "yellow")),
            "cross": (("cross",), ("yellow", "gray")),
        },
    ),
    *TOWERS,
)
