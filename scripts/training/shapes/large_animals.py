# SPDX-License-Identifier: GPL-3.0-or-later
"""Horses and elephants that face the front."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import SIDEWAYS, ball, blend, both_sides, chain, cone, curve, eyes_on, rod, sheet, taper
from .primitives import Torus


def _horse_legs(rng, w, h, limb, long, z):
    """Legs down to the hooves, standing or trotting; (blended parts, hooves)."""
    trot = rng.random() < 0.4
    parts, hooves = [], []
    for index, (x, y) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1))):
        at, lift = (0.085 * w * x, y * long), trot and index in (0, 3)
        bend = -0.1 if lift else rng.uniform(-0.015, 0.015)
        knee = (at[0], at[1] + 0.6 * bend + (0.02 if y > 0 else 0), 0.5 * z)
        foot = (at[0], at[1] + (0.09 if lift else 0.0), 0.16 if lift else 0.05)
        parts += chain("main", [(*at, z), knee, foot], (1.9 * limb, limb, 0.85 * limb))
        hooves.append(Part(rod("", (0, 0, 0), (0, -0.03, -0.012), 1.08 * limb).solid, "hooves", foot))
    return parts, hooves


def _mane(neck, head, thick):
    """A crest along the back of the neck, and a forelock."""
    low, high = np.array(neck[1:]), np.array(head[1:])
    along = (high - low) / np.linalg.norm(high - low)
    out = np.array((along[1], -along[0])) * np.sign(-along[0])
    spine = [low + s * (high - low) for s in (0.1, 0.4, 0.7, 1.0, 1.25)]
    rim = [point + out * reach for point, reach in zip(spine, (0.13, 0.17, 0.18, 0.17, 0.02), strict=True)]
    return sheet("mane", [*spine, *curve(rim[::-1], 4)], thick, (0, 0, 0), SIDEWAYS, 0.015)


def horse(rng, proportions):
    """A horse that stands, trots or grazes, with mane, tail and hooves; some with a saddle."""
    w, h, limb = proportions.width, proportions.height, 0.04 * max(proportions.thick, 0.9)
    long, girth, z = (
        0.27 * rng.uniform(0.92, 1.08),
        0.125 * w * rng.uniform(0.95, 1.1),
        0.44 * h * rng.uniform(0.95, 1.05),
    )
    legs, hooves = _horse_legs(rng, w, h, limb, long, z)
    neck, head = (0, -long - 0.02, z + 0.06), (0, -long - rng.uniform(0.14, 0.2), z + 0.36 * h)
    nose = np.add(head, (0, -0.2, -rng.uniform(0.1, 0.16)))
    if rng.random() < 0.25:
        head = (0, -long - rng.uniform(0.24, 0.3), z * rng.uniform(0.62, 0.9))
        nose = np.add(head, (0, -0.12, -0.18))
    body = [
        taper("main", (0, long, z + 0.02), (0, 0, z), 1.08 * girth, 0.97 * girth),
        taper("main", (0, 0, z), (0, -long, z + 0.02), 0.97 * girth, 1.08 * girth),
        taper("main", neck, head, 0.105 * w**0.5, 0.068),
        taper("main", head, nose, 0.078, 0.056),
    ]
    parts = [blend("main", [*body, *legs], 0.05), *hooves, _mane(neck, head, 0.03)]
    top = np.add(head, (0, 0.02, 0.05))
    parts += both_sides(lambda s: cone("main", top + (0.05 * s, 0, 0.1), top + (0.035 * s, 0, -0.02), 0.035, 0.014))
    parts += eyes_on(head, (0.075, 0.075, 0.07), (0.85, -0.5, 0.3), 0.033)
    rump, fall = (0, long + 0.75 * girth, z + 0.6 * girth), rng.uniform(0.15, 0.26)
    tail = [
        rump,
        (0, rump[1] + 0.1, rump[2] - 0.02),
        (0, rump[1] + 0.13, rump[2] - fall),
        (0, rump[1] + 0.1, rump[2] - fall - 0.12),
    ]
    parts += chain("tail", tail, (0.035, 0.042, 0.055, 0.028))
    if rng.random() < 0.4:
        parts.append(ball("saddle", (0, -0.01, z + 0.55 * girth), 0.85 * girth + 0.03, 0.11, 0.6 * girth))
        parts.append(Part(Torus(girth, 0.028), "saddle", (0, -0.01, z), rotation("x", 90)))
    return parts


def _trunk(rng, head, size, h):
    """A trunk that hangs, curls forward or is raised."""
    x, y, z = head
    front = y - 0.75 * size
    path = (
        [(0, front, z - 0.1), (0, front - 0.1, z - 0.28), (0, front - 0.12, 0.3 * z), (0, front - 0.2, 0.16 * z)],
        [(0, front, z - 0.1), (0, front - 0.16, z - 0.24), (0, front - 0.28, z - 0.22), (0, front - 0.32, z - 0.06)],
        [(0, front, z - 0.08), (0, front - 0.15, z - 0.16), (0, front - 0.25, z), (0, front - 0.24, z + 0.2 * h)],
    )[rng.integers(3)]
    points = curve(path, 3)
    return chain("main", points, np.linspace(0.105, 0.052, len(points)))


def elephant(rng, proportions):
    """An elephant on four columns: trunk hanging, forward or raised; big ears; with or without tusks."""
    w, h = proportions.width, proportions.height
    limb, girth = 0.095 * max(proportions.thick, 0.85), 0.245 * w**0.7 * rng.uniform(0.95, 1.05)
    long, hip = 0.17 * rng.uniform(0.9, 1.2), 0.24 * h * rng.uniform(0.9, 1.1)
    z = hip + 0.8 * girth
    parts = [taper("main", (0, long, z), (0, -long, z), girth, 0.95 * girth)]
    for x in (-1, 1):
        for y in (-1, 1):
            at = (0.58 * x * girth, y * (long + 0.04))
            parts.append(taper("main", (*at, z), (*at, limb), 1.15 * limb, limb))
            parts.append(taper("main", (*at, 0.045), (*at, 0.06), 1.0 * limb * 0.5, 0.5 * limb))
    size, head = 0.18 * rng.uniform(0.97, 1.08), (0, -long - 0.95 * girth, z + 0.12 * h)
    parts += [ball("main", head, size, size, 1.05 * size), *_trunk(rng, head, size, h)]
    body = blend("main", parts, 0.06)
    ear = np.array((0.05, 0.17, 0.2)) * rng.uniform(0.95, 1.15)
    spread = rng.uniform(40, 65)
    parts = [body]
    for side in (-1, 1):
        turn = rotation("z", -side * spread)
        at = np.add(head, (side * 0.85 * size, 0.3 * size, 0.02)) + turn @ (0, 0.75 * ear[1], 0)
        parts.append(ball("ears", at, *ear, turn))
    parts += eyes_on(head, (size, size, 1.05 * size), (0.6, -0.8, 0.25), 0.042)
    if rng.random() < 0.75:
        low, long_tusk = np.add(head, (0, -0.7 * size, -0.6 * size)), rng.uniform(0.16, 0.22)
        parts += both_sides(
            lambda s: taper(
                "tusks", low + (0.55 * s * size, 0, 0), low + (0.7 * s * size, -long_tusk, -0.04), 0.04, 0.026
            )
        )
    end = long + girth
    return parts + chain("tail", [(0, end - 0.03, z + 0.08), (0, end + 0.05, z - 0.1), (0, end + 0.04, z - 0.22)], 0.03)


LARGE_ANIMALS = (
    Category(
        "horse",
        horse,
        ("pony", "stallion"),
        {
            "mane": (("mane",), ("black", "brown", "yellow")),
            "tail": (("tail",), ("black", "brown", "yellow")),
            "hooves": (("hooves",), ("black", "brown")),
            "saddle": (("saddle",), ("red", "brown", "blue")),
            "eyes": (("eyes",), ("black",)),
        },
    ),
    Category(
        "elephant",
        elephant,
        (),
        {
            "ears": (("ears",), None),
            "tusks": (("tusks",), ("white",)),
            "tail": (("tail",), None),
            "eyes": (("eyes",), ("black",)),
        },
    ),
)
