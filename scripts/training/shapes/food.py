# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweet and savory food: donut, burger, ice cream, cake."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import around, ball, cone, lathe_curve, rod
from .primitives import Box, Capsule, Lathe, Torus, cylinder
from .thickness import half_thickness


def _ring(role, ring, half_wide, half_tall, at, first=0.0, last=360.0):
    """A ring around z whose section is (a piece, in degrees, of) an ellipse."""
    angles = np.radians(np.linspace(first, last, 18, endpoint=last - first < 360.0))
    profile = [(ring + half_wide * np.cos(a), half_tall * np.sin(a)) for a in angles]
    return Part(Lathe(tuple(profile)), role, at)


def donut(rng, proportions):
    """A horizontal ring of dough under icing with a smooth or dripping rim, with or without sprinkles."""
    half_wide = 0.16 * proportions.thick**0.5 * rng.uniform(0.9, 1.12)
    half_tall = 0.155 * proportions.height * proportions.thick**0.5 * rng.uniform(0.9, 1.1)
    ring = max(0.33 * proportions.width * rng.uniform(0.95, 1.05), half_wide + 0.14)
    middle = (0, 0, half_tall)
    parts = [_ring("dough", ring, half_wide, half_tall, middle)]
    sag = rng.uniform(-5, 9)
    parts.append(_ring("main", ring, half_wide + 0.025, half_tall + 0.035, middle, -sag, 180 + sag))
    if rng.random() < 0.5:
        for _, place in around(rng.integers(7, 10), ring + half_wide - 0.02, half_tall, rng.uniform(0, 50)):
            parts.append(ball("main", place, 0.07, 0.07, half_tall * rng.uniform(0.3, 0.6)))
    if rng.random() < 0.6:
        top, slope = 2 * half_tall + 0.035, 0.5 * half_wide
        for index, (angle, place) in enumerate(around(11, ring, top, rng.uniform(0, 30))):
            shift, drop = ((0.0, 0.0), (slope, 0.13), (-slope, 0.13))[index % 3]
            at = np.add(place, rotation("z", angle) @ (shift, 0, -drop * half_tall))
            along = rotation("z", rng.uniform(0, 180))
            parts.append(Part(Capsule((-0.035, 0, 0), (0.035, 0, 0), 0.037), "sprinkles", tuple(at), along))
    return parts


def _leafy_disc(rng, radius, z):
    """A lettuce leaf: a disc with a wavy rim."""
    parts = [Part(cylinder(radius, 0.035), "lettuce", (0, 0, z))]
    for index, (_, (x, y, _z)) in enumerate(around(8, 0.92 * radius, z, rng.uniform(0, 45))):
        parts.append(ball("lettuce", (x, y, z - 0.012 + 0.02 * (index % 2)), 0.16 * radius + 0.06, None, 0.042))
    return parts


def _bun_top(wide, tall, z, rng):
    dome = ((0, 0), (0.8, 0), (0.97, 0.08), (1.0, 0.28), (0.88, 0.62), (0.6, 0.88), (0.28, 0.98), (0, 1.0))
    parts = [lathe_curve("main", [(wide * r, tall * h) for r, h in dome], (0, 0, z))]
    if rng.random() < 0.6:
        parts.append(ball("seeds", (0, 0, z + tall), 0.05, 0.04, 0.035))
        for angle, place in around(5, 0.6 * wide, z + 0.89 * tall, rng.uniform(0, 60)):
            parts.append(ball("seeds", place, 0.05, 0.04, 0.035, rotation("z", angle)))
    return parts


