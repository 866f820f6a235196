# SPDX-License-Identifier: GPL-3.0-or-later
"""Axes, bows, shields and helmets that face the front."""

import numpy as np

from .combined import Cut
from .parts import Category, Part, rotation
from .placing import arc, around, ball, both_sides, box, chain, cone, curve, rod, sheet
from .primitives import Ellipsoid, Lathe, Torus, cylinder
from .thickness import half_thickness

FRONT = rotation("x", 90)


def axe(rng, proportions):
    """An upright axe: one blade, a bearded one or two, a straight or a bent handle, with a wrapped grip or without."""
    h, w = proportions.height, proportions.width
    tall, thick = 0.95 * h * rng.uniform(0.95, 1.04), half_thickness(proportions, 0.075)
    size, top = 0.3 * w * rng.uniform(0.92, 1.12), tall - 0.2
    bend = rng.choice([0.0, 0.05])
    path = curve([(0, 0, thick), (bend, 0, 0.3 * tall), (-0.5 * bend, 0, 0.7 * tall), (0, 0, tall)], 3)
    parts = chain("handle", path, 1.0 * thick)
    style = rng.integers(3)
    lower = (0.13, 0.2, 0.13)[style] / 0.3 * size
    edge = curve([(-size, 0.62 * size), (-1.12 * size, 0.1 * size), (-size, -lower - 0.2 * size)], 5)
    blade = np.array([(0.06, 0.09), (-0.06, 0.1), *(edge), (-0.45 * size, -0.28 * size), (-0.06, -0.1), (0.06, -0.09)])
    parts.append(sheet("main", blade, 0.8 * thick, (0, 0, top), rounding=0.008))
    parts.append(box("main", (0, 0, top), (1.5 * thick, 1.5 * thick, 0.11), 0.015))
    if style == 2:
        parts.append(sheet("main", blade * (-1, 1), 0.8 * thick, (0, 0, top), rounding=0.008))
    elif rng.random() < 0.5:
        parts.append(box("main", (0.07, 0, top), (0.06, 1.2 * thick, 0.075), 0.012))
    rim = np.concatenate([edge, edge[::-1] * (1, 1) + (0.05, 0)])
    parts.append(sheet("edge", rim, 0.8 * thick + 0.008, (0, 0, top)))
    if style == 2:
        parts.append(sheet("edge", rim * (-1, 1), 0.8 * thick + 0.008, (0, 0, top)))
    if rng.random() < 0.5:
        low = path[1]
        parts += [Part(Torus(1.0 * thick, 0.024), "grip", (low[0] * z / 0.2, 0, z)) for z in (0.1, 0.15, 0.2, 0.25)]
    return parts


def bow(rng, proportions):
    """An upright bow with its string and perhaps an arrow: one bend, or a double one with tips that curl forward."""
    tall, thick = 0.5 * proportions.height, 0.034 * max(proportions.thick, 0.9)
    deep, curled = 0.26 * proportions.width * rng.uniform(0.88, 1.15), rng.random() < 0.5
    if curled:
        half = [
            (-0.75 * deep, 0.0),
            (-0.82 * deep, 0.09),
            (-deep, 0.3 * tall),
            (-0.55 * deep, 0.72 * tall),
            (0.0, 0.92 * tall),
            (-0.16 * deep, tall),
        ]
    else:
        half = [(-deep, 0.0), (-0.92 * deep, 0.35 * tall), (-0.6 * deep, 0.7 * tall), (0.0, tall)]
    upper = curve(half, 4)
    points = np.concatenate([(upper * (1, -1))[:0:-1], upper])
    radii = thick * (1.15 - 0.35 * np.abs(points[:, 1]) / tall)
    z = tall
    parts = chain("main", [(x, 0, z + v) for x, v in points], radii)
    nock = half[-2] if curled else half[-1]
    parts.append(rod("string", (nock[0], 0, z - nock[1]), (nock[0], 0, z + nock[1]), 0.024))
    front = half[0][0]
    parts.append(rod("grip", (front, 0, z - 0.09), (front, 0, z + 0.09), 1.5 * thick))
    if rng.random() < 0.55:
        tip = front - 0.3
        parts += [
            rod("arrow", (nock[0] + 0.02, 0, z), (tip, 0, z), 0.026),
            cone("arrow", (tip - 0.1, 0, z), (tip, 0, z), 0.058, 0.012),
        ]
        feather = [(0.02, -0.07), (-0.15, -0.07), (-0.2, 0.0), (-0.15, 0.07), (0.02, 0.07)]
        parts.append(sheet("feathers", feather, 0.026, (nock[0] + 0.03, 0, z)))
    return parts


