# SPDX-License-Identifier: GPL-3.0-or-later
"""Toy figures that face the front: snowman and robot, and the animals."""

import numpy as np

from .animals import ANIMALS
from .parts import Category, Part, rotation
from .placing import ball, both_sides, cone, rod
from .primitives import Box, Torus, cylinder
from .thickness import half_thickness


def _hat(rng, z, brim, tall):
    crown = 0.66 * brim
    if rng.random() < 0.25:
        top = z + 1.3 * tall
        return [cone("hat", (0, 0, top), (0, 0, z - 0.02), 0.85 * brim), ball("hat", (0, 0, top - 0.03), 0.06)]
    rim = Part(cylinder(brim, 0.037), "hat", (0, 0, z))
    return [rim, Part(cylinder(crown, tall / 2), "hat", (0, 0, z + tall / 2))]


def snowman(rng, proportions):
    """Two or three stacked snowballs with eyes, a carrot, a hat and perhaps buttons, a scarf and arms."""
    wide = 0.23 * proportions.width * rng.uniform(0.95, 1.1)
    sizes = [wide, 0.74 * wide, 0.56 * wide] if rng.random() < 0.65 else [wide, 0.68 * wide]
    tall, parts, z = proportions.height / proportions.width**0.3, [], 0.0
    for size in sizes:
        z += 0.88 * size * tall
        parts.append(ball("main", (0, 0, z), size, size, size * tall))
        z += 0.68 * size * tall
    head, face = parts[-1].at[2], sizes[-1]
    eye_z = head + 0.25 * face * tall
    parts += both_sides(lambda side: ball("eyes", (0.42 * side * face, -0.84 * face, eye_z), 0.04))
    parts.append(cone("nose", (0, -face - 0.14, head - 0.02), (0, -0.75 * face, head), 0.052, 0.025))
    for lift in (0.0, 0.5)[: rng.integers(0, 3)]:
        belly = parts[len(sizes) - 2]
        size = belly.solid.radii[0]
        at = (0, -size * np.cos(lift), belly.at[2] + size * tall * np.sin(lift))
        parts.append(ball("eyes", at, 0.042))
    if rng.random() < 0.8:
        parts += _hat(rng, head + 0.82 * face * tall, 1.05 * face, 0.18 * proportions.height * rng.uniform(0.8, 1.2))
    if rng.random() < 0.6:
        parts += _scarf(head - 0.8 * face * tall, 0.72 * face)
    return parts + _stick_arms(parts[len(sizes) - 2], tall, proportions) if rng.random() < 0.7 else parts


def _scarf(z, ring):
    end = (0.45 * ring, -1.35 * ring - 0.03, z - 0.17)
    return [Part(Torus(ring, 0.05), "scarf", (0, 0, z)), rod("scarf", (0.4 * ring, -ring, z), end, 0.045)]


def _stick_arms(body, tall, proportions):
    size, thick = body.solid.radii[0], half_thickness(proportions, 0.076)
    reach, z = size + 0.2 * proportions.width, body.at[2] + 0.2 * tall * size
    return both_sides(lambda side: rod("arms", (0.8 * side * size, 0, z), (side * reach, 0, z + 0.13), thick))


def _robot_head(rng, z, wide, tall):
    """Box, drum or dome head with eyes and antenna, its neck on `z`."""
    half, middle = tall / 2, z + tall / 2
    deep = 0.8 * wide
    kind = rng.choice(["box", "drum", "dome"])
    if kind == "box":
        head = Part(Box((wide, deep, half), 0.03), "main", (0, 0, middle))
    elif kind == "drum":
        head, deep = Part(cylinder(wide, half), "main", (0, 0, middle)), 0.9 * wide
    else:
        head, deep = ball("main", (0, 0, z + 0.35 * tall), wide, 0.95 * wide, 0.65 * tall), 0.86 * wide
    parts = [head]
    if rng.random() < 0.3:
        parts.append(Part(Box((0.72 * wide, 0.06, 0.05), 0.02), "eyes", (0, -deep, middle)))
    else:
        parts += both_sides(lambda side: ball("eyes", (0.42 * side * wide, -deep, middle), 0.055, 0.045, 0.055))
    if rng.random() < 0.5:
        tips = [(0.0, z + tall + 0.12)]
    else:
        tips = [(0.55 * wide * side, z + tall + 0.1) for side in (-1, 1)]
    for x, top in tips:
        parts += [rod("antenna", (0.7 * x, 0, middle), (x, 0, top), 0.043), ball("antenna", (x, 0, top), 0.06)]
    return parts


def _robot_feet(rng, half, hip, leg):
    if rng.random() < 0.25:
        turn, wheel = rotation("y", 90), cylinder(0.15, 0.05)
        parts = both_sides(lambda side: Part(wheel, "legs", (0.75 * side * half, 0, 0.15), turn))
        axle = Part(Box((0.75 * half, 0.05, 0.05)), "legs", (0, 0, 0.15))
        return [*parts, axle, rod("legs", (0, 0, 0.15), (0, 0, hip + 0.03), 1.4 * leg)]
    x, foot = 0.55 * half, Box((1.45 * leg, 0.11, 0.045), 0.02)
    parts = both_sides(lambda side: rod("legs", (side * x, 0, leg), (side * x, 0, hip + 0.03), leg))
    return parts + both_sides(lambda side: Part(foot, "legs", (side * x, -0.03, 0.045)))


def robot(rng, proportions):
    """A box or barrel body; box, drum or dome head; arms down, forward or up; legs or wheels."""
    half, tall = 0.2 * proportions.width * rng.uniform(0.95, 1.15), 0.34 * proportions.height * rng.uniform(0.9, 1.15)
    hip, limb = 0.27 * proportions.height * rng.uniform(0.85, 1.15), half_thickness(proportions, 0.09, 1.15)
    barrel = rng.random() < 0.3
    body = cylinder(half, tall / 2) if barrel else Box((half, 0.75 * half, tall / 2), 0.03)
    parts = [Part(body, "main", (0, 0, hip + tall / 2)), *_robot_feet(rng, half, max(hip, 0.2), limb)]
    shoulder = hip + 0.82 * tall
    reach = np.array([0.06, *((0, -0.26), (-0.22, -0.1), (0, 0.24))[rng.integers(0, 3)]]) * (1, 1, proportions.height)
    for side in (-1, 1):
        start = np.array([side * (half + 0.5 * limb), 0, shoulder])
        hand = start + reach * (side, 1, 1)
        parts += [rod("arms", start, hand, limb), ball("arms", hand, 1.4 * limb)]
    neck = hip + tall
    parts.append(Part(cylinder(0.4 * half, 0.04), "main", (0, 0, neck)))
    high = 0.24 * proportions.height * rng.uniform(0.9, 1.1)
    return parts + _robot_head(rng, neck + 0.02, half * rng.uniform(0.7, 0.9), high)


FIGURES = (
    Category(
        "snowman",
        snowman,
        accents={
            "hat": (("hat",), ("black", "red", "blue")),
            "nose": (("nose", "carrot nose"), ("orange",)),
            "scarf": (("scarf",), ("red", "blue", "green")),
            "arms": (("arms",), ("brown",)),
            "eyes": (("eyes", "buttons", "coal"), ("black",)),
        },
    ),
    Category(
        "robot",
        robot,
        accents={
            "eyes": (("eyes",), ("cyan", "yellow", "red")),
            "arms": (("arms",), None),
            "legs": (("legs",), None),
            "antenna": (("antenna", "antennas"), ("red", "yellow")),
        },
    ),
    *ANIMALS,
)
