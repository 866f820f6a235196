# SPDX-License-Identifier: GPL-3.0-or-later
"""Shoes along x, gloves and glasses that face the front."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import FLAT, arc, ball, blend, both_sides, box, chain, curve, rod, sheet, taper
from .primitives import Torus, cylinder


def _sole(half, wide):
    """A foot's outline in (x, y), toe at -half."""
    side = curve(
        [
            (half, 0.0),
            (0.9 * half, 0.8 * wide),
            (0.3 * half, 0.72 * wide),
            (-0.4 * half, wide),
            (-0.85 * half, 0.72 * wide),
            (-half, 0.0),
        ],
        5,
    )
    return [*side, *(side[-2:0:-1] * (1, -1))]


def shoe(rng, proportions):
    """A shoe along x: a sneaker with laces, a boot, or a pump with a high heel."""
    w, h, half, wide = proportions.width, proportions.height, 0.47, 0.165 * proportions.width**0.5
    style, thick = rng.choice(3, p=(0.5, 0.4, 0.1)), 0.075 * max(proportions.thick, 0.8)
    if style == 2:
        return _pump(rng, w, h, wide)
    tall = (0.26 if style == 0 else rng.uniform(0.5, 0.72)) * h
    parts = [sheet("sole", _sole(half * w**0.3, wide), thick / 2, (0, 0, thick / 2), FLAT, 0.015)]
    if style == 1:
        parts.append(box("sole", (0.3, 0, thick / 2 - 0.03), (0.15, 0.75 * wide, thick / 2 + 0.03), 0.01))
    z = thick
    body = [
        taper("main", (-0.28, 0, z + 0.06), (0.1, 0, z + 0.12), 0.135, 0.15),
        ball("main", (-0.32, 0, z + 0.04), 0.145, 0.95 * wide, 0.12),
        taper("main", (0.26, 0, z + 0.08), (0.24, 0, z + tall), 0.15, 0.15),
    ]
    parts += [blend("main", [*body, box("main", (0, 0, z), (0.36, 0.7 * wide, 0.04), 0.03)], 0.07)]
    top = z + tall
    parts.append(Part(Torus(0.115, 0.055), "collar", (0.24, 0, top + 0.12)))
    parts.append(ball("collar", (0.24, 0, top + 0.1), 0.11, 0.11, 0.05))
    if style == 0 or rng.random() < 0.6:
        start, end = (-0.2, z + 0.2), (0.085, z + 0.31)
        if style == 1:
            start, end = (0.08, z + 0.26), (0.1, top - 0.05)
        for share in np.linspace(0.05, 0.9, 3 if style == 0 else 4):
            x, lift = np.add(np.multiply(start, 1 - share), np.multiply(end, share))
            parts.append(rod("laces", (x, -0.085, lift), (x, 0.085, lift), 0.028))
    if style == 0:
        parts.append(ball("toe", (-0.37, 0, z + 0.02), 0.115, 0.86 * wide, 0.1))
        for s in (-1, 1):
            parts.append(rod("stripes", (-0.06, s * 0.135, z + 0.05), (0.06, s * 0.138, z + 0.19), 0.03))
            parts.append(rod("stripes", (0.05, s * 0.14, z + 0.05), (0.16, s * 0.142, z + 0.19), 0.03))
    return parts


def _pump(rng, w, h, wide):
    """A shoe with a high heel and a bow or a strap."""
    lift = 0.34 * h * rng.uniform(0.85, 1.1)
    line = curve([(-0.46, 0.04), (-0.25, 0.045), (0.08, 0.5 * lift), (0.34, lift), (0.46, lift + 0.01)], 4)
    sole = [*line, *(line[::-1] + (0, 0.055))]
    body = [
        taper("main", (-0.36, 0, 0.1), (-0.24, 0, 0.12), 0.07, 0.1),
        taper("main", (-0.24, 0, 0.12), (-0.12, 0, 0.2), 0.1, 0.085),
    ]
    parts = [sheet("main", sole, 0.62 * wide, rounding=0.015), blend("main", body, 0.04)]
    heel = [(0.33, 0, lift + 0.02), (0.4, 0, 0.5 * lift), (0.4, 0, 0.036)]
    parts += chain("sole", heel, (0.085, 0.045, 0.038))
    back = curve([(0.2, 0.085), (0.36, 0.1), (0.45, 0.06), (0.47, 0.0)], 4)
    for s in (-1, 1):
        parts += chain("main", [(x, s * y, lift + 0.09) for x, y in back], 0.05)
    if rng.random() < 0.5:
        parts += both_sides(lambda s: ball("bow", (-0.2, 0.075 * s, 0.23), 0.05, 0.075, 0.04, rotation("x", 15 * s)))
    else:
        loop = [(0.28, 0.13 * np.cos(a), lift + 0.16 + 0.09 * np.sin(a)) for a in np.linspace(0, np.pi, 7)]
        parts += chain("bow", [(0.3, 0.1, lift + 0.08), *loop, (0.3, -0.1, lift + 0.08)], 0.028)
    return parts