def _shield_outline(rng, w, h):
    """A knight's, a round, an oval or a kite shield, around its middle."""
    style = rng.integers(4)
    if style == 0:
        side = curve([(0.4 * w, 0.42 * h), (0.4 * w, 0.05 * h), (0.28 * w, -0.25 * h), (0.0, -0.5 * h)], 5)
        return [*side, *(side[-2::-1] * (-1, 1))]
    if style == 3:
        side = curve([(0.0, 0.5 * h), (0.3 * w, 0.38 * h), (0.3 * w, 0.1 * h), (0.0, -0.52 * h)], 5)
        return [*side, *(side[-2:0:-1] * (-1, 1))]
    x, z = ((0.46, 0.46), (0.36 * w, 0.5 * h))[style - 1]
    return [(x * np.cos(a), z * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 30, endpoint=False)]


def _emblem(rng):
    """A cross, a band, a star or a boss for the front of a shield, as parts at y = 0."""
    style = rng.integers(4)
    if style == 0:
        return [box("emblem", (0, 0, 0.02), (0.055, 0.03, 0.27)), box("emblem", (0, 0, 0.08), (0.22, 0.03, 0.055))]
    if style == 1:
        return [box("emblem", (0, 0, 0.03), (0.28, 0.03, 0.065), 0, rotation("y", rng.choice([-40, 0, 40])))]
    if style == 2:
        star = [
            (r * np.cos(a), r * np.sin(a))
            for r, a in zip([0.2, 0.085] * 5, np.pi / 2 + np.arange(10) * np.pi / 5, strict=True)
        ]
        return [sheet("emblem", star, 0.032, (0, 0, 0.03))]
    return [
        ball("emblem", (0, 0, 0.02), 0.14, 0.09, 0.14),
        *(ball("emblem", p, 0.036) for _, (x, y, _z) in around(6, 0.26, 0) for p in [(x, 0, y + 0.02)]),
    ]


def shield(rng, proportions):
    """A shield: a knight's, round, oval or a kite; a rim, and a cross, a band, a star or a boss."""
    outline = np.array(_shield_outline(rng, proportions.width, proportions.height))
    half, rim = 0.05 * max(proportions.thick, 0.9), 0.86
    lift = -outline[:, 1].min()
    parts = [
        sheet("rim", outline, half, (0, 0, lift), rounding=0.012),
        sheet("main", outline * rim, half, (0, -0.022, lift), rounding=0.012),
    ]
    for part in _emblem(rng):
        parts.append(Part(part.solid, part.role, tuple(np.add(part.at, (0, -half - 0.03, lift + 0.01))), part.turn))
    return parts


def _crest(rng, top):
    """A plume along the helmet's ridge."""
    spine = arc(0.36, 15, 165, 10, (0.04, top - 0.36), 1.1)
    rim = arc(0.52, 165, 10, 12, (0.06, top - 0.4), 1.1)
    return sheet("plume", [*spine, *rim], 0.045, (0, 0, 0), rotation("z", 90), 0.015)


