# SPDX-License-Identifier: GPL-3.0-or-later
"""Toy animals that face the front: dog, cat, penguin."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import ball, both_sides, cone, lathe_curve, rod
from .primitives import Extrusion, Torus
from .thickness import half_thickness


def _face(at, size, eye):
    """Two eyes on the front of a head of radius `size` at `at`."""
    x, y, z = at
    return both_sides(lambda side: ball("eyes", (x + 0.42 * side * size, y - 0.84 * size, z + 0.3 * size), eye))


def dog(rng, proportions):
    """A body on four legs, a head with snout and hanging or pricked ears, a raised tail; slim, stocky or long."""
    girth = 0.15 * proportions.width**0.5 * rng.uniform(0.9, 1.15)
    long = 0.24 * proportions.width * rng.choice([0.85, 1.0, 1.3]) * rng.uniform(0.95, 1.05)
    leg, hip = (
        half_thickness(proportions, 0.084, 1.3) * rng.uniform(0.95, 1.15),
        0.27 * proportions.height * rng.uniform(0.8, 1.15),
    )
    z = hip + 0.75 * girth
    parts = [rod("main", (0, -long, z), (0, long, z), girth)]
    for x in (-0.6 * girth, 0.6 * girth):
        parts += [rod("main", (x, y, leg), (x, y, z), leg) for y in (-long, long)]
    size = 0.17 * rng.uniform(0.92, 1.1)
    head = (0, -long - 0.12, z + girth + 0.13 * proportions.height)
    parts += [rod("main", (0, -long, z), head, 0.75 * girth), ball("main", head, size, 0.95 * size, 0.95 * size)]
    muzzle = (0, head[1] - 1.3 * size, head[2] - 0.35 * size)
    parts += [rod("main", head, muzzle, 0.45 * size), ball("eyes", np.add(muzzle, (0, -0.42 * size, 0.2 * size)), 0.05)]
    parts += _face(head, size, 0.047) + _dog_ears(rng, head, size)
    tail = (0, long + girth + 0.12, z + rng.uniform(0.15, 0.3))
    parts.append(rod("tail", (0, long + 0.6 * girth, z + 0.4 * girth), tail, half_thickness(proportions, 0.076, 1.3)))
    if rng.random() < 0.5:
        collar = np.subtract(head, (0, -0.35 * size, 0.75 * size))
        parts.append(Part(Torus(0.72 * girth, 0.045), "collar", tuple(collar), rotation("x", 25)))
    return parts


def _dog_ears(rng, head, size):
    if rng.random() < 0.3:
        tip, base = np.array([0.75, 0, 1.5]) * size, np.array([0.5, 0, 0.5]) * size
        return both_sides(lambda s: cone("ears", head + tip * (s, 1, 1), head + base * (s, 1, 1), 0.4 * size, 0.04))
    at = np.array([1.1, 0.05, -0.15]) * size
    return both_sides(
        lambda s: ball("ears", head + at * (s, 1, 1), 0.055, 0.48 * size, 0.85 * size, rotation("y", -14 * s))
    )


def _cat_ears(head, size):
    x, y, z = head
    outline = ((-0.42 * size, 0.0), (0.42 * size, 0.0), (0.08 * size, 0.85 * size), (-0.08 * size, 0.85 * size))
    ear = Extrusion(outline, 0.045)
    return both_sides(lambda s: Part(ear, "ears", (x + 0.5 * s * size, y, z + 0.55 * size), rotation("y", 14 * s)))


def _cat_tail(rng, wide, deep, proportions):
    thick = half_thickness(proportions, 0.096)
    if rng.random() < 0.5:
        path = [(0, deep, 0.08), (0.25, deep + 0.13, 0.12), (0.3, deep + 0.15, 0.35), (0.2, deep + 0.13, 0.5)]
    else:
        far = wide + 0.1
        path = [(0, deep, thick), (far, 0.6 * deep, thick), (far, -0.5 * deep, thick), (0.6 * wide, -1.2 * deep, thick)]
    return [rod("tail", start, end, thick) for start, end in zip(path[:-1], path[1:], strict=True)]


def cat(rng, proportions):
    """A cat that sits upright, slim or plump, with pointed ears; its tail is up behind or curled around."""
    wide, tall = 0.2 * proportions.width * rng.uniform(0.92, 1.12), 0.52 * proportions.height * rng.uniform(0.92, 1.1)
    pear = ((0, 0), (0.8, 0), (1, 0.22), (0.86, 0.5), (0.6, 0.85), (0.4, 1), (0, 1))
    parts = [lathe_curve("main", [(wide * r, tall * z) for r, z in pear])]
    parts += both_sides(lambda s: ball("main", (0.72 * s * wide, -0.1 * wide, 0.13), 0.55 * wide, 0.85 * wide, 0.13))
    x, leg = 0.38 * wide, half_thickness(proportions, 0.1)
    parts += both_sides(lambda s: rod("main", (s * x, -1.1 * wide, leg), (s * x, -0.45 * wide, 0.7 * tall), leg))
    size = 0.2 * rng.uniform(0.92, 1.1)
    head = (0, -0.25 * wide, tall + 0.6 * size)
    parts.append(ball("main", head, 1.1 * size, 0.92 * size, 0.9 * size))
    parts += _cat_ears(head, size) + _face(head, 0.95 * size, 0.045)
    parts.append(ball("main", (0, head[1] - 0.85 * size, head[2] - 0.2 * size), 0.42 * size, 0.28 * size, 0.26 * size))
    parts += _cat_tail(rng, wide, 0.75 * wide, proportions)
    if rng.random() < 0.4:
        parts.append(Part(Torus(0.55 * wide, 0.045), "collar", (0, -0.1 * wide, tall - 0.06)))
    return parts


def penguin(rng, proportions):
    """An upright egg with a light belly and face, flippers down or spread, a beak and big feet."""
    wide, tall = 0.27 * proportions.width * rng.uniform(0.92, 1.1), 0.86 * proportions.height * rng.uniform(0.92, 1.08)
    low = 0.05
    egg = (
        (0, 0),
        (0.55, 0.01),
        (0.9, 0.14),
        (1.0, 0.34),
        (0.92, 0.55),
        (0.78, 0.72),
        (0.74, 0.82),
        (0.58, 0.94),
        (0.3, 0.99),
        (0, 1.0),
    )
    parts = [lathe_curve("main", [(wide * r, low + tall * z) for r, z in egg])]
    parts.append(ball("belly", (0, -0.2 * wide, low + 0.37 * tall), 0.82 * wide, 0.9 * wide, 0.34 * tall))
    face = low + 0.79 * tall
    eye = np.array([0.36 * wide, -0.42 * wide, face + 0.02])
    parts += both_sides(lambda s: ball("belly", eye * (s, 1, 1), 0.34 * wide, 0.4 * wide, 0.11 * tall))
    parts += both_sides(lambda s: ball("eyes", eye * (s, 1, 1) - (0, 0.38 * wide, 0), 0.048))
    parts.append(cone("beak", (0, -0.7 * wide - 0.16, face - 0.04), (0, -0.5 * wide, face - 0.03), 0.065, 0.025))
    spread = rng.uniform(10, 45)
    flipper = 0.24 * tall
    for side in (-1, 1):
        turn = rotation("y", -side * spread)
        at = np.add((0.86 * side * wide, 0, low + 0.62 * tall), turn @ (0, 0, -0.8 * flipper))
        parts.append(ball("main", tuple(at), 0.042 * max(proportions.thick, 1.0), 0.09, flipper, turn))
    return parts + both_sides(lambda side: ball("feet", (0.45 * side * wide, -0.55 * wide, 0.04), 0.11, 0.16, 0.045))


_EYES = (("eyes",), ("black",))

ANIMALS = (
    Category(
        "dog",
        dog,
        ("puppy",),
        {"ears": (("ears",), None), "tail": (("tail",), None), "collar": (("collar",), ("red", "blue")), "eyes": _EYES},
    ),
    Category(
        "cat",
        cat,
        ("kitten", "kitty"),
        {
            "ears": (("ears",), None),
            "tail": (("tail",), None),
            "collar": (("collar",), ("red", "blue")),
            "eyes": (("eyes",), ("green", "yellow", "black")),
        },
    ),
    Category(
        "penguin",
        penguin,
        accents={
            "belly": (("belly", "tummy", "chest"), ("white",)),
            "beak": (("beak",), ("orange", "yellow")),
            "feet": (("feet",), ("orange", "yellow")),
            "eyes": _EYES,
        },
    ),
)
