# SPDX-License-Identifier: GPL-3.0-or-later
"""Wands, potions, gems and coins."""

import numpy as np

from .faceted import Faceted
from .parts import Category, Part, rotation
from .placing import ball, both_sides, box, chain, cone, curve, sheet, taper
from .primitives import Lathe, Torus, cylinder
from .thickness import half_thickness


def star_outline(points, outer, inner, start=90.0):
    """Return the outline of a star around its middle."""
    turn = np.radians(start + np.arange(2 * points) * 180 / points)
    radius = np.where(np.arange(2 * points) % 2 == 0, outer, inner)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1)


def _prism(role, sides, levels, at=(0, 0, 0)):
    """Facets: a solid of `sides` edges whose radius changes with the height, as slabs cut at an angle."""
    return Part(Faceted(sides, tuple(levels)), role, at)


def wand(rng, proportions):
    """A wand: a tapered stick with a knob, a star, a crystal or a ball with rays at its tip; a wound grip."""
    tall, thick = 0.8 * proportions.height, half_thickness(proportions, 0.06)
    size, style = 0.15 * proportions.width * rng.uniform(0.92, 1.15), rng.integers(4)
    parts = [taper("main", (0, 0, thick), (0, 0, tall), 1.25 * thick, 0.85 * thick)]
    top = tall + 0.8 * size
    if style == 0:
        parts.append(sheet("tip", star_outline(5, 1.35 * size, 0.6 * size), 0.045, (0, 0, top), rounding=0.015))
    elif style == 1:
        parts += [ball("tip", (0, 0, top), size), Part(Torus(0.75 * size, 0.034), "rings", (0, 0, tall + 0.1 * size))]
    elif style == 2:
        parts += [
            cone("tip", (0, 0, top + 1.1 * size), (0, 0, top), 0.62 * size, 0.012),
            cone("tip", (0, 0, tall - 0.02), (0, 0, top + 0.002), 0.62 * size, 0.03),
        ]
        for angle in (0, 120, 240):
            out = rotation("z", angle)
            parts += chain(
                "rings",
                [(0, 0, tall - 0.1), out @ (0.8 * size, 0, tall + 0.25 * size), out @ (0.62 * size, 0, top)],
                0.03,
            )
    else:
        heart = 0.9 * size
        parts += both_sides(
            lambda s: taper(
                "tip", (0, 0, top - 0.75 * heart), (0.5 * s * heart, 0, top + 0.4 * heart), 0.05, 0.6 * heart
            )
        )
    count = rng.integers(2, 5)
    parts += [Part(Torus(1.05 * thick, 0.026), "rings", (0, 0, z)) for z in 0.06 + 0.075 * np.arange(count)]
    if rng.random() < 0.4:
        low = tall + (0 if style == 0 else -0.12)
        parts += both_sides(lambda s: taper("bow", (0, 0, low), (0.13 * s, -0.02, low - 0.05), 0.03, 0.05))
    return parts


_FLASKS = (
    ((0.0, 0.0), (0.2, 0.0), (0.34, 0.12), (0.38, 0.28), (0.3, 0.46), (0.12, 0.58)),
    ((0.0, 0.0), (0.33, 0.0), (0.38, 0.05), (0.26, 0.32), (0.12, 0.56)),
    ((0.0, 0.0), (0.25, 0.0), (0.27, 0.04), (0.27, 0.46), (0.22, 0.54), (0.11, 0.58)),
    ((0.0, 0.0), (0.16, 0.0), (0.3, 0.2), (0.34, 0.42), (0.22, 0.55), (0.12, 0.6)),
)


