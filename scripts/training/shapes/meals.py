# SPDX-License-Identifier: GPL-3.0-or-later
"""Pizzas, hot dogs and cheese."""

import numpy as np

from .combined import Cut
from .parts import Category, Part
from .placing import FLAT, arc, around, ball, blend, box, chain, curve, rod, sheet
from .primitives import Extrusion, Torus, cylinder


def _toppings(rng, places, z):
    """Slices of sausage, rings of olives and leaves on some places of a pizza; roles by what is there."""
    parts = []
    for index, (x, y, wide) in enumerate(places):
        kind = index % 3 if rng.random() < 0.85 else 0
        if kind == 0:
            parts.append(Part(cylinder(wide, 0.032, 0.9 * wide), "pepperoni", (x, y, z + 0.012)))
        elif kind == 1:
            parts.append(Part(Torus(0.048, 0.028), "olives", (x, y, z + 0.012)))
        else:
            parts.append(ball("basil", (x, y, z + 0.01), 0.075, 0.045, 0.032))
    return parts


def _whole_pizza(rng, w, h, t):
    radius, thick = 0.5, 0.04 * h
    parts = [
        Part(cylinder(radius - 0.05, thick), "crust", (0, 0, thick)),
        Part(cylinder(radius - 0.07, 0.02), "main", (0, 0, 2 * thick + 0.012)),
    ]
    parts.append(Part(Torus(radius - 0.06, 0.06 * max(t, 0.9)), "crust", (0, 0, 1.4 * thick)))
    z = 2 * thick + 0.03
    places = [(x, y, 0.085) for _, (x, y, _z) in around(6, 0.27, z, rng.uniform(0, 60))]
    places += [(x, y, 0.075) for _, (x, y, _z) in around(3, 0.11, z, rng.uniform(0, 90))]
    return parts + _toppings(rng, [places[i] for i in rng.permutation(9)], z)


def _slice_of_pizza(rng, w, h, t):
    """A slice with its tip towards the front, its crust behind."""
    long, half, thick = 0.92, 0.36 * w**0.5, 0.035 * h
    outline = [(0, -long), (half, -0.06), (0.5 * half, 0.0), (-0.5 * half, 0.0), (-half, -0.06)]
    parts = [sheet("crust", outline, thick, (0, 0, thick), FLAT, 0.01)]
    parts.append(sheet("main", np.multiply(outline, 0.93) - (0, 0.03), 0.026, (0, 0, 2 * thick + 0.005), FLAT, 0.01))
    rim = [(-half, -0.06, 0.06), (-0.5 * half, 0.01, 0.065), (0.5 * half, 0.01, 0.065), (half, -0.06, 0.06)]
    parts.append(blend("crust", chain("crust", rim, 0.068 * max(t, 0.9)), 0.02))
    drip = 0.3 * half
    parts += [
        rod("main", (x, y, 2 * thick), (x, y - 0.02, thick), 0.038)
        for x, y in ((-drip, -0.5 * long), (drip * 0.7, -0.62 * long))
    ]
    places = [
        (-0.4 * half, -0.24, 0.1),
        (0.42 * half, -0.3, 0.095),
        (0.02, -0.46, 0.09),
        (-0.02, -0.19, 0.07),
        (0.05, -0.64, 0.07),
    ]
    return parts + _toppings(rng, places, 2 * thick + 0.022)


def pizza(rng, proportions):
    """A whole pizza or one slice: cheese on a crust, with sausage, olives and basil."""
    kind = _whole_pizza if rng.random() < 0.55 else _slice_of_pizza
    return kind(rng, proportions.width, proportions.height, proportions.thick)


def hot_dog(rng, proportions):
    """A sausage in a bun with a wave of mustard, with or without salad or seeds."""
    half, wide = 0.5 * proportions.width, 0.15 * rng.uniform(0.85, 1.25)
    fat, lift = 0.085 * max(proportions.thick, 0.9) * rng.uniform(0.95, 1.1), 0.14 * proportions.height**0.5
    long, parts = half - rng.uniform(0.08, 0.17), []
    for s in (-1, 1):
        y = 0.85 * s * wide
        body = rod("main", (-0.95 * long, y, lift), (0.95 * long, y, lift), lift)
        parts.append(blend("main", [body, ball("main", (0, y, lift), long + 0.09, 0.75 * wide, 1.02 * lift)], 0.04))
    parts.append(box("main", (0, 0, 0.5 * lift), (0.95 * long, 0.8 * wide, 0.45 * lift), 0.04))
    sausage = [
        (-half, 0, 1.75 * lift),
        (-0.5 * half, 0, 1.7 * lift),
        (0.5 * half, 0, 1.7 * lift),
        (half, 0, 1.75 * lift),
    ]
    parts += chain("sausage", sausage, fat)
    waves, z = rng.integers(4, 7), 1.7 * lift + 0.88 * fat
    points = [(x, 0.042 * (-1) ** k, z) for k, x in enumerate(np.linspace(-0.85 * half, 0.85 * half, 2 * waves))]
    parts += chain("mustard", points, 0.032)
    extra = rng.integers(3)
    if extra == 1:
        for s in (-1, 1):
            parts += [
                ball("lettuce", (x, s * 0.8 * fat, 1.72 * lift), 0.09, 0.06, 0.05)
                for x in np.linspace(-0.8 * long, 0.8 * long, 7)
            ]
    return parts


