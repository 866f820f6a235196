# SPDX-License-Identifier: GPL-3.0-or-later
"""Hearts, stars and moons, upright."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import arc, ball, blend, both_sides, chain, cone, curve, rod, rotation_to, sheet, taper
from .primitives import Torus
from .treasures import star_outline


def _face(rng, y, z, size):
    """Two eyes and a smile towards the front."""
    parts = both_sides(lambda s: ball("eyes", (0.42 * s * size, y, z + 0.12 * size), 0.05, 0.036, 0.065))
    smile = arc(0.4 * size, 210, 330, 7, (0, z))
    return parts + chain("mouth", [(x, y - 0.005, v) for x, v in smile], 0.03)


def _flat_heart(w, h, half):
    """A slab with the outline of a heart."""
    right = [(0.0, 0.0), (0.3, 0.28), (0.45, 0.55), (0.36, 0.76), (0.16, 0.78), (0.0, 0.64)]
    side = curve([(x * w, z * h) for x, z in right], 5)
    return sheet("main", [*side, *(side[-2:0:-1] * (-1, 1))], half, rounding=0.04)


def _plump_heart(w, h, lobe):
    """Two round cones that share their tip."""
    cones = both_sides(lambda s: taper("main", (0, 0, 0.05), (0.205 * s * w, 0, 0.6 * h), 0.05, lobe * w**0.5))
    return blend("main", cones, 0.07)


def _arrow(rng, middle):
    """An arrow through a heart at height `middle`."""
    turn = rotation("y", rng.uniform(-30, -12))
    start, end = (np.add(turn @ (x, -0.02, 0), (0, 0, middle)) for x in (0.6, -0.58))
    feather = [(0.06, -0.08), (-0.14, -0.08), (-0.08, 0), (-0.14, 0.08), (0.06, 0.08), (0.12, 0)]
    tip = cone("arrow", end + turn @ (-0.1, 0, 0), end, 0.075, 0.012)
    return [rod("arrow", start, end, 0.03), tip, sheet("arrow", feather, 0.028, start, turn)]


_WING = (
    (0, 0.08),
    (0.2, 0.2),
    (0.42, 0.24),
    (0.38, 0.12),
    (0.32, 0.08),
    (0.3, -0.02),
    (0.2, -0.04),
    (0.16, -0.12),
    (0, -0.1),
)


def heart(rng, proportions):
    """A heart, plump or flat: plain, with a face, with an arrow through it or with wings."""
    w, h = proportions.width, proportions.height
    lobe, flat = 0.24 * rng.uniform(0.95, 1.06), rng.random() < 0.3
    deep, middle = (0.12, 0.5 * h) if flat else (lobe * max(proportions.thick, 0.85), 0.56 * h)
    parts = [_flat_heart(w, h, 0.12 * max(proportions.thick, 0.8)) if flat else _plump_heart(w, h, lobe)]
    style = rng.integers(4)
    if style == 1:
        parts += _face(rng, -0.82 * deep - 0.02, middle, 0.26)
    elif style == 2:
        parts += _arrow(rng, middle)
    elif style == 3 and rng.random() < 0.6:
        for s in (-1, 1):
            wing, at = np.array(_WING) * (s, 1), (s * 0.34 * w, 0.02, middle + 0.04)
            parts.append(sheet("wings", wing, 0.034, at, rotation("z", s * 12), 0.01))
    return parts


def star(rng, proportions):
    """A star of four to eight points, sharp or soft, flat or raised in the middle; some with a face or a tail."""
    w, h, half = proportions.width, proportions.height, 0.085 * max(proportions.thick, 0.8)
    points = rng.choice([5, 5, 5, 5, 4, 6, 8])
    inner = {4: 0.4, 5: rng.uniform(0.46, 0.54), 6: 0.58, 8: 0.64}[int(points)]
    soft = rng.choice([0.012, 0.05])
    outline = star_outline(points, 0.5 - soft, inner * 0.5) * (w, h)
    z = 0.5 * h
    parts = [sheet("main", outline, half, (0, 0, z), rounding=soft)]
    style = rng.integers(4)
    if style == 1:
        for share, deep in ((0.78, 0.03), (0.55, 0.065), (0.32, 0.095)):
            parts.append(sheet("main", outline * share, half + deep, (0, 0, z)))
    elif style == 2:
        parts += _face(rng, -half - 0.012, z, 0.22)
    elif style == 3:
        parts.append(sheet("middle", outline * 0.62, half + 0.034, (0, 0, z), rounding=0.01))
    return parts


def moon(rng, proportions):
    """A crescent, thin or thick, with a face, a star or a night cap or without; or a full moon with craters."""
    w, h, half = proportions.width, proportions.height, 0.09 * max(proportions.thick, 0.8)
    if rng.random() < 0.3:
        parts = [ball("main", (0, 0, 0.5), 0.5)]
        for _ in range(9):
            out = rng.normal(size=3)
            out = out / np.linalg.norm(out) * (1, -1 if out[1] > 0 and rng.random() < 0.6 else 1, 1)
            size = rng.uniform(0.07, 0.14)
            turn = rotation_to(out)
            parts += [
                Part(Torus(size, 0.034), "craters", tuple((0, 0, 0.5) + 0.49 * out), turn),
                ball("craters", (0, 0, 0.5) + 0.485 * out, size, size, 0.026, turn),
            ]
        return parts
    bite, angle = rng.uniform(0.24, 0.36), rng.uniform(58, 68)
    outer = arc(0.5, angle, 360 - angle, 25)
    tip = outer[0]
    middle = bite
    radius = np.hypot(tip[0] - middle, tip[1])
    last = np.degrees(np.arctan2(tip[1], tip[0] - middle))
    inner = arc(radius, 360 - last, last, 19, (middle, 0))[1:-1]
    outline = np.array([*outer, *inner]) * (w**0.5, h)
    z = 0.5 * h
    parts = [sheet("main", outline, half, (0, 0, z), rounding=0.025)]
    style = rng.integers(4)
    if style == 1:
        x = -0.5 + 0.5 * (0.5 + middle - radius) * 1.0
        parts += [ball("eyes", (x * w**0.5 + 0.04, s * half, z + 0.1 * h), 0.045, 0.03, 0.05) for s in (-1, 1)]
        nose = (middle - radius) * w**0.5
        parts.append(ball("nose", (nose + 0.01, 0, z), 0.07, 0.06, 0.06))
    elif style == 2:
        top = outline[0]
        parts.append(sheet("star", star_outline(5, 0.15, 0.065), 0.05, (0.2 * w**0.5, 0, z), rounding=0.01))
        parts.append(rod("star", (0.2 * w**0.5, 0, z + 0.1), (min(0.2 * w**0.5, top[0]), 0, z + top[1] - 0.02), 0.026))
    elif style == 3:
        top = outline[0]
        tilt = np.array((0.9, 0, 0.45))
        base = np.array((top[0] - 0.1, 0, z + top[1] + 0.03))
        parts += [
            cone("cap", base + (0.26, 0, 0.14), base - 0.05 * tilt, 0.14, 0.03),
            ball("cap", base + (0.28, 0, 0.14), 0.06),
        ]
    return parts


SYMBOLS = (
    Category(
        "heart",
        heart,
        (),
        {
            "arrow": (("arrow",), ("golden", "white", "black")),
            "wings": (("wings",), ("white",)),
            "eyes": (("eyes",), ("black",)),
            "mouth": (("mouth", "smile"), ("black", "white")),
        },
    ),
    Category(
        "star",
        star,
        (),
        {
            "middle": (("middle", "center"), ("orange", "white")),
            "eyes": (("eyes",), ("black",)),
            "mouth": (("mouth", "smile"), ("black",)),
        },
    ),
    Category(
        "moon",
        moon,
        (),
        {
            "craters": (("craters",), ("gray", "white")),
            "star": (("star",), ("white", "orange")),
            "cap": (("night cap",), ("blue", "red")),
            "nose": (("nose",), None),
            "eyes": (("eyes",), ("black",)),
        },
    ),
)