def burger(rng, proportions):
    """Bun, patty, bun with lettuce, cheese or both between; one or two patties; with or without seeds."""
    wide, lift = 0.42 * proportions.width * rng.uniform(0.95, 1.05), proportions.height * rng.uniform(0.9, 1.1)
    base = 0.17 * lift
    low = ((0, 0), (0.8 * wide, 0), (0.97 * wide, 0.35 * base), (wide, 0.7 * base), (0.9 * wide, base), (0, base))
    parts, z = [lathe_curve("main", low)], base
    for index in range(rng.choice([1, 1, 1, 2])):
        half = max(0.055 * proportions.thick * lift, 0.042) * (0.9 if index else 1.0)
        edge = ((0.95 * wide, -half), (1.05 * wide, -0.4 * half), (1.05 * wide, 0.4 * half), (0.95 * wide, half))
        patty = ((0, -half), *edge, (0, half))
        parts.append(Part(Lathe(patty), "patty", (0, 0, z + half - 0.012)))
        z += 2 * half - 0.015
    filling = rng.choice(["cheese", "lettuce", "both"], p=[0.3, 0.25, 0.45])
    if filling != "lettuce":
        side = 0.84 * wide
        parts.append(Part(Box((side, side, 0.037), 0.01), "cheese", (0, 0, z + 0.025), rotation("z", 45)))
        z += 0.055
    if filling != "cheese":
        parts += _leafy_disc(rng, wide, z + 0.025)
        z += 0.055
    return parts + _bun_top(wide, 0.36 * lift, z - 0.015, rng)


def _cone_below(rng, proportions):
    """The cone's parts, its rim radius and its height: a pointed cone or a flat-footed cup."""
    radius = 0.19 * proportions.width**0.5 * rng.uniform(0.95, 1.1)
    if rng.random() < 0.7:
        height = 0.46 * proportions.height * rng.uniform(0.9, 1.1)
        profile = ((0, 0), (0.035, 0.0), (radius, height), (0, height))
        rim = ((0, height - 0.09), (0.95 * radius, height - 0.09), (1.12 * radius, height), (0, height))
        return [Part(Lathe(profile), "cone"), Part(Lathe(rim), "cone")], radius, height
    height = 0.4 * proportions.height * rng.uniform(0.9, 1.1)
    cup = ((0, 0), (0.6, 0), (0.72, 0.6), (1.1, 0.68), (1.15, 1), (0, 1))
    return [Part(Lathe(tuple((radius * r, height * z) for r, z in cup)), "cone")], radius, height


def _scoops(rng, proportions, radius, z):
    """One to three stacked scoops; returns the parts and the top's (radius, z)."""
    size, parts = 1.42 * radius * proportions.width**0.5 * rng.uniform(0.98, 1.1), []
    for index in range(rng.choice([1, 1, 2, 3])):
        z += 0.45 * size if index == 0 else 1.12 * size
        parts.append(ball("main", (0, 0, z), size))
        for _, place in around(7, 0.85 * size, z - 0.42 * size, rng.uniform(0, 50)) if index == 0 else ():
            parts.append(ball("main", place, 0.07))
        top, size = (size, z), 0.87 * size
    return parts, *top


def _swirl(rng, proportions, radius, z):
    """Soft ice: rings that narrow to a tip."""
    ring, tube, parts = 0.8 * radius * proportions.width**0.5, 0.1 * rng.uniform(0.9, 1.1), []
    for _ in range(3):
        at = (0, 0, z + 0.5 * tube)
        parts += [Part(Torus(ring, tube), "main", at), Part(cylinder(ring, tube), "main", at)]
        z, ring, tube = z + 1.35 * tube, 0.68 * ring, 0.92 * tube
    parts.append(cone("main", (0, 0, z + 0.16), (0, 0, z - 0.06), 1.9 * ring, 0.035))
    return parts


def icecream(rng, proportions):
    """One to three scoops or a soft swirl on a pointed cone or a flat-footed one; sauce or a cherry on top."""
    parts, radius, height = _cone_below(rng, proportions)
    if rng.random() < 0.25:
        return parts + _swirl(rng, proportions, radius, height)
    scoops, size, z = _scoops(rng, proportions, radius, height)
    parts += scoops
    top = z + size
    if rng.random() < 0.35:
        parts.append(ball("sauce", (0, 0, z + 0.42 * size), 0.82 * size, None, 0.66 * size))
        parts += [
            rod("sauce", (x, y, z + 0.45 * size), (x, y, z + rng.uniform(0.05, 0.3) * size), 0.05)
            for _, (x, y, _z) in around(6, 0.84 * size, z, rng.uniform(0, 60))
        ]
        top += 0.08 * size
    if rng.random() < 0.5:
        parts.append(ball("cherry", (0, 0, top + 0.045), 0.075))
    return parts


