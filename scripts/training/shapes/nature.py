# SPDX-License-Identifier: GPL-3.0-or-later
"""Plants: trees, cactus, mushroom, flower, apple."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import around, ball, both_sides, lathe_curve, rod
from .primitives import Lathe
from .thickness import half_thickness


def _trunk(radius, height):
    profile = ((0, 0), (1.5 * radius, 0), (1.1 * radius, 0.09), (0.95 * radius, height), (0, height))
    return Part(Lathe(profile), "trunk")


def tree(rng, proportions):
    """A trunk under a crown: a ball or egg, a bunch of leafy balls, or a cloud of three."""
    bare = 0.34 * proportions.height * rng.uniform(0.85, 1.2)
    wide, tall = 0.33 * proportions.width * rng.uniform(0.85, 1.15), 0.33 * proportions.height * rng.uniform(0.85, 1.15)
    middle = bare + 0.92 * tall
    longest = max(2 * wide, middle + tall)
    parts = [_trunk(half_thickness(proportions, 0.13, longest) * rng.uniform(1.0, 1.25), middle)]
    return parts + rng.choice([_ball_crown, _bunch_crown, _bunch_crown, _cloud_crown])(rng, middle, wide, tall)


def _ball_crown(_rng, middle, wide, tall):
    return [ball("main", (0, 0, middle), wide, wide, tall)]


def _cloud_crown(_rng, middle, wide, tall):
    def low(side):
        return ball("main", (0.45 * side * wide, 0, middle - 0.3 * tall), 0.62 * wide, 0.62 * wide, 0.6 * tall)

    return [*both_sides(low), ball("main", (0, 0, middle + 0.3 * tall), 0.7 * wide, 0.7 * wide, 0.7 * tall)]


def _bunch_crown(rng, middle, wide, tall):
    parts = [ball("main", (0, 0, middle), 0.75 * wide, 0.75 * wide, 0.8 * tall)]
    for _, place in around(rng.integers(5, 7), 0.52 * wide, middle - 0.28 * tall, rng.uniform(0, 90)):
        size = rng.uniform(0.46, 0.54)
        parts.append(ball("main", place, size * wide, size * wide, size * tall))
    for _, place in around(3, 0.36 * wide, middle + 0.4 * tall, rng.uniform(0, 90)):
        parts.append(ball("main", place, 0.5 * wide, 0.5 * wide, 0.5 * tall))
    return parts


def pine(rng, proportions):
    """A conifer: a trunk under two to four skirts of needles, or under one tall cone."""
    bare = 0.17 * proportions.height * rng.uniform(0.8, 1.3)
    wide, tall = 0.31 * proportions.width * rng.uniform(0.85, 1.15), 0.85 * proportions.height * rng.uniform(0.92, 1.05)
    parts = [_trunk(half_thickness(proportions, 0.13, bare + tall) * rng.uniform(1.0, 1.25), bare + 0.2 * tall)]
    tiers = rng.choice([1, 3, 3, 4, 4])
    top_radius = rng.uniform(0.5, 0.62) * wide if tiers > 1 else wide
    step = tall / (tiers + 0.6)
    for tier, radius in enumerate(np.linspace(wide, top_radius, tiers)):
        height = tall if tiers == 1 else 1.6 * step if tier == tiers - 1 else 1.75 * step
        skirt = ((0, 0), (0.9 * radius, -0.01), (radius, 0.035), (0.42 * radius, 0.55 * height), (0, height))
        parts.append(Part(Lathe(skirt), "main", (0, 0, bare + tier * step)))
    return parts


def _pot(radius, height):
    wall, rim = 0.8 * radius, 0.65 * height
    return Part(Lathe(((0, 0), (0.7 * radius, 0), (wall, rim), (radius, rim), (radius, height), (0, height))), "pot")


def _cactus_arm(side, body, arm, low, reach, rise):
    elbow, tip = (side * reach, 0, low), (side * reach, 0, low + rise)
    return [rod("main", (0.5 * side * body, 0, low), elbow, arm), rod("main", elbow, tip, arm)]


def cactus(rng, proportions):
    """A pillar with bent arms, or a ribbed round cactus; in a pot or not, with a flower or not."""
    base, tall, body = (
        0.0,
        0.85 * proportions.height * rng.uniform(0.9, 1.05),
        0.12 * proportions.thick * rng.uniform(0.95, 1.2),
    )
    potted, ribbed = rng.random() < 0.5, rng.random() < 0.3
    parts = []
    if potted or ribbed:
        base, tall = 0.24, 0.8 * tall
        parts.append(_pot(0.22 * rng.uniform(0.95, 1.15) * max(proportions.width, 0.9), base))
    if ribbed:
        wide, half = 0.25 * proportions.width * rng.uniform(0.9, 1.1), 0.27 * proportions.height * rng.uniform(0.9, 1.1)
        top = base - 0.05 + 2 * half
        for angle, place in around(8, 0.45 * wide, top - half):
            parts.append(ball("main", place, 0.6 * wide, 0.3 * wide, half, rotation("z", angle)))
        top -= 0.06
    else:
        top = base + tall
        parts.append(rod("main", (0, 0, base + (0 if parts else body)), (0, 0, top - body), body))
        for side in (-1, 1)[: 2 if rng.random() < 0.75 else 1]:
            reach, low = body + 0.15 * proportions.width * rng.uniform(0.9, 1.2), base + tall * rng.uniform(0.32, 0.5)
            arm = max(0.075 * proportions.thick, 0.05) * rng.uniform(0.95, 1.1)
            parts += _cactus_arm(side, body, arm, low, reach, tall * rng.uniform(0.2, 0.35))
    if rng.random() < 0.5:
        parts += [ball("flower", place, 0.055) for _, place in around(5, 0.06, top)]
        parts.append(ball("flower", (0, 0, top + 0.03), 0.05))
    return parts


def mushroom(rng, proportions):
    """A stem under a dome, a bell or a flat cap, plain or dotted."""
    stem, foot = 0.11 * proportions.thick * rng.uniform(0.9, 1.15), rng.uniform(1.2, 1.6)
    bare = 0.42 * proportions.height * rng.uniform(0.85, 1.2)
    wide = 0.43 * proportions.width * rng.uniform(0.9, 1.1)
    dome = proportions.height * rng.choice([0.3, 0.4, 0.5]) * rng.uniform(0.9, 1.1)
    top = bare + 0.1
    stalk = ((0, 0), (0.8 * foot * stem, 0), (foot * stem, 0.07), (stem, 0.5 * bare), (0.95 * stem, top), (0, top))
    parts = [lathe_curve("stem", stalk)]
    cap = (
        (0, 0.02),
        (0.6 * wide, -0.02),
        (0.95 * wide, 0.0),
        (wide, 0.07),
        (0.88 * wide, 0.5 * dome),
        (0.55 * wide, 0.87 * dome),
        (0.2 * wide, 0.99 * dome),
        (0, dome),
    )
    parts.append(lathe_curve("main", cap, (0, 0, bare)))
    if rng.random() < 0.7:
        size = rng.uniform(0.055, 0.075)
        parts += [ball("dots", place, size, size, 0.7 * size) for _, place in around(1, 0.0, bare + dome - 0.015)]
        parts += [ball("dots", place, size) for _, place in around(5, 0.66 * wide, bare + 0.75 * dome, -90)]
        parts += [ball("dots", place, 0.9 * size) for _, place in around(6, 0.9 * wide, bare + 0.36 * dome, -60)]
    return parts


def _leaf(role, start, angle, length, lift=35.0):
    turn = rotation("z", angle) @ rotation("y", -lift)
    return ball(role, np.add(start, turn @ (0.42 * length, 0, 0)), length / 2, 0.3 * length, 0.04, turn)


def _daisy(rng, radius, at):
    tilt, count = rotation("x", rng.uniform(-25, 0)), rng.integers(5, 9)
    core = radius * rng.uniform(0.32, 0.42)
    parts = [ball("center", np.add(at, tilt @ (0, -0.035, 0)), core, 0.075, core, tilt)]
    petal = 0.5 * (radius - 0.5 * core)
    for angle in np.arange(count) * 360.0 / count + 90:
        turn = tilt @ rotation("y", angle)
        wide = min(1.25 * np.pi * (radius - petal) / count, 0.9 * petal)
        parts.append(ball("main", np.add(at, turn @ (radius - petal, 0, 0)), petal, 0.055, wide, turn))
    return parts


def _tulip(rng, radius, at):
    height = 2.0 * radius * rng.uniform(0.9, 1.15)
    parts = [ball("main", (at[0], at[1], at[2] + 0.42 * height), 0.72 * radius, 0.72 * radius, 0.45 * height)]
    for angle, (x, y, z) in around(rng.integers(3, 6), 0.36 * radius, at[2] + 0.5 * height, -90):
        turn = rotation("z", angle) @ rotation("y", 10)
        parts.append(ball("main", (x, y, z), 0.3 * radius, 0.5 * radius, 0.52 * height, turn))
    return parts


def flower(rng, proportions):
    """A daisy that faces the front or a tulip, on a stem with leaves, in a pot or not."""
    base = 0.2 if rng.random() < 0.5 else 0.0
    radius = 0.32 * proportions.width**0.8 * rng.uniform(0.92, 1.08)
    daisy = rng.random() < 0.65
    top = (
        base + (0.46 if daisy else 0.33) * proportions.height * rng.uniform(0.85, 1.1) + (0.3 * radius if daisy else 0)
    )
    stem = half_thickness(proportions, 0.084, top + radius)
    parts = [rod("stem", (0, 0, base * 0.5 + stem), (0, 0, top + 0.02), stem)]
    if base:
        parts.append(_pot(0.16 * rng.uniform(0.95, 1.15), base))
    for angle in (0, 180):
        parts.append(_leaf("stem", (0, 0, base + rng.uniform(0.05, 0.12)), angle, 0.25 * rng.uniform(0.9, 1.1)))
    return parts + (_daisy if daisy else _tulip)(rng, radius, (0, -0.05 if daisy else 0, top))


def apple(rng, proportions):
    """A dimpled round body with a stem and no, one or two leaves."""
    wide, tall = (
        0.45 * proportions.width**0.8 * rng.uniform(0.95, 1.05),
        0.8 * proportions.height**0.7 * rng.uniform(0.9, 1.08),
    )
    low = rng.uniform(0.55, 0.75)
    body = (
        (0, 0.07),
        (0.2, 0.02),
        (0.5 * low, 0.0),
        (low + 0.08, 0.14),
        (0.98, 0.45),
        (0.98, 0.65),
        (0.8, 0.9),
        (0.5, 1.0),
        (0.22, 0.95),
        (0, 0.82),
    )
    parts = [lathe_curve("main", [(wide * r, tall * z) for r, z in body])]
    stem, lean = half_thickness(proportions, 0.084), rng.uniform(0.0, 0.1)
    top = (lean, 0, tall * 0.86 + 0.24)
    parts.append(rod("stem", (0, 0, 0.8 * tall), top, stem))
    for angle in (0, 180)[: rng.integers(0, 3)]:
        parts.append(_leaf("leaf", (0.5 * lean, 0, tall * 0.86 + 0.12), angle, 0.34 * rng.uniform(0.9, 1.1), 25))
    return parts


NATURE = (
    Category("tree", tree, accents={"trunk": (("trunk",), ("brown",))}),
    Category("pine", pine, ("fir", "pine tree", "fir tree", "conifer"), {"trunk": (("trunk",), ("brown",))}),
    Category(
        "cactus",
        cactus,
        accents={"pot": (("pot",), ("brown", "orange")), "flower": (("flower",), ("pink", "red", "yellow"))},
    ),
    Category(
        "mushroom",
        mushroom,
        ("toadstool",),
        {"stem": (("stem", "stalk"), ("white",)), "dots": (("dots", "spots"), ("white",))},
    ),
    Category(
        "flower",
        flower,
        accents={
            "stem": (("stem", "leaves"), ("green",)),
            "center": (("center", "centre", "middle"), ("yellow",)),
            "pot": (("pot",), ("brown", "orange")),
        },
    ),
    Category("apple", apple, accents={"stem": (("stem",), ("brown",)), "leaf": (("leaf",), ("green",))}),
)
