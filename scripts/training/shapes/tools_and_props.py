# SPDX-License-Identifier: GPL-3.0-or-later
"""Upright tools and props: sword, hammer, key, crown."""

from dataclasses import replace

import numpy as np

from .parts import Category, Part, rotation
from .placing import around, ball, both_sides, lathe_curve, rod, smooth
from .primitives import Box, Extrusion, Lathe, Torus, cylinder
from .thickness import half_thickness


def _blade(rng, wide, long):
    kind = rng.choice(["straight", "leaf", "sabre"])
    if kind == "straight":
        point = rng.uniform(0.1, 0.25)
        return ((-wide, 0), (wide, 0), (0.9 * wide, long - point), (0.0, long), (-0.9 * wide, long - point))
    if kind == "leaf":
        half = np.array([(1, 0), (0.72, 0.25), (1.15, 0.62), (0.8, 0.85), (0, 1)])
        right = smooth(half * (wide, long))
        return tuple(map(tuple, np.concatenate([right, right[-2::-1] * (-1, 1)])))
    back = smooth([(-wide, 0), (-0.75 * wide, 0.45 * long), (0.5 * wide, 0.85 * long), (2.3 * wide, long)], 3)
    edge = smooth([(2.3 * wide, long), (2.1 * wide, 0.7 * long), (1.25 * wide, 0.4 * long), (wide, 0)], 3)
    return tuple(map(tuple, np.concatenate([back, edge[1:]])))


def _guard(rng, z, half, thick):
    kind = rng.choice(["bar", "round bar", "swept"])
    if kind == "bar":
        return [Part(Box((half, 1.15 * thick, 0.9 * thick), 0.01), "guard", (0, 0, z))]
    if kind == "round bar":
        rods = [rod("guard", (-half, 0, z), (half, 0, z), thick)]
        return rods + both_sides(lambda side: ball("guard", (side * half, 0, z), 1.35 * thick))
    return both_sides(lambda side: rod("guard", (0, 0, z), (side * half, 0, z + 0.09), 1.05 * thick))


def sword(rng, proportions):
    """A blade that points up, straight, leaf-shaped or curved; a guard, a grip and a pommel below."""
    long, grip = 0.76 * proportions.height * rng.uniform(0.9, 1.08), 0.22 * rng.uniform(0.9, 1.15)
    whole = long + grip + 0.12
    wide, thick = max(0.078 * proportions.width * rng.uniform(0.9, 1.2), 0.05), half_thickness(proportions, 0.08, whole)
    guard_z = grip + 0.08
    parts = [
        Part(Extrusion(_blade(rng, wide, long), half_thickness(proportions, 0.072, whole)), "main", (0, 0, guard_z))
    ]
    parts += _guard(rng, guard_z, max(0.17, 1.7 * wide) * rng.uniform(0.9, 1.15), thick)
    parts.append(Part(cylinder(1.05 * thick, grip / 2 + 0.02), "handle", (0, 0, guard_z - grip / 2)))
    return [*parts, ball("guard", (0, 0, 0.065), 0.065 * max(proportions.thick, 1.0))]


def _claw_head(long, size):
    """A face, a neck and a claw that bends down, along x."""
    turn = rotation("y", 90)
    over = smooth([(0, 0.85 * size), (0.35 * long, 0.8 * size), (0.68 * long, 0.1 * size), (0.85 * long, -size)], 3)
    under = np.array([(0.72, -1.15), (0.5, -0.4), (0.25, -0.3), (0, -0.5)]) * (long, size)
    claw = tuple(map(tuple, np.concatenate([over, smooth(under)])))
    parts = [Part(cylinder(1.15 * size, 0.13 * long), "main", (-0.5 * long, 0, 0), turn)]
    parts.append(Part(cylinder(0.8 * size, 0.3 * long), "main", (-0.25 * long, 0, 0), turn))
    parts.append(Part(Box((0.8 * size, 0.85 * size, 0.95 * size), 0.02), "main"))
    return parts + both_sides(lambda side: Part(Extrusion(claw, 0.4 * size), "main", (0, 0.42 * side * size, 0)))


def hammer(rng, proportions):
    """A handle with a head across its top: claw hammer, round mallet or square sledge."""
    tall, long = 0.85 * proportions.height * rng.uniform(0.92, 1.05), 0.5 * proportions.width * rng.uniform(0.92, 1.1)
    size, kind = 0.12 * proportions.thick**0.5 * rng.uniform(0.95, 1.12), rng.choice(["claw", "mallet", "sledge"])
    top = tall - 0.02
    if kind == "claw":
        head = [replace(part, at=tuple(np.add(part.at, (0, 0, top)))) for part in _claw_head(0.66 * long, size)]
    elif kind == "mallet":
        head = [Part(cylinder(1.25 * size, long / 2), "main", (0, 0, top), rotation("y", 90))]
        rim, turn = cylinder(1.45 * size, 0.05), rotation("y", 90)
        head += both_sides(lambda side: Part(rim, "main", (0.46 * side * long, 0, top), turn))
    else:
        head = [Part(Box((long / 2, 1.1 * size, 1.15 * size), 0.025), "main", (0, 0, top))]
    grip = half_thickness(proportions, 0.096, tall + size)
    parts = [*head, rod("handle", (0, 0, grip), (0, 0, top + 0.05), grip)]
    if rng.random() < 0.5:
        parts.append(rod("handle", (0, 0, 1.35 * grip), (0, 0, 0.32 * tall), 1.35 * grip))
    return parts