def _knight_helmet(rng, w, h):
    """A closed helmet with a pointed visor, a slit and breathing holes."""
    wide = 0.31 * w
    neck, top = 0.1, 0.72 * h
    shell = (
        (0, 0),
        (0.92 * wide, 0),
        (wide, 0.05),
        (0.94 * wide, 0.3 * top),
        (wide, 0.6 * top),
        (0.8 * wide, 0.84 * top),
        (0.42 * wide, 0.97 * top),
        (0, top),
    )
    parts = [Part(Lathe(tuple(map(tuple, curve(shell[1:], 3))) + ((0, 0),)), "main")]
    visor = [
        (-1.03 * wide, 0.12 * top),
        (-1.28 * wide, 0.42 * top),
        (-1.02 * wide, 0.68 * top),
        (-0.3 * wide, 0.7 * top),
        (-0.3 * wide, 0.12 * top),
    ]
    parts.append(sheet("visor", visor, 0.58 * wide, turn=rotation("z", 90), rounding=0.03))
    parts.append(box("slit", (0, -1.02 * wide, 0.6 * top), (0.5 * wide, 0.1, 0.03)))
    parts += [box("slit", (x, -1.2 * wide, 0.34 * top), (0.026, 0.07, 0.07)) for x in (-0.3 * wide, 0.0, 0.3 * wide)]
    parts += both_sides(
        lambda s: Part(cylinder(0.075, 0.05), "trim", (0.98 * s * wide, -0.05, 0.52 * top), rotation("y", 90))
    )
    parts.append(Part(Torus(0.97 * wide, 0.045), "trim", (0, 0, 0.045)))
    return parts + (
        [_crest(rng, top)] if rng.random() < 0.55 else [rod("trim", (0, 0, top - 0.03), (0, 0, top + neck), 0.035)]
    )


def _open_helmet(rng, w, h):
    """A dome with a band, a nose guard or cheek plates, with horns or a plume."""
    wide, tall = 0.34 * w, 0.36 * h
    base = 0.24
    shell = Cut(
        Ellipsoid((wide, wide * 1.08, tall)),
        (box("", (0, 0, -0.5), (1, 1, 0.5)), ball("", (0, 0, -0.01), 0.8 * wide, 0.86 * wide, 0.72 * tall)),
    )
    parts = [Part(shell, "main", (0, 0, base)), Part(Torus(0.97 * wide, 0.05), "trim", (0, 0, base + 0.02))]
    plate = [(-0.13, 0.03), (0.13, 0.03), (0.08, -0.22), (-0.06, -0.22)]
    parts += both_sides(lambda s: sheet("main", plate, 0.034, (0.93 * s * wide, -0.02, base), rotation("z", 90)))
    if rng.random() < 0.6:
        parts.append(box("trim", (0, -1.0 * wide, base - 0.08), (0.042, 0.036, 0.13), 0.01))
    ridge = arc(1.0, 20, 160, 11)
    parts += chain("trim", [(0, 1.08 * wide * y, base + tall * z) for y, z in ridge], 0.034)
    style = rng.integers(3)
    if style == 0:
        for s in (-1, 1):
            horn = curve(
                [
                    (0.85 * wide * s, 0, base + 0.4 * tall),
                    ((0.85 * wide + 0.2) * s, 0, base + 0.5 * tall),
                    ((0.85 * wide + 0.24) * s, -0.02, base + 0.5 * tall + 0.26),
                ],
                4,
            )
            parts += chain("horns", horn, np.linspace(0.085, 0.028, len(horn)))
    elif style == 1:
        parts.append(_crest(rng, base + tall))
    return parts


def helmet(rng, proportions):
    """A helmet: a knight's with a visor, or an open one with horns, a plume or a plain ridge."""
    kind = _knight_helmet if rng.random() < 0.5 else _open_helmet
    return kind(rng, proportions.width, proportions.height)


WEAPONS = (
    Category(
        "axe",
        axe,
        ("ax", "hatchet", "battle axe"),
        {
            "handle": (("handle", "shaft"), ("brown",)),
            "edge": (("edge",), ("white", "gray")),
            "grip": (("grip",), ("black", "red")),
        },
    ),
    Category(
        "bow",
        bow,
        ("longbow",),
        {
            "string": (("string",), ("white", "black")),
            "grip": (("grip", "handle"), ("black", "red", "brown")),
            "arrow": (("arrow",), ("gray", "brown")),
            "feathers": (("feathers",), ("red", "white", "green")),
        },
    ),
    Category(
        "shield",
        shield,
        (),
        {
            "rim": (("rim", "edge", "border"), ("golden", "silver", "brown")),
            "emblem": (("emblem", "boss"), ("golden", "white", "red")),
        },
    ),
    Category(
        "helmet",
        helmet,
        (),
        {
            "visor": (("visor",), None),
            "slit": (("slit", "slits"), ("black",)),
            "trim": (("trim",), ("golden", "black")),
            "plume": (("plume", "crest"), ("red", "blue")),
            "horns": (("horns",), ("white", "brown")),
        },
    ),
)
