# SPDX-License-Identifier: GPL-3.0-or-later
"""Mirrors that face the front, and pillows."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import arc, around, ball, blend, both_sides, box, lathe_curve, rod, sheet, taper
from .primitives import Torus


def _pane(kind, half_x, half_z, grow):
    """Outline of a mirror around its middle: oval, rectangle or arch."""
    x, z = half_x + grow, half_z + grow
    if kind == "oval":
        return [(x * np.cos(a), z * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 32, endpoint=False)]
    if kind == "arch":
        return [(-x, -z), (x, -z), (x, z - x), *arc(x, 0, 180, 15, (0, z - x))[1:-1].tolist(), (-x, z - x)]
    return [(-x, -z), (x, -z), (x, z), (-x, z)]


def mirror(rng, proportions):
    """A mirror in a frame: on the wall, on a stand or with a handle; oval, square or arched, plain or with a crest."""
    w, h, rim = proportions.width, proportions.height, max(0.07 * proportions.thick, 0.055)
    kind, use = (
        rng.choice(["oval", "oval", "square", "arch"]),
        rng.choice(["wall", "stand", "hand"], p=(0.35, 0.35, 0.3)),
    )
    half_x, half_z = 0.22 * w * rng.uniform(0.92, 1.1), 0.34 * h * rng.uniform(0.95, 1.1)
    if use == "hand":
        half_x, half_z, kind = 0.22 * w, 0.25 * h**0.5, "oval"
    z = half_z + rim + {"wall": 0.0, "stand": 0.14, "hand": 0.42 * h}[use]
    parts = [sheet("main", _pane(kind, half_x, half_z, rim), 0.04, (0, 0, z), rounding=0.008)]
    parts.append(sheet("glass", _pane(kind, half_x, half_z, 0), 0.03, (0, -0.026, z)))
    if use == "hand":
        profile = (
            (0, 0),
            (0.07, 0.02),
            (0.055, 0.1),
            (0.045, 0.25),
            (0.06, 0.36),
            (0.045, z - half_z),
            (0, z - half_z),
        )
        return [*parts, lathe_curve("handle", profile)]
    if use == "stand":
        x = half_x + rim + 0.045
        top = z + 0.25 * half_z
        for s in (-1, 1):
            parts += [
                rod("stand", (s * x, 0, 0.06), (s * x, 0, top), 0.034),
                ball("stand", (s * x, 0, top + 0.02), 0.05),
            ]
            parts += [
                rod("stand", (s * x, -0.17, 0.034), (s * x, 0.17, 0.034), 0.036),
                rod("stand", (s * x, 0, z), (s * half_x, 0, z), 0.034),
            ]
        return [*parts, rod("stand", (-x, 0, 0.07), (x, 0, 0.07), 0.034)]
    if rng.random() < 0.5:
        top = z + half_z + rim
        parts += [ball("crest", (x, 0, top - abs(x) * 0.5), 0.07, 0.05, 0.07) for x in (-0.13, 0, 0.13)]
        parts += both_sides(lambda s: ball("crest", (0.5 * s * half_x, 0, z - half_z - 0.8 * rim), 0.06, 0.05, 0.05))
    return parts


def pillow(rng, proportions):
    """A pillow that lies or leans: square, long or round; plain, with tassels or with a button."""
    w, puff = proportions.width, 0.15 * proportions.height**0.5 * max(proportions.thick, 0.85)
    kind = rng.choice(["square", "long", "round"], p=(0.5, 0.37, 0.13))
    x, y = 0.4 * w, {"square": 0.4, "long": 0.26, "round": 0.4 * w}[kind]
    if kind == "round":
        body = [ball("main", (0, 0, 0), x, x, 1.1 * puff), Part(Torus(0.78 * x, 0.55 * puff), "main")]
        parts = [blend("main", body, 0.08), ball("button", (0, 0, puff + 0.03), 0.06, 0.06, 0.035)]
        turns = around(12, 0.95 * x, 0)
        parts += [ball("tassels", place, 0.055) for _, place in turns] if rng.random() < 0.4 else []
    else:
        corners = [(a * x, b * y) for a in (-1, 1) for b in (-1, 1)]
        body = [ball("main", (0, 0, 0), 1.05 * x, 1.05 * y, puff)]
        body.append(box("main", (0, 0, 0), (0.9 * x, 0.9 * y, 0.5 * puff), 0.45 * puff))
        body += [taper("main", (0.6 * a, 0.6 * b, 0), (1.0 * a, 1.0 * b, 0), 0.5 * puff, 0.05) for a, b in corners]
        parts = [blend("main", body, 0.12)]
        style = rng.integers(3)
        if style == 0:
            parts += [ball("tassels", (1.04 * a, 1.04 * b, 0), 0.075) for a, b in corners]
        elif style == 1:
            parts.append(ball("button", (0, 0, 0.97 * puff), 0.07, 0.07, 0.035))
    turn = rotation("x", rng.choice([0.0, 20.0, 62.0]))
    return [Part(p.solid, p.role, tuple(turn @ p.at), turn if p.turn is None else turn @ p.turn) for p in parts]


MIRRORS_AND_PILLOWS = (
    Category(
        "mirror",
        mirror,
        ("looking glass",),
        {
            "glass": (("glass",), ("cyan", "white", "silver")),
            "handle": (("handle",), None),
            "stand": (("stand", "feet"), None),
            "crest": (("crest", "ornaments"), None),
        },
    ),
    Category(
        "pillow",
        pillow,
        ("cushion",),
        {
            "tassels": (("tassels",), ("yellow", "white")),
            "button": (("button",), ("white", "black")),
        },
    ),
)