def glove(rng, proportions):
    """An upright glove with five fingers, a mitten or a boxing glove, each with a cuff."""
    w, h, t = proportions.width, proportions.height, max(proportions.thick, 0.9)
    style, wide, low = rng.integers(3), 0.2 * w, 0.24 * h
    palm = low + 0.2
    parts = [
        Part(cylinder(0.17 * w, low / 2 + 0.02, 0.15 * w), "cuff", (0, 0, low / 2)),
        Part(Torus(0.17 * w, 0.045), "cuff", (0, 0, 0.05)),
    ]
    thumb = taper("main", (0.6 * wide, 0, palm - 0.06), (1.45 * wide, -0.02, palm + 0.13 * h), 0.08, 0.068 * t)
    if style == 0:
        body = [box("main", (0, 0, palm), (wide, 0.09, 0.2), 0.08), thumb]
        for x, long in zip(np.linspace(-0.8, 0.74, 4) * wide, (0.24, 0.32, 0.34, 0.3), strict=True):
            body.append(taper("main", (x, 0, palm + 0.12), (1.12 * x, 0, palm + 0.14 + long * h), 0.06, 0.05 * t**0.5))
        parts.append(blend("main", body, 0.025))
    elif style == 1:
        body = [ball("main", (0, 0, palm + 0.1 * h), 1.05 * wide, 0.13, 0.34 * h), thumb]
        parts.append(blend("main", body, 0.05))
        if rng.random() < 0.6:
            parts.append(
                sheet(
                    "patch",
                    [(-0.09, 0.05), (-0.04, 0.1), (0, 0.07), (0.04, 0.1), (0.09, 0.05), (0, -0.08)],
                    0.03,
                    (0, -0.115, palm + 0.12 * h),
                )
            )
    else:
        body = [
            ball("main", (0, -0.02, palm + 0.16 * h), 1.25 * wide, 0.22, 0.24 * h),
            taper("main", (0, 0, low), (0, 0, palm), 0.16, 0.18),
        ]
        thumb = taper("main", (wide, -0.08, palm - 0.04), (1.05 * wide, -0.15, palm + 0.13 * h), 0.1, 0.085)
        parts.append(blend("main", [*body, thumb], 0.03))
        parts.append(Part(Torus(0.158 * w, 0.035), "patch", (0, 0, low - 0.02)))
    return parts


def glasses(rng, proportions):
    """A pair of glasses with open temples: round, square, drop-shaped or like cats' eyes."""
    w, h, t = proportions.width, proportions.height, 0.032 * max(proportions.thick, 0.9)
    x, size, style = 0.25 * w, 0.19 * rng.uniform(0.95, 1.1), rng.integers(4)
    turn = np.linspace(0, 2 * np.pi, 25)[:-1]
    power = (1.0, 0.45, 0.8, 0.8)[style]
    rim = (
        np.stack(
            [
                np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power,
                np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power,
            ],
            1,
        )
        * size
    )
    rim[:, 1] *= h**0.7 * (1.0, 0.8, 0.9, 0.75)[style]
    rim[:, 0] *= min(w, 1.2)
    if style == 2:
        rim[:, 0] *= 1 - 0.22 * (rim[:, 1] < 0) * np.abs(rim[:, 1] / size)
    if style == 3:
        rim[:, 1] += 0.35 * np.maximum(rim[:, 0], 0) ** 2 / size
    z, parts = -rim[:, 1].min() + t, []
    for s in (-1, 1):
        ring = [(s * (x + px), 0, z + pz) for px, pz in rim]
        parts += chain("main", [*ring, ring[0]], t)
        parts.append(sheet("lenses", [(s * px * 0.99, pz * 0.99) for px, pz in rim], 0.026, (s * x, 0, z)))
        hinge = (s * (x + rim[:, 0].max()), 0.0, z + 0.35 * size)
        bend = [hinge, (hinge[0] + 0.01 * s, 0.52, hinge[2]), (hinge[0] - 0.01 * s, 0.68, hinge[2] - 0.11)]
        parts += chain("temples", bend, 0.95 * t)
    gap = x - rim[:, 0].max() * 0.95
    parts += chain("main", [(a, 0, b) for a, b in arc(gap + 0.02, 160, 20, 7, (0, z + 0.02), 0.8)], t)
    return parts


CLOTHING = (
    Category(
        "shoe",
        shoe,
        (),
        {
            "sole": (("sole", "heel"), ("white", "black", "brown")),
            "laces": (("laces",), ("white", "black")),
            "stripes": (("stripes",), ("white", "black")),
            "toe": (("toe", "toecap"), ("white",)),
            "collar": (("collar", "lining"), None),
            "bow": (("bow", "strap"), None),
        },
    ),
    Category(
        "glove",
        glove,
        (),
        {"cuff": (("cuff",), ("white", "black", "brown")), "patch": (("patch", "band"), ("white", "red"))},
    ),
    Category(
        "glasses",
        glasses,
        ("spectacles", "eyeglasses"),
        {"lenses": (("lenses",), ("cyan", "black", "white")), "temples": (("temples",), None)},
    ),
)
