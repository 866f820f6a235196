# SPDX-License-Identifier: GPL-3.0-or-later
"""Barrels, boxes, gifts, crates, chests and baskets."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import SIDEWAYS, arc, around, ball, both_sides, box, chain, curve, rod, sheet, taper
from .primitives import Lathe, Torus, cylinder
from .vessels import hollow


def _laid(parts, turn, lift):
    """Return parts turned about the origin and raised."""
    return [
        Part(p.solid, p.role, tuple(np.add(turn @ p.at, (0, 0, lift))), turn if p.turn is None else turn @ p.turn)
        for p in parts
    ]


def _staves(half, end, bulge, rim=0.045):
    """The side of a barrel as (radius, z), and its body with a hollow at both ends and the lids in them."""
    middle = 0.51 * (1 + bulge) * end
    profile = curve([(end, -half), (middle, -0.55 * half), (bulge * end, 0), (middle, 0.55 * half), (end, half)], 4)
    inner, low = end - rim, half - 0.04
    walls = [*profile, (inner, half), (inner, low), (0, low), (0, -low), (inner, -low), (inner, -half)]
    return profile, [Part(Lathe(tuple(map(tuple, walls))), "main"), Part(cylinder(inner, half - 0.03), "lid")]


def barrel(rng, proportions):
    """A barrel that stands or lies: staves, two to four hoops, a lid; some with a tap."""
    half, end = 0.45 * proportions.height * rng.uniform(0.92, 1.05), 0.26 * proportions.width * rng.uniform(0.94, 1.06)
    bulge = rng.uniform(1.18, 1.32)
    profile, parts = _staves(half, end, bulge)
    wide = 0.038 * max(proportions.thick, 0.9)
    for share in ((0.84, 0.36), (0.82, 0.3), (0.9,))[rng.integers(3)]:
        for z in (-share * half, share * half):
            below, above = np.interp((z - wide, z + wide), profile[:, 1], profile[:, 0]) + 0.018
            band = ((0, z - wide), (below, z - wide), (above, z + wide), (0, z + wide))
            parts.append(Part(Lathe(band), "hoops"))
    if rng.random() >= 0.3:
        return _laid(parts, np.eye(3), half)
    if rng.random() < 0.7:
        parts.append(rod("tap", (0.0, -0.55 * end, half - 0.05), (0, -0.55 * end, half + 0.12), 0.036))
        parts.append(rod("tap", (0, -0.5 * end, half + 0.08), (0, -0.5 * end + 0.1, half + 0.08), 0.032))
    return _laid(parts, rotation("x", 90), bulge * end)


def _gift(rng, x, y, z):
    """A wrapped box with a ribbon and its bow."""
    wide, top = 0.05, 2 * z
    parts = [
        box("main", (0, 0, z), (x, y, z), 0.006),
        box("lid", (0, 0, top - 0.05), (x + 0.025, y + 0.025, 0.075), 0.006),
    ]
    parts += [
        box("ribbon", (0, 0, z + 0.015), (wide, y + 0.045, z + 0.03)),
        box("ribbon", (0, 0, z + 0.015), (x + 0.045, wide, z + 0.03)),
    ]
    for s in (-1, 1):
        parts.append(
            Part(Torus(0.085, 0.034), "ribbon", (0.1 * s, 0, top + 0.09), rotation("y", -24 * s) @ rotation("x", 90))
        )
        parts.append(taper("ribbon", (0, 0, top + 0.05), (0.17 * s, -0.13, top + 0.05), 0.034, 0.034))
    return [*parts, ball("ribbon", (0, 0, top + 0.07), 0.055)]


def _carton(rng, x, y, z):
    """A box of cardboard, open with four flaps or closed with tape."""
    thick, top = 0.03, 2 * z
    if rng.random() < 0.4:
        parts = [box("main", (0, 0, z), (x, y, z), 0.004), box("tape", (0, 0, z + 0.012), (0.055, y + 0.012, z))]
        return parts + both_sides(
            lambda s: box("lid", (s * (x / 2 + 0.004), 0, top + 0.01), (x / 2 - 0.012, y, 0.03), 0.004)
        )
    parts = [box("main", (0, 0, thick), (x, y, thick))]
    parts += both_sides(lambda s: box("main", (s * (x - thick), 0, z), (thick, y, z)))
    parts += both_sides(lambda s: box("main", (0, s * (y - thick), z), (x, thick, z)))
    for s in (-1, 1):
        lean, flap = rng.uniform(25, 70), 0.45 * x
        turn = rotation("y", s * lean)
        parts.append(
            box("lid", np.add((s * (x - thick), 0, top - 0.01), turn @ (0, 0, flap)), (0.026, y, flap), 0, turn)
        )
        turn, flap = rotation("x", -s * lean), 0.4 * y
        parts.append(
            box("lid", np.add((0, s * (y - thick), top - 0.01), turn @ (0, 0, flap)), (x, 0.026, flap), 0, turn)
        )
    return parts


def _crate(rng, x, y, z):
    """A wooden crate: planks in a frame, with or without diagonals."""
    thick, parts = 0.045, [box("main", (0, 0, z), (x - 0.02, y - 0.02, z - 0.02))]
    for a in (-1, 1):
        for b in (-1, 1):
            parts.append(box("frame", (a * (x - thick), b * (y - thick), z), (thick + 0.01, thick + 0.01, z + 0.01)))
            parts.append(box("frame", (0, a * (y - thick), z + b * (z - thick)), (x, thick + 0.01, thick + 0.01)))
            parts.append(box("frame", (a * (x - thick), 0, z + b * (z - thick)), (thick + 0.01, y, thick + 0.01)))
    if rng.random() < 0.6:
        lean = np.degrees(np.arctan2(x, z))
        for s in (-1, 1):
            parts.append(
                box("frame", (0, s * (y - 0.015), z), (0.042, 0.03, 0.92 * np.hypot(x, z)), 0, rotation("y", lean))
            )
            turn = SIDEWAYS @ rotation("y", np.degrees(np.arctan2(y, z)))
            parts.append(box("frame", (s * (x - 0.015), 0, z), (0.042, 0.03, 0.92 * np.hypot(y, z)), 0, turn))
    return parts


def _box_size(rng, proportions):
    return (0.36 * proportions.width, 0.36, 0.3 * proportions.height) * rng.uniform(0.88, 1.1, 3)


def carton(rng, proportions):
    """A box of cardboard, open with four flaps or closed with tape."""
    return _carton(rng, *_box_size(rng, proportions))


def gift(rng, proportions):
    """A present: a wrapped box with a lid, a ribbon and a bow."""
    return _gift(rng, *_box_size(rng, proportions))


def crate(rng, proportions):
    """A wooden crate: boards in a frame, with or without diagonals, closed."""
    return _crate(rng, *_box_size(rng, proportions))


def _chest_lid(x, y, rise):
    """The outline of a vaulted lid from the side, hinge at the origin."""
    return [(0, 0), (-2 * y, 0), *[(-y - a, b) for a, b in arc(y, 0, 180, 13, flat=rise / y)]]


def chest(rng, proportions):
    """A treasure chest with bands and a lock, its lid vaulted or flat, closed or open over gold."""
    x, y = 0.42 * proportions.width * rng.uniform(0.94, 1.08), 0.26 * rng.uniform(0.92, 1.08)
    tall, rise = (
        0.32 * proportions.height * rng.uniform(0.92, 1.1),
        0.18 * proportions.height**0.5 * rng.uniform(0.85, 1.1),
    )
    outline = (
        _chest_lid(x, y, rise) if rng.random() < 0.75 else [(0, 0), (-2 * y, 0), (-2 * y, 0.6 * rise), (0, 0.6 * rise)]
    )
    is_open, band = rng.random() < 0.45, 0.05 * max(proportions.thick, 0.85)
    turn = rotation("x", -rng.uniform(55, 80) if is_open else 0) @ SIDEWAYS
    hinge = np.array((0.0, y, tall))
    parts = [box("main", (0, 0, tall / 2), (x, y, tall / 2), 0.006), sheet("lid", outline, x, hinge, turn)]
    grown = np.multiply(np.add(outline, (y, 0)), (1 + 0.022 / y, 1 + 0.022 / rise)) - (y, 0)
    for share in (-0.82, 0.82):
        parts.append(box("bands", (share * x, 0, tall / 2), (band, y + 0.018, tall / 2)))
        parts.append(sheet("bands", grown, band, hinge + (share * x, 0, 0), turn))
    parts.append(box("bands", (0, 0, tall - 0.02), (x + 0.016, y + 0.016, 0.036)))
    parts.append(box("lock", (0, -y - 0.02, tall - 0.02), (0.062, 0.045, 0.075), 0.015))
    if is_open:
        parts.append(ball("gold", (0, -0.1 * y, tall - 0.03), 0.88 * x, 0.8 * y, 0.12))
        parts += [
            ball("gold", (rng.uniform(-0.6, 0.6) * x, rng.uniform(-0.55, 0.3) * y, tall + 0.05), 0.058)
            for _ in range(7)
        ]
    return parts


def basket(rng, proportions):
    """A round or an oblong basket of coils, flared or straight, with a bail or two ears; empty or with fruit."""
    wide, tall = 0.36 * proportions.width * rng.uniform(0.92, 1.06), 0.36 * proportions.height * rng.uniform(0.88, 1.1)
    foot, coils, thick = rng.uniform(0.68, 0.92), rng.choice([4, 5]), 0.04 * max(proportions.thick, 0.9)
    outside = [(foot * wide, 0.0), (wide, tall)]
    parts = [Part(hollow(outside, 0.06, 0.5 * tall), "main")]
    for share in (np.arange(coils) + 0.5) / coils:
        parts.append(Part(Torus(wide * (foot + (1 - foot) * share), 0.42 * tall / coils), "main", (0, 0, share * tall)))
    parts.append(Part(Torus(wide - 0.01, 0.05), "rim", (0, 0, tall)))
    if rng.random() < 0.7:
        top = arc(wide, 0, 180, 13, (0, tall), rng.uniform(0.85, 1.25))
        parts += chain("handle", [(x, 0, z) for x, z in top], thick)
    else:
        for s in (-1, 1):
            parts += chain("handle", [(s * wide, y, z) for y, z in arc(0.13, 0, 180, 7, (0, tall))], thick)
    if rng.random() < 0.5:
        parts += [
            ball("fruit", place, 0.145 * wide / 0.36) for _, place in around(5, 0.52 * wide, tall, rng.uniform(0, 60))
        ]
        half, inner = 0.27 * tall + 0.022, wide * (foot + 0.46 * (1 - foot)) - 0.03
        parts.append(Part(cylinder(inner, half, wide - 0.02), "fruit", (0, 0, 0.46 * tall + half)))
        parts.append(ball("fruit", (0, 0, tall + 0.09), 0.15 * wide / 0.36))
    return parts


CONTAINERS = (
    Category(
        "barrel",
        barrel,
        ("cask", "keg"),
        {
            "hoops": (("hoops", "bands", "rings"), ("silver", "black")),
            "lid": (("lid", "top"), None),
            "tap": (("tap",), ("golden", "silver")),
        },
    ),
    Category(
        "box",
        carton,
        ("cardboard box", "carton"),
        {"lid": (("lid", "flaps"), None), "tape": (("tape",), ("white", "yellow"))},
    ),
    Category(
        "gift",
        gift,
        ("present", "gift box"),
        {"ribbon": (("ribbon", "bow"), ("red", "golden", "white")), "lid": (("lid",), None)},
    ),
    Category("crate", crate, (), {"frame": (("frame",), None)}),
    Category(
        "chest",
        chest,
        ("treasure chest",),
        {
            "bands": (("bands", "fittings"), ("golden", "silver", "black")),
            "lock": (("lock",), ("golden", "silver")),
            "lid": (("lid",), None),
            "gold": (("treasure", "coins"), ("golden",)),
        },
    ),
    Category(
        "basket",
        basket,
        (),
        {
            "handle": (("handle", "handles"), None),
            "rim": (("rim",), None),
            "fruit": (("fruit", "apples"), ("red", "green", "orange")),
        },
    ),
)
