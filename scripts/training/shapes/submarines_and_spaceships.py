# SPDX-License-Identifier: GPL-3.0-or-later
"""Submarines along x, with the nose towards -x, and spaceships."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import around, ball, blend, both_sides, chain, lathe_curve, rod, sheet, taper
from .primitives import Lathe, Torus, cylinder

LYING, STANDING = rotation("y", 90), rotation("x", 90)


def submarine(rng, proportions):
    """A submarine: a cigar with a tower and a periscope, portholes, fins and a propeller at the stern."""
    w, h = proportions.width, proportions.height
    half, fat = 0.44 * w, 0.165 * h**0.5 * rng.uniform(0.78, 1.3)
    z = fat + 0.06
    blunt = rng.uniform(0.6, 0.9)
    shape = [
        (0.0, -half),
        (0.55 * blunt * fat, -0.97 * half),
        (blunt * fat, -0.85 * half),
        (fat, -0.5 * half),
        (fat, 0.3 * half),
        (0.7 * fat, 0.7 * half),
        (0.3 * fat, 0.97 * half),
        (0, half),
    ]
    parts = [lathe_curve("main", shape, (0, 0, z), LYING, 3)]
    tower, tall = rng.uniform(0.1, 0.17), 0.17 * h * rng.uniform(0.75, 1.4)
    x = -0.12 * w * rng.uniform(-0.3, 1.5)
    oval = [((x + tower * np.cos(a)), 0.085 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 20, endpoint=False)]
    parts.append(sheet("tower", oval, (tall + fat) / 2, (0, 0, z + (tall + fat) / 2), rotation("x", -90), 0.01))
    top = z + fat + tall
    pipe = [(x, 0, top - 0.05), (x, 0, top + 0.13 * h), (x - 0.09, 0, top + 0.13 * h)]
    parts += chain("periscope", pipe, 0.034 * max(proportions.thick, 0.9))
    holes = rng.choice([2, 3, 3])
    for px in x + 0.2 * (np.arange(holes) - (holes - 1) / 2):
        parts += both_sides(
            lambda s, px=px: Part(Torus(0.072, 0.026), "rims", (px, s * (fat - 0.012), z + 0.02), STANDING)
        )
        parts += both_sides(lambda s, px=px: ball("windows", (px, s * (fat - 0.02), z + 0.02), 0.068, 0.034, 0.068))
    tail = 0.72 * half
    fin = [
        (tail - 0.06, 0),
        (tail + 0.13, -0.17),
        (tail + 0.2, -0.17),
        (tail + 0.1, 0.0),
        (tail + 0.2, 0.17),
        (tail + 0.13, 0.17),
    ]
    parts += [sheet("fins", fin, 0.028, (0, 0, z)), sheet("fins", fin, 0.028, (0, 0, z), rotation("x", 90))]
    for angle in (20, 110, 200, 290):
        turn = rotation("x", angle)
        parts.append(ball("propeller", np.add((half + 0.05, 0, z), turn @ (0, 0, 0.07)), 0.03, 0.042, 0.085, turn))
    parts.append(rod("propeller", (half - 0.06, 0, z), (half + 0.08, 0, z), 0.036))
    return parts


def _saucer(rng, w, h, t):
    """A flying saucer: a disc with a dome, lights around its rim, on three legs."""
    wide, tall, lift = 0.5, 0.13 * h * rng.uniform(0.9, 1.2), 0.16 * h
    disc = (
        (0, -0.8 * tall),
        (0.4, -0.75 * tall),
        (0.92, -0.12 * tall),
        (1.0, 0.0),
        (0.92, 0.14 * tall),
        (0.45, 0.85 * tall),
        (0, 0.9 * tall),
    )
    z = lift + 0.75 * tall
    parts = [Part(Lathe(tuple((wide * r, height) for r, height in disc)), "main", (0, 0, z))]
    parts.append(ball("windows", (0, 0, z + 0.7 * tall), 0.2 * w, 0.2 * w, 0.19 * h))
    parts += [ball("lights", place, 0.042) for _, place in around(rng.choice([8, 10]), 0.42, z + 0.3 * tall)]
    parts.append(Part(cylinder(0.13, 0.05, 0.17), "engine", (0, 0, z - 0.85 * tall)))
    for angle in (-90, 30, 150):
        turn = rotation("z", angle)
        foot = turn @ (0.36, 0, 0.03)
        parts += [
            taper("legs", turn @ (0.24, 0, z - 0.3 * tall), foot, 0.036, 0.032),
            ball("legs", foot, 0.06, 0.06, 0.03),
        ]
    return parts


def _fighter(rng, w, h, t):
    """A star fighter along y with wings, two engines, guns and a cockpit."""
    long, fat = 0.46, 0.1
    z = 0.13 * h
    hull = [
        taper("main", (0, 0.3, z), (0, -0.1, z), 1.15 * fat, fat),
        taper("main", (0, -0.1, z), (0, -long, z - 0.02), fat, 0.036),
    ]
    parts = [blend("main", hull, 0.06), ball("windows", (0, -0.06, z + 0.8 * fat), 0.075, 0.15, 0.075)]
    span, sweep, lift = 0.46 * w, rng.uniform(-0.1, 0.2), rng.choice([-12.0, 0.0, 14.0])
    wing = [(0, -0.12), (span, sweep), (span, sweep + 0.17), (0, 0.32)]
    for s in (-1, 1):
        shape = [(s * x, y) for x, y in wing]
        turn = rotation("y", -s * lift)
        parts.append(sheet("wings", shape, 0.03, (0, 0.02, z), turn @ rotation("x", -90)))
        tip = np.add((0, 0.02, z), turn @ (s * span, sweep, 0))
        parts.append(rod("guns", tip + (0, 0.17, 0), tip - (0, 0.2, 0), 0.034))
        engine = (s * 0.15, 0.27, z + 0.02)
        parts += [
            Part(cylinder(0.085, 0.16), "main", engine, STANDING),
            Part(cylinder(0.06, 0.03), "engine", (engine[0], 0.445, engine[2]), STANDING),
        ]
    fin = [(0.1, 0), (0.36, 0), (0.42, 0.2 * h), (0.3, 0.2 * h)]
    if rng.random() < 0.6:
        parts.append(sheet("wings", fin, 0.028, (0, 0, z + 0.8 * fat), rotation("z", 90)))
    return parts


def spaceship(rng, proportions):
    """A flying saucer with a dome and lights, or a fighter with wings, guns and engines."""
    kind = _saucer if rng.random() < 0.5 else _fighter
    return kind(rng, proportions.width, proportions.height, proportions.thick)


SUBMARINES_AND_SPACESHIPS = (
    Category(
        "submarine",
        submarine,
        (),
        {
            "tower": (("tower", "conning tower"), None),
            "periscope": (("periscope",), ("gray", "black", "red")),
            "windows": (("windows", "portholes"), ("cyan", "blue", "white")),
            "rims": (("rims",), ("golden", "gray")),
            "fins": (("fins", "rudder"), None),
            "propeller": (("propeller",), ("golden", "red", "gray")),
        },
    ),
    Category(
        "spaceship",
        spaceship,
        ("starship", "spacecraft"),
        {
            "windows": (("windows", "dome", "cockpit"), ("cyan", "blue", "black")),
            "lights": (("lights",), ("yellow", "red", "green")),
            "engine": (("engine", "engines"), ("orange", "gray", "cyan")),
            "legs": (("legs",), ("gray", "black")),
            "wings": (("wings",), None),
            "guns": (("guns", "lasers"), ("red", "gray", "black")),
        },
    ),
)