def potion(rng, proportions):
    """A flask of glass with a colored drink, a neck with a collar and a cork; round, conical or straight."""
    w, h = proportions.width, proportions.height
    shape = np.array(_FLASKS[rng.integers(len(_FLASKS))]) * (w * rng.uniform(0.95, 1.05), h)
    body = curve(shape[1:], 5)
    fill = rng.uniform(0.5, 0.72) * shape[-1, 1]
    neck, top = shape[-1, 0], shape[-1, 1] + 0.14 * h

    def side(z):
        return float(np.interp(z, body[:, 1], body[:, 0]))

    glass = [
        (0, fill - 0.01),
        *[(side(z), z) for z in np.linspace(fill - 0.01, shape[-1, 1], 8)],
        (neck, top),
        (0, top),
    ]
    drink = [(0, 0), *[(side(z) + 0.006, z) for z in np.linspace(0, fill, 14)], (0, fill)]
    parts = [
        Part(Lathe(tuple(drink)), "main"),
        Part(Lathe(tuple(glass)), "glass"),
        Part(Torus(neck, 0.04), "collar", (0, 0, top - 0.02)),
    ]
    parts.append(Part(cylinder(0.88 * neck, 0.07, neck), "cork", (0, 0, top + 0.045)))
    if rng.random() < 0.5:
        parts.append(Part(Torus(neck + 0.01, 0.03), "cord", (0, 0, shape[-1, 1] + 0.03)))
    if rng.random() < 0.6:
        z = 0.42 * shape[-1, 1]
        lean = np.degrees(np.arctan2(side(z - 0.06) - side(z + 0.06), 0.12))
        parts.append(ball("label", (0, -side(z) + 0.015, z), 0.13 * w**0.5, 0.045, 0.11, rotation("x", lean)))
    elif rng.random() < 0.6:
        for z, x in ((0.2, -0.08), (0.34, 0.09), (0.28, 0.0)):
            height = z * shape[-1, 1] / 0.58
            deep = np.sqrt(max(side(height) ** 2 - x**2, 0.01))
            parts.append(ball("bubbles", (x, -deep + 0.01, height), 0.042))
    return parts


def gem(rng, proportions):
    """A cut gem: a brilliant of six or eight sides, or an emerald cut with a table in front."""
    w, h = proportions.width, proportions.height
    if rng.random() < 0.6:
        sides, wide, z = rng.choice([6, 8]), 0.46 * w, 0.58 * h * rng.uniform(0.85, 1.1)
        crown = ((0.995 * wide, z + 0.03), (rng.uniform(0.5, 0.66) * wide, z + 0.19 * h))
        return [_prism("main", sides, ((0.02, 0.0), (wide, z), (wide, z + 0.04))), _prism("top", sides, crown)]
    x, tall, cut = 0.33 * w, 0.8 * h, rng.uniform(0.1, 0.2)
    right = [(0.62 * x, 0), (x, cut), (x, tall - cut), (0.62 * x, tall)]
    outline = np.array([*right, *((-px, z) for px, z in right[::-1])]) - (0, tall / 2)
    steps = (("main", 1.0, 0.1), ("main", 0.84, 0.15), ("top", 0.66, 0.19))
    return [sheet(role, outline * share, half, (0, 0, tall / 2)) for role, share, half in steps]


def crystal(rng, proportions):
    """A crystal with two points, or a cluster of crystals on a rock."""
    w, h = proportions.width, proportions.height
    if rng.random() < 0.4:
        wide, tall, sides = 0.24 * w, 0.98 * h, rng.choice([5, 6, 8])
        cut = rng.uniform(0.22, 0.34)
        return [
            _prism("main", sides, ((0.015, 0.0), (wide, cut * tall), (wide, (1 - cut) * tall))),
            _prism("top", sides, ((wide, (1 - cut) * tall - 0.01), (0.015, tall))),
        ]
    parts = [ball("base", (0, 0, 0.08), 0.38 * w, 0.3, 0.12)]
    count = rng.integers(3, 6)
    for index in range(count + 1):
        lean, turn = (rng.uniform(20, 32), index * 360 / count) if index else (0.0, rng.uniform(0, 60))
        high = (0.55 if index else 0.82) * h * rng.uniform(0.85, 1.12)
        wide, shift = 0.115 * w**0.5 * rng.uniform(0.85, 1.1), 0.13 if index else 0.0
        at = np.add((0, 0, 0.05), rotation("z", turn) @ (shift, 0, 0))
        solid = Faceted(6, ((wide, 0.0), (wide, 0.72 * high), (0.012, high)))
        parts.append(Part(solid, "main", tuple(at), rotation("z", turn) @ rotation("y", lean)))
    return parts


