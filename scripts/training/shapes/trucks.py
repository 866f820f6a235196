# SPDX-License-Identifier: GPL-3.0-or-later
"""Trucks along x, with the nose towards -x."""

from .parts import Category, Part, rotation
from .primitives import Box, Capsule, Extrusion
from .wheels import GLASS, TYRES, across, line, moved, wheels


def _open_bed(start, end, half, low, height, wall):
    """A dump truck bed: floor, two sides and two ends, with an open top."""
    middle, length = (start + end) / 2, end - start
    trough = (
        (-half, 0),
        (half, 0),
        (half, height),
        (half - wall, height),
        (half - wall, wall),
        (wall - half, wall),
        (wall - half, height),
        (-half, height),
    )
    parts = [Part(Extrusion(trough, length / 2), "cargo", (middle, 0, low), rotation("z", 90))]
    for x, tall in ((start + wall / 2, height * 1.15), (end - wall / 2, height * 0.9)):
        parts.append(Part(Box((wall / 2, half - 0.01, tall / 2)), "cargo", (x, 0, low + tall / 2)))
    return parts


def _cargo(rng, proportions, start, end, half, low):
    """A closed box, an open bed or a round tank."""
    kind, middle, reach = rng.choice(["box", "bed", "tank"], p=(0.4, 0.3, 0.3)), (start + end) / 2, (end - start) / 2
    if kind == "box":
        height = 0.4 * proportions.height * rng.uniform(0.9, 1.15)
        return [Part(Box((reach, half, height / 2), 0.015), "cargo", (middle, 0, low + height / 2))]
    if kind == "bed":
        height, wall = 0.22 * proportions.height * rng.uniform(0.9, 1.15), 0.08 * max(proportions.thick, 1) ** 0.5
        return _open_bed(start, end, half, low, height, wall * max(proportions.width, 1))
    radius = min(0.19 * proportions.height**0.5 * rng.uniform(0.95, 1.05), 0.8 * reach)
    tank = Capsule((start + radius, 0, 0), (end - radius, 0, 0), radius)
    saddle = Box((reach - 0.06, 0.6 * radius, 0.06))
    return [Part(tank, "cargo", (0, 0, low + radius)), Part(saddle, "cargo", (middle, 0, low + 0.04))]


def _truck_cabin(rng, proportions, front, size, half, low):
    """A driver's cabin with a flat or a long nose; `low` is the bottom of its body."""
    tall, nose = 0.36 * proportions.height * rng.uniform(0.92, 1.1), rng.choice([0.03, 0.11])
    sill, high, top = low + 0.07 + 0.5 * tall, low + 0.07 + 0.87 * tall, low + 0.07 + tall
    screen = line(sill, front + nose, top, front + nose + 0.05)
    outline = (
        (front, low),
        (front + size, low),
        (front + size, top),
        (screen(top), top),
        (screen(sill), sill),
        (front, sill - 0.02),
    )
    rear = front + size - 0.05
    return [
        Part(Extrusion(outline, half), "cabin"),
        across(screen, moved(screen, 0.07), sill, high, half - 0.04, "windows", 0.018),
        across(moved(screen, 0.05), lambda z: rear, sill, high, half + 0.016, "windows"),
    ]


def truck(rng, proportions):
    """A truck: a cabin in front, and a closed box, an open bed or a tank behind."""
    length, half = proportions.width * rng.uniform(1.0, 1.1), rng.uniform(0.18, 0.21)
    radius = 0.1 * proportions.thick**0.5 * rng.uniform(0.95, 1.15) * length**0.5
    deck, front, size = radius + 0.09, -length / 2, rng.uniform(0.27, 0.32)
    parts = [
        Part(Box((length / 2 - 0.01, 0.75 * half, 0.06)), "main", (0.0, 0, deck - 0.05)),
        *_truck_cabin(rng, proportions, front, size, half, radius),
    ]
    parts += _cargo(rng, proportions, front + size + 0.03, length / 2, half + rng.uniform(0.0, 0.03), deck - 0.01)
    rear = (0.3,) if rng.random() < 0.45 else (0.13, 0.36)
    return parts + wheels((front + size / 2, *(x * length for x in rear)), radius, half - 0.01, 0.1 * proportions.thick)


TRUCKS = (
    Category(
        "truck",
        truck,
        ("lorry",),
        {
            "wheels": TYRES,
            "cargo": (("cargo", "bed", "container"), None),
            "cabin": (("cabin", "cab"), None),
            "windows": (("windows",), GLASS),
        },
    ),
)
