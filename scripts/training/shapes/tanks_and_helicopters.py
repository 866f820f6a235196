# SPDX-License-Identifier: GPL-3.0-or-later
"""Tanks and helicopters along x, with the nose towards -x."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import arc, ball, blend, both_sides, box, rod, sheet, taper
from .primitives import cylinder

STANDING = rotation("x", 90)


def _tracks(half, y, radius, wide):
    """Two caterpillar tracks with their road wheels."""
    outline = [*arc(radius, 90, 270, 9, (-half + radius, radius)), *arc(radius, -90, 90, 9, (half - radius, radius))]
    parts = both_sides(lambda s: sheet("tracks", outline, wide, (0, s * y, 0), rounding=0.01))
    for x in np.linspace(-half + radius, half - radius, 5):
        parts += both_sides(
            lambda s, x=x: Part(cylinder(0.62 * radius, wide + 0.022), "wheels", (x, s * y, radius), STANDING)
        )
    return parts


def tank(rng, proportions):
    """A tank: hull on tracks, a round or a boxy turret with a gun and a hatch, an antenna or a flag or neither."""
    w, h, t = proportions.width, proportions.height, max(proportions.thick, 0.9)
    half, radius, wide = 0.42 * w * rng.uniform(0.96, 1.05), 0.11 * h**0.5 * rng.uniform(0.92, 1.1), 0.065
    y, top = 0.2 * rng.uniform(0.95, 1.08), 2 * radius + 0.1 * h
    hull = [
        (-half - 0.02, radius),
        (half, radius),
        (half, top - 0.02),
        (half - 0.06, top),
        (-half + 0.16, top),
        (-half - 0.03, 1.7 * radius),
    ]
    parts = _tracks(half, y, radius, wide)
    parts.append(sheet("main", hull, y - 0.02, rounding=0.01))
    parts.append(box("main", (0.04, 0, 2 * radius + 0.03), (half - 0.05, y + wide, 0.028), 0.008))
    x, tall = rng.uniform(-0.03, 0.06), 0.15 * h * rng.uniform(0.9, 1.15)
    if rng.random() < 0.5:
        parts.append(Part(cylinder(0.2, tall / 2 + 0.01, 0.15), "turret", (x, 0, top + tall / 2)))
    else:
        plan = [(x - 0.2, 0), (x + 0.2, 0), (x + 0.16, tall), (x - 0.1, tall)]
        parts.append(sheet("turret", plan, 0.15, (0, 0, top - 0.005), rounding=0.012))
    gun, lift = top + 0.55 * tall, rng.uniform(0, 0.07)
    muzzle = np.array((-half - rng.uniform(0.06, 0.16) * w, 0, gun + lift))
    parts += [
        rod("gun", (x - 0.12, 0, gun), muzzle, 0.036 * t),
        rod("gun", muzzle, muzzle + (0.05, 0, -0.1 * lift), 0.052 * t),
    ]
    parts.append(Part(cylinder(0.068, 0.028), "hatch", (x + 0.05, 0.02, top + tall + 0.015)))
    if rng.random() < 0.4:
        parts.append(rod("antenna", (x + 0.13, 0.08, top + tall - 0.05), (x + 0.15, 0.08, top + tall + 0.2 * h), 0.026))
    return parts


def helicopter(rng, proportions):
    """A helicopter: a round or long cabin with a big window, tail boom, main and tail rotor, on skids or wheels."""
    w, h = proportions.width, proportions.height
    fat, t = 0.17 * rng.uniform(0.95, 1.12), max(proportions.thick, 0.95)
    long, z = rng.choice([0.02, 0.16]), 0.13 * h + fat
    cabin = [
        taper("main", (-0.2 - long, 0, z), (-0.02, 0, z + 0.02), 0.95 * fat, fat),
        taper("main", (0, 0, z + 0.05), (0.46 * w, 0, z + 0.1), 0.75 * fat, 0.05),
    ]
    parts = [blend("main", cabin, 0.08)]
    nose = (-0.24 - long, 0, z + 0.015)
    parts.append(ball("windows", nose, 0.95 * fat, 0.88 * fat, 0.82 * fat))
    if long > 0.1:
        parts.append(box("windows", (-0.03, 0, z + 0.06), (0.075, fat + 0.012, 0.055), 0.012))
    top, reach = z + 1.2 * fat + 0.08 * h, 0.46 * w * rng.uniform(0.92, 1.05)
    x = -0.08 - 0.4 * long
    parts += [
        box("main", (x, 0, z + fat), (0.1, 0.08, 0.05), 0.02),
        rod("rotor", (x, 0, z + fat), (x, 0, top + 0.02), 0.036),
        ball("rotor", (x, 0, top + 0.02), 0.06),
    ]
    start, blades = rng.uniform(0, 90), rng.choice([2, 3, 4])
    for angle in start + np.arange(blades) * 360 / blades:
        turn = rotation("z", angle)
        parts.append(
            box("rotor", np.add((x, 0, top), turn @ (reach / 2, 0, 0)), (reach / 2, 0.042 * t, 0.024), 0.008, turn)
        )
    end = np.array((0.46 * w, 0, z + 0.1))
    fin = [(0.38 * w, z + 0.08), (0.47 * w, z + 0.08), (0.54 * w, z + 0.28), (0.46 * w, z + 0.28)]
    parts.append(sheet("tail", fin, 0.028))
    turn = rng.uniform(0, 90)
    for angle in (turn, turn + 90):
        parts.append(box("rotor", end + (0.01, -0.06, 0.02), (0.13, 0.024, 0.028), 0.008, rotation("y", angle)))
    parts.append(rod("rotor", end, end + (0.01, -0.07, 0.02), 0.03))
    y = 0.85 * fat
    for s in (-1, 1):
        parts += [
            rod("skids", (-0.3 - long, s * y, 0.028), (0.12, s * y, 0.028), 0.028),
            taper("skids", (-0.3 - long, s * y, 0.028), (-0.36 - long, s * y, 0.06), 0.028, 0.026),
        ]
        parts += [
            rod("skids", (px, s * y, 0.03), (px, 0.5 * s * fat, z - 0.75 * fat), 0.026) for px in (-0.22 - long, 0.03)
        ]
    return parts


_GLASS = (("windows", "cockpit", "window"), ("cyan", "blue", "black"))

TANKS_AND_HELICOPTERS = (
    Category(
        "tank",
        tank,
        ("battle tank",),
        {
            "tracks": (("tracks",), ("black", "gray")),
            "wheels": (("wheels",), ("gray", "black")),
            "turret": (("turret",), None),
            "gun": (("gun", "cannon"), None),
            "hatch": (("hatch",), None),
            "antenna": (("antenna",), ("black",)),
        },
    ),
    Category(
        "helicopter",
        helicopter,
        ("chopper",),
        {
            "windows": _GLASS,
            "rotor": (("rotor", "rotors", "propeller"), ("black", "gray")),
            "skids": (("skids",), ("black", "gray")),
            "tail": (("tail",), None),
        },
    ),
)