def _wedge(rng, w, h, t):
    """A wedge of cheese with holes."""
    half, deep, tall = 0.5 * w**0.6, 0.34, 0.36 * h * rng.uniform(0.9, 1.15)
    outline = [
        (-half, -0.1),
        (0.75 * half, -deep),
        *curve([(0.75 * half, -deep), (half, 0.0), (0.9 * half, deep)], 4)[1:],
    ]
    holes = []
    for x in np.linspace(-0.25, 0.68, 4) * half:
        size = rng.uniform(0.06, 0.11)
        y = np.interp(x, (-half, 0.75 * half), (-0.1, -deep))
        holes.append(ball("", (x, y, rng.uniform(0.22, 0.78) * tall - tall / 2), size))
    for x in (0.1, 0.5):
        holes.append(ball("", (x * half, rng.uniform(-0.15, 0.15), tall / 2), rng.uniform(0.06, 0.1)))
    tools = tuple(Part(p.solid, "", (p.at[0], -p.at[2], p.at[1])) for p in holes)
    solid = Cut(Extrusion(tuple(map(tuple, outline)), tall / 2), tools)
    back = [
        *curve([(0.75 * half, -deep), (half, 0.0), (0.9 * half, deep)], 4),
        *curve([(0.9 * half + 0.05, deep), (half + 0.05, 0), (0.75 * half + 0.05, -deep)], 4),
    ]
    return [Part(solid, "main", (0, 0, tall / 2), FLAT), sheet("rind", back, tall / 2, (0, 0, tall / 2), FLAT)]


def _wheel(rng, w, h, t):
    """A wheel of cheese with a wedge cut out and laid in front."""
    radius, tall, first = 0.45, 0.3 * h * rng.uniform(0.85, 1.2), rng.choice([-70.0, -110.0])
    gap = rng.choice([48.0, 64.0])
    points = arc(radius, first + gap / 2, first + 360 - gap / 2, 26)
    outline = [(0.0, 0.0), *points]
    inner = [(0.0, 0.0), *np.multiply(points, 0.92)]
    middle = np.radians(first)
    parts = [Part(cylinder(0.55, 0.034), "board", (0, 0, -0.03))]
    parts.append(sheet("rind", outline, tall / 2, (0, 0, tall / 2), FLAT, 0.015))
    face = [tuple(0.94 * np.array(p)) for p in inner]
    parts.append(sheet("main", face, tall / 2 + 0.014, (0, 0, tall / 2), FLAT))
    cut = [(0.0, 0.0), *arc(0.93 * radius, first + gap / 2 - 1.5, first + gap / 2 + 8, 4)]
    parts.append(sheet("main", cut, tall / 2 + 0.012, (0, 0, tall / 2), FLAT))
    cut = [(0.0, 0.0), *arc(0.93 * radius, first - gap / 2 - 8, first - gap / 2 + 1.5, 4)]
    parts.append(sheet("main", cut, tall / 2 + 0.012, (0, 0, tall / 2), FLAT))
    if rng.random() < 0.6:
        shift = (0.15 * np.cos(middle), 0.15 * np.sin(middle), tall / 2)
        piece = [(0.0, 0.0), *arc(radius, first - gap / 2 + 1, first + gap / 2 - 1, 7)]
        parts.append(sheet("main", np.multiply(piece, 0.94), tall / 2, shift, FLAT))
        edge = [
            *arc(radius, first - gap / 2 + 1, first + gap / 2 - 1, 7),
            *arc(0.88 * radius, first + gap / 2 - 1, first - gap / 2 + 1, 7),
        ]
        parts.append(sheet("rind", edge, tall / 2, shift, FLAT))
    return parts


def cheese(rng, proportions):
    """A wedge of cheese with holes and a rind, or a wheel on a board with a piece cut out."""
    kind = _wedge if rng.random() < 0.7 else _wheel
    return kind(rng, proportions.width, proportions.height, proportions.thick)


MEALS = (
    Category(
        "pizza",
        pizza,
        (),
        {
            "crust": (("crust", "edge"), ("brown", "orange")),
            "pepperoni": (("pepperoni", "salami"), ("red",)),
            "olives": (("olives",), ("black", "green")),
            "basil": (("basil",), ("green",)),
        },
    ),
    Category(
        "hotdog",
        hot_dog,
        ("hot dog",),
        {
            "sausage": (("sausage",), ("red", "brown")),
            "mustard": (("mustard", "sauce", "ketchup"), ("yellow", "red")),
            "lettuce": (("lettuce", "salad"), ("green",)),
        },
    ),
    Category("cheese", cheese, (), {"rind": (("rind", "skin"), ("orange", "red")), "board": (("board",), ("brown",))}),
)