def _bow(rng, radius, thick):
    """The grip of an upright key, seen from the front."""
    turn, kind = rotation("x", 90), rng.choice(["ring", "clover", "disc"])
    if kind == "ring":
        ring = radius - thick
        return [Part(Torus(ring, thick), "handle", (0, 0, radius), turn)]
    if kind == "disc":
        inner = 0.48 * radius
        profile = ((inner, -thick), (radius, -thick), (radius, thick), (inner, thick))
        return [Part(Lathe(profile), "handle", (0, 0, radius), turn)]
    lobe = 0.47 * radius
    places = [(-0.56 * radius, radius), (0.56 * radius, radius), (0, 0.44 * radius + thick)]
    lobes = [Part(Torus(lobe, thick), "handle", (x, 0, z), turn) for x, z in places]
    return [*lobes, rod("handle", (0, 0, radius), (0, 0, 2 * radius), 1.1 * thick)]


def key(rng, proportions):
    """An upright key on its bow (ring, disc or clover) with the bit at the top, two or three teeth or a flag."""
    tall = 0.98 * proportions.height * rng.uniform(0.94, 1.04)
    radius = 0.2 * proportions.width * min(proportions.height, 1.0) ** 0.7 * rng.uniform(0.95, 1.12)
    thick = half_thickness(proportions, 0.09, tall)
    parts = _bow(rng, radius, thick)
    parts.append(rod("main", (0, 0, 2 * radius - thick), (0, 0, tall - thick), 1.1 * thick))
    parts.append(Part(cylinder(1.75 * thick, 0.04), "main", (0, 0, 2 * radius + 0.03)))
    reach, step = 0.17 * proportions.width * rng.uniform(0.95, 1.15), max(0.16, 3.4 * thick)
    if rng.random() < 0.3:
        return [*parts, Part(Box((reach / 2, thick, 0.12)), "teeth", (reach / 2, 0, tall - 0.18))]
    for index in range(rng.integers(2, 4)):
        length = reach * rng.uniform(0.75, 1.1)
        parts.append(Part(Box((length / 2, thick, thick)), "teeth", (length / 2, 0, tall - 1.6 * thick - index * step)))
    return parts


def _ring_wall(role, radius, wall, low, high, flare=0.0):
    profile = ((radius - wall, low), (radius, low), (radius + flare, high), (radius - wall + flare, high))
    return Part(Lathe(profile), role)


def _cap(radius, low, high):
    """A cloth dome inside a crown."""
    dome = ((0, 0), (1, 0), (0.98, 0.3), (0.85, 0.65), (0.5, 0.93), (0, 1))
    return lathe_curve("cap", [(radius * r, low + (high - low) * z) for r, z in dome])


def crown(rng, proportions):
    """A ring with five to eight points, plain or tipped with jewels; jewels around it or not; open or with a cap."""
    radius, wall = 0.4 * proportions.width * rng.uniform(0.92, 1.08), max(0.085 * proportions.thick, 0.075)
    low, tall = 0.2 * proportions.height * rng.uniform(0.9, 1.2), 0.27 * proportions.height * rng.uniform(0.9, 1.15)
    count, flare = rng.integers(5, 9), rng.uniform(0.0, 0.06)
    parts = [_ring_wall("main", radius, wall, 0.0, low + 0.03, flare)]
    parts.append(_ring_wall("band", radius + 0.03, wall + 0.03, 0.0, 0.085))
    middle = radius + flare - wall / 2
    chord = 0.92 * middle * np.tan(np.pi / count)
    point = Extrusion(((-chord, 0), (chord, 0), (0.04, tall), (-0.04, tall)), wall / 2)
    tips = rng.random() < 0.6
    for angle, (x, y, z) in around(count, middle, low, -90):
        parts.append(Part(point, "main", (x, y, z), rotation("z", angle - 90)))
        if tips:
            parts.append(ball("gems", (x, y, z + tall), 0.058))
    if rng.random() < 0.7:
        band = around(min(count, 6), radius + 0.02, 0.6 * low + 0.03, -90)
        parts += [ball("gems", place, 0.055) for _, place in band]
    if rng.random() < 0.3:
        parts.append(_cap(radius - 0.5 * wall, 0.3 * low, low + 0.55 * tall))
    return parts


THINGS = (
    Category(
        "sword",
        sword,
        accents={
            "handle": (("handle", "hilt", "grip"), ("brown", "black")),
            "guard": (("guard", "crossguard"), ("yellow", "gray")),
        },
    ),
    Category("hammer", hammer, ("mallet",), {"handle": (("handle",), ("brown",))}),
    Category("key", key, accents={"handle": (("handle", "bow"), None), "teeth": (("teeth",), None)}),
    Category(
        "crown",
        crown,
        accents={
            "gems": (("gems", "jewels"), ("red", "blue", "green", "purple")),
            "band": (("band",), None),
            "cap": (("cap", "lining"), ("red", "purple")),
        },
    ),
)