def _pile_of_coins(rng, radius, thick):
    parts = []
    for index in range(rng.integers(4, 8)):
        at = (*rng.uniform(-0.035, 0.035, 2), (2 * index + 1) * thick)
        parts.append(Part(cylinder(radius, thick - 0.008), "main", at))
        parts.append(Part(Torus(radius - 0.012, 0.03), "rim", at))
        parts.append(Part(cylinder(0.8 * radius, thick), "main", at))
    top = np.add(at, (0, 0, thick + 0.006))
    return [*parts, sheet("emblem", star_outline(5, 0.2, 0.09), 0.025, top, rotation("x", -90))]


def _coin_face(rng, z, half):
    """A star, a crown, a square with a hole, a one or a heart on both sides of a coin."""
    style = rng.integers(5)
    if style == 0:
        return [sheet("emblem", star_outline(5, 0.28, 0.12), half, (0, 0, z))]
    if style == 1:
        crown = [(-0.24, -0.16), (0.24, -0.16), (0.28, 0.16), (0.12, 0.0), (0.0, 0.2), (-0.12, 0.0), (-0.28, 0.16)]
        return [sheet("emblem", crown, half, (0, 0, z))]
    if style == 2:
        square, hole = star_outline(4, 0.3, 0.3, 45), star_outline(4, 0.17, 0.17, 45)
        return [sheet("emblem", square, half, (0, 0, z)), sheet("main", hole, half + 0.008, (0, 0, z))]
    if style == 3:
        strokes = ((0, 0, 0.05, 0.26), (0, -0.24, 0.13, 0.045), (-0.06, 0.2, 0.07, 0.045))
        return [box("emblem", (x, 0, z + up), (wide, half, tall)) for x, up, wide, tall in strokes]
    return both_sides(lambda s: taper("emblem", (0, 0, z - 0.2), (0.11 * s, 0, z + 0.1), 0.06, 0.13))


def coin(rng, proportions):
    """A coin upright or a pile of coins: a raised rim, and a star, a crown, a square, a one or a heart."""
    thick = 0.055 * max(proportions.thick, 0.9)
    if rng.choice(["one", "pile"], p=(0.75, 0.25)) == "pile":
        return _pile_of_coins(rng, 0.36 * proportions.width, thick)
    radius, half, front = 0.5, thick + 0.022, rotation("x", 90)
    rim = ((radius - 0.085, -half), (radius, -half), (radius, half), (radius - 0.085, half))
    parts = [Part(cylinder(radius - 0.02, thick), "main", (0, 0, radius), front)]
    return [*parts, Part(Lathe(rim), "rim", (0, 0, radius), front), *_coin_face(rng, radius, half)]


TREASURES = (
    Category(
        "wand",
        wand,
        ("magic wand",),
        {
            "tip": (("tip", "star"), ("golden", "cyan", "pink")),
            "rings": (("rings", "bands"), ("golden", "silver")),
            "bow": (("bow",), ("pink", "red")),
        },
    ),
    Category(
        "potion",
        potion,
        ("magic potion", "elixir"),
        {
            "glass": (("glass",), ("white", "cyan")),
            "cork": (("cork", "stopper"), ("brown",)),
            "collar": (("collar", "ring"), ("golden", "silver")),
            "cord": (("cord", "ribbon"), ("brown", "red")),
            "label": (("label",), ("white", "yellow")),
            "bubbles": (("bubbles",), ("white", "yellow")),
        },
    ),
    Category("gem", gem, ("gemstone", "jewel", "diamond"), {"top": (("top", "facet"), None)}),
    Category(
        "crystal",
        crystal,
        (),
        {"top": (("top", "tip"), None), "base": (("base",), ("stone", "black", "brown"))},
    ),
    Category("coin", coin, (), {"rim": (("rim", "edge"), None), "emblem": (("emblem",), None)}),
)