def _plain_tier(radius, low, tall):
    """One of several layers: sponge with a lid of icing, overlapping the layer below."""
    sponge = Part(cylinder(radius, tall / 2 + 0.01), "main", (0, 0, low + tall / 2))
    return [sponge, Part(cylinder(radius + 0.025, 0.042), "icing", (0, 0, low + tall - 0.015))]


def _tier(rng, radius, low, tall):
    """One layer of sponge with icing on top that runs down its side, or piped around its edge."""
    parts = [Part(cylinder(radius, tall / 2), "main", (0, 0, low + tall / 2))]
    top = low + tall
    parts.append(Part(cylinder(radius + 0.02, 0.04), "icing", (0, 0, top - 0.015)))
    if rng.random() < 0.5:
        return parts + [ball("icing", place, 0.055) for _, place in around(10, radius - 0.03, top + 0.03)]
    for _, (x, y, z) in around(8, radius - 0.012, top - 0.04, rng.uniform(0, 45)):
        parts.append(rod("icing", (x, y, z), (x, y, z - tall * rng.uniform(0.08, 0.35)), 0.05))
    return parts


def _candles(rng, proportions, radius, top):
    count, thick, tall = rng.integers(1, 5), half_thickness(proportions, 0.08), 0.17 * rng.uniform(0.85, 1.2)
    places = [(0.0, 0.0, top)] if count == 1 else [place for _, place in around(count, 0.55 * radius, top, -90)]
    parts = []
    for x, y, z in places:
        parts += [
            Part(cylinder(thick, tall / 2 + 0.02), "candles", (x, y, z + tall / 2)),
            ball("flames", (x, y, z + tall + 0.045), 0.045, 0.045, 0.07),
        ]
    return parts


def cake(rng, proportions):
    """A round cake of one to three tiers, iced, with candles or a cherry."""
    radius, lift = 0.42 * proportions.width * rng.uniform(0.92, 1.06), proportions.height * rng.uniform(0.9, 1.12)
    tiers = rng.choice([1, 1, 2, 3])
    tall = lift * (0.38, 0.27, 0.24)[tiers - 1]
    radii, top = radius * (0.6 if tiers == 2 else 0.7) ** np.arange(tiers), tiers * tall
    if tiers == 1:
        parts = _tier(rng, radius, 0.0, tall)
    else:
        parts = [part for tier, size in enumerate(radii) for part in _plain_tier(size, tier * tall, tall)]
    radius = radii[-1]
    if rng.random() < 0.6:
        return parts + _candles(rng, proportions, radius, top)
    if radius > 0.3:
        ring = around(rng.integers(4, 7), 0.6 * radius, top + 0.06, -90)
        return parts + [ball("cherry", place, 0.07) for _, place in ring]
    return [*parts, ball("cherry", (0, 0, top + 0.075), 0.085)]


FOOD = (
    Category(
        "donut",
        donut,
        ("doughnut",),
        {"dough": (("dough",), ("brown", "orange")), "sprinkles": (("sprinkles",), ("white", "yellow", "cyan"))},
    ),
    Category(
        "burger",
        burger,
        ("hamburger", "cheeseburger"),
        {
            "patty": (("patty", "meat"), ("brown",)),
            "lettuce": (("lettuce", "salad"), ("green",)),
            "cheese": (("cheese",), ("yellow",)),
            "seeds": (("seeds", "sesame seeds"), ("white", "yellow")),
        },
    ),
    Category(
        "icecream",
        icecream,
        ("ice-cream", "ice cream", "ice cream cone", "cone"),
        {
            "cone": (("cone", "waffle"), ("brown", "orange")),
            "sauce": (("sauce", "topping"), ("brown", "red", "white")),
            "cherry": (("cherry",), ("red",)),
        },
    ),
    Category(
        "cake",
        cake,
        ("birthday cake",),
        {
            "icing": (("icing", "frosting"), ("white", "pink")),
            "candles": (("candles", "candle"), ("white", "blue", "pink")),
            "flames": (("flames", "flame"), ("orange", "yellow")),
            "cherry": (("cherries", "cherry"), ("red",)),
        },
    ),
)
