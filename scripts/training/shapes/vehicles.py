# SPDX-License-Identifier: GPL-3.0-or-later
"""Cars and buses; also the list of all vehicles. The nose is towards -x."""

import numpy as np

from .boats import BOATS
from .parts import Category, Part
from .planes_and_rockets import CRAFT
from .primitives import Box, Extrusion
from .trains import TRAINS
from .trucks import TRUCKS
from .wheels import GLASS, TYRES, across, lights, line, moved, wheels


def _dome_edges(length, low, high):
    """Front and back edge x(z) of a beetle's round cabin."""
    reach, middle = 0.36 * length, 0.06 * length

    def bulge(z):
        return reach * np.sqrt(max(1.0 - ((z - low) / (high - low)) ** 2, 0.06))

    return (lambda z: middle - bulge(z)), (lambda z: middle + bulge(z))


def _straight_edges(rng, length, low, high, hatchback):
    """Front and back edge x(z) of a cabin with straight pillars."""
    nose, tail = rng.uniform(-0.24, -0.18), (0.47, 0.4) if hatchback else (0.34, 0.2)
    lean = rng.uniform(0.12, 0.17)
    return (line(low, nose * length, high, (nose + lean) * length), line(low, tail[0] * length, high, tail[1] * length))


def _car_cabin(front, back, belt, top, half, middle, steps):
    """A cabin with a roof, a windshield, a rear window and two side windows."""
    roof, pillar = top - 0.065, 0.03
    low, high = belt + 0.02, roof - 0.015
    return [
        across(front, back, belt - 0.05, top - 0.01, half, "main", 0.0, steps),
        across(front, back, roof, top + 0.015, half + 0.015, "roof", 0.012, steps),
        across(moved(front, 0.06), lambda z: middle - pillar, low, high, half + 0.018, "windows"),
        across(lambda z: middle + pillar, moved(back, -0.06), low, high, half + 0.018, "windows"),
        across(front, moved(front, 0.08), low, high, half - 0.05, "windows", 0.02, steps),
        across(moved(back, -0.08), back, low, high, half - 0.05, "windows", 0.02, steps),
    ]


def car(rng, proportions):
    """A toy car: sedan, hatchback or round beetle."""
    length, half = proportions.width * rng.uniform(0.95, 1.08), rng.uniform(0.21, 0.25)
    kind = rng.choice(["saloon", "hatchback", "beetle"])
    belt = 0.09 + 0.19 * proportions.height * rng.uniform(0.9, 1.1)
    top = belt + 0.23 * proportions.height * rng.uniform(0.92, 1.12)
    radius = 0.125 * proportions.thick**0.5 * rng.uniform(0.93, 1.12) * length**0.5
    hood, tail, end = rng.uniform(0.02, 0.06), rng.uniform(0.0, 0.04), length / 2
    body = (
        (0.02 - end, 0.1),
        (end - 0.02, 0.1),
        (end - 0.03, belt - tail),
        (0.2, belt),
        (-0.2, belt),
        (0.04 - end, belt - hood),
    )
    beetle = kind == "beetle"
    front, back = (
        _dome_edges(length, belt, top) if beetle else _straight_edges(rng, length, belt, top, kind == "hatchback")
    )
    middle = rng.uniform(0.02, 0.08) * length
    parts = [
        Part(Extrusion(body, half - 0.02, 0.025), "main"),
        *_car_cabin(front, back, belt, top, half - 0.015, middle, 7 if beetle else 2),
    ]
    parts += wheels((-0.3 * length, 0.3 * length), radius, half - 0.01, 0.1 * proportions.thick)
    return parts + lights(0.01 - end, 0.6 * half, 0.1 + 0.5 * (belt - hood - 0.1))


def _bus_windows(rng, start, end, half, low, tall, decks):
    """A windshield and a row of side windows for each deck."""
    rows, window = ((0.64,), 0.19 * tall) if decks == 1 else ((0.38, 0.76), 0.13 * tall)
    count = max(3, round((end - start) / rng.uniform(0.2, 0.26)))
    pitch, parts = (end - start - 0.1) / count, []
    for z in (low + share * tall for share in rows):
        parts.append(Part(Box((0.05, half - 0.045, window)), "windows", (start + 0.032, 0, z)))
        for i in range(count):
            x = start + 0.07 + pitch * (i + 0.5)
            parts.append(Part(Box((0.36 * pitch, half + 0.016, window)), "windows", (x, 0, z)))
    return parts


def bus(rng, proportions):
    """A bus: one deck, two decks, or a school bus with a hood."""
    kind = rng.choice(["single", "double", "school"], p=(0.45, 0.3, 0.25))
    length, half = proportions.width * rng.uniform(1.0, 1.1), rng.uniform(0.15, 0.18)
    tall = (0.5 if kind == "double" else 0.34) * proportions.height * rng.uniform(0.93, 1.1)
    radius = 0.09 * proportions.thick**0.5 * rng.uniform(0.95, 1.15) * length**0.5
    nose, end = -length / 2, length / 2
    start = nose + (rng.uniform(0.15, 0.2) if kind == "school" else 0.0)
    low, middle, reach = 0.7 * radius, (start + end) / 2, (end - start) / 2
    parts = [
        Part(Box((reach, half, tall / 2), 0.025), "main", (middle, 0, low + tall / 2)),
        Part(Box((reach - 0.015, half - 0.015, 0.04), 0.02), "roof", (middle, 0, low + tall)),
    ]
    if kind == "school":
        bonnet = (start + 0.05 - nose) / 2
        parts.append(Part(Box((bonnet, half - 0.02, 0.27 * tall), 0.03), "main", (nose + bonnet, 0, low + 0.27 * tall)))
    parts += _bus_windows(rng, start, end, half, low, tall, 2 if kind == "double" else 1)
    parts += wheels(
        (-0.28 * length, 0.29 * length), radius, half - 0.01, 0.09 * max(proportions.thick, proportions.width, 0.9)
    )
    return parts + lights(nose, 0.6 * half, low + 0.085, 0.045 * max(proportions.width, 1))


VEHICLES = (
    Category(
        "car",
        car,
        ("automobile", "auto"),
        {
            "wheels": TYRES,
            "windows": (("windows",), GLASS),
            "roof": (("roof",), None),
            "lights": (("lights", "headlights"), ("yellow",)),
        },
    ),
    Category(
        "bus",
        bus,
        ("coach",),
        {
            "wheels": TYRES,
            "windows": (("windows",), GLASS),
            "roof": (("roof",), None),
            "lights": (("lights", "headlights"), ("yellow",)),
        },
    ),
    *TRUCKS,
    *TRAINS,
    *BOATS,
    *CRAFT,
)
