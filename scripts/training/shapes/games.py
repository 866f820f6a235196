# SPDX-License-Identifier: GPL-3.0-or-later
"""Balls, dice and chess pieces."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import ball, box, lathe_curve, rotation_to, sheet
from .primitives import Lathe, Torus, cylinder


def _cap(role, radius, half_angle, direction):
    """A round patch on a ball, a little proud of it."""
    rim = [(radius * np.sin(a), radius * np.cos(a)) for a in np.radians(np.linspace(0, half_angle, 7))]
    inner = (0.9 * rim[-1][0], 0.9 * rim[-1][1])
    direction = np.asarray(direction, float)
    turn = rotation_to(direction / np.linalg.norm(direction))
    return Part(Lathe((*rim, inner, (0, inner[1]))), role, turn=turn)


def _icosahedron():
    """The twelve directions of a football's dark patches."""
    golden = (1 + np.sqrt(5)) / 2
    return [np.roll((0, a, b * golden), k) for k in range(3) for a in (-1, 1) for b in (-1, 1)]


def toy_ball(rng, proportions):
    """A ball: a football with patches, a basketball with seams, a beach ball with caps and a band, one with a star."""
    radius, style = 0.5, rng.integers(4)
    parts = [ball("main", (0, 0, 0), radius)]
    seam, turn = (
        0.026 * max(proportions.thick, 1),
        rotation("z", rng.uniform(0, 360)) @ rotation("x", rng.uniform(-30, 30)),
    )
    if style == 0:
        parts += [_cap("patches", 1.02 * radius, 19, turn @ direction) for direction in _icosahedron()]
    elif style == 1:
        for axis, angle in (("x", 90), ("y", 90), ("x", 0)):
            parts.append(Part(Torus(radius, seam), "stripes", turn=turn @ rotation(axis, angle)))
        for s in (-1, 1):
            ring = Torus(0.72 * radius, seam)
            parts.append(Part(ring, "stripes", tuple(turn @ (0, 0.69 * s * radius, 0)), turn @ rotation("x", 90)))
    elif style == 2:
        parts += [_cap("patches", 1.02 * radius, rng.uniform(24, 40), turn @ (0, 0, s)) for s in (-1, 1)]
        band = [(1.02 * radius * np.cos(a), 1.02 * radius * np.sin(a)) for a in np.radians(np.linspace(-13, 13, 7))]
        parts.append(
            Part(Lathe((*band, (0.8 * radius, band[-1][1]), (0.8 * radius, band[0][1]))), "stripes", turn=turn)
        )
    else:
        parts += [
            _cap("patches", 1.02 * radius, 15, turn @ (np.cos(a), np.sin(a), z))
            for a in np.arange(0, 6.2, 2 * np.pi / 5)
            for z in (-0.75, 0.75)
        ]
        parts.append(_cap("patches", 1.02 * radius, 15, turn @ (0, 0, 1)))
    return [Part(p.solid, p.role, tuple(np.add(p.at, (0, 0, radius))), p.turn) for p in parts]


_PIPS = {
    1: [(0, 0)],
    2: [(-1, -1), (1, 1)],
    3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
    5: [(-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)],
    6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
}
_FACES = (np.eye(3), rotation("x", 90), rotation("y", 90))
"""Turns of the top to itself, to the front and to the right."""


def _die(rng, half, at, turn, soft, stretch):
    """One die with pips on all sides, opposite sides adding up to seven."""
    sizes = half * np.array(stretch)
    parts = [box("main", at, sizes, soft * half, turn)]
    for number, face in zip(rng.permutation([1, 2, 3]), _FACES, strict=True):
        for side, shown in ((1, number), (-1, 7 - number)):
            for u, v in _PIPS[int(shown)]:
                place = face @ (0.5 * u, 0.5 * v, 0.985 * side) * sizes
                radii = 0.17 * half * (1 - 0.65 * np.abs(face[:, 2]))
                parts.append(ball("pips", np.add(at, turn @ place), *radii, turn))
    return parts


def dice(rng, proportions):
    """One die or two, sharp or round, with pips."""
    stretch = (proportions.width**0.5, 1.0, proportions.height**0.6)
    soft = rng.choice([0.12, 0.25, 0.4])
    first = _die(rng, 0.4, np.array((0, 0, 0.4 * stretch[2])), rotation("z", rng.uniform(-35, 35)), soft, stretch)
    if rng.random() < 0.65:
        return first
    at = np.array((0.74 * stretch[0], rng.uniform(-0.25, 0.1), 0.4 * stretch[2]))
    return first + _die(rng, 0.4, at, rotation("z", rng.uniform(-20, 20)), soft, stretch)


def _foot(wide):
    """A turned base with a step, as (radius, z)."""
    return [(0, 0), (wide, 0), (wide, 0.06), (0.9 * wide, 0.1), (0.82 * wide, 0.13), (0.6 * wide, 0.16)]


def _ring(wide, z):
    return Part(
        Lathe(((0, -0.032), (0.92 * wide, -0.032), (wide, 0.0), (0.92 * wide, 0.032), (0, 0.032))), "collar", (0, 0, z)
    )


def _stem(wide, low, high, thin):
    return Part(
        Lathe(((0, 0.1), (0.66 * wide, 0.1), (0.5 * wide, 0.2), (thin, low), (0.9 * thin, high), (0, high))), "main"
    )


def _rook(wide, h):
    tall, head = 0.62 * h, 0.72 * wide
    parts = [
        _stem(wide, 0.4 * tall, tall, 0.5 * wide),
        _ring(0.68 * wide, tall - 0.04),
        Part(cylinder(head, 0.09), "main", (0, 0, tall + 0.06)),
    ]
    for angle in range(0, 360, 60):
        turn = rotation("z", angle)
        parts.append(
            Part(
                box("", (0, 0, 0), (0.075, 0.115, 0.055)).solid,
                "main",
                tuple(turn @ (head - 0.075, 0, tall + 0.18)),
                turn,
            )
        )
    return parts


def _bishop(wide, h):
    tall = 0.62 * h
    drop = ((0, 0), (0.15, 0.02), (0.185, 0.12), (0.14, 0.24), (0.05, 0.32), (0, 0.33))
    parts = [
        _stem(wide, 0.35 * tall, tall, 0.1),
        _ring(0.2, tall - 0.04),
        lathe_curve("main", drop, (0, 0, tall - 0.03)),
    ]
    return [*parts, ball("top", (0, 0, tall + 0.32), 0.052)]


def _queen(wide, h, king):
    tall = 0.68 * h
    cup = ((0, tall), (0.11, tall), (0.2, tall + 0.2), (0.17, tall + 0.23), (0, tall + 0.23))
    parts = [
        _stem(wide, 0.35 * tall, tall + 0.02, 0.115),
        _ring(0.23, tall - 0.06),
        _ring(0.19, tall + 0.01),
        Part(Lathe(cup), "main"),
    ]
    top = tall + 0.23
    if king:
        return [
            *parts,
            ball("main", (0, 0, top), 0.1, 0.1, 0.05),
            box("top", (0, 0, top + 0.12), (0.034, 0.034, 0.11)),
            box("top", (0, 0, top + 0.14), (0.1, 0.034, 0.034)),
        ]
    parts += [
        ball("main", (0.16 * np.cos(a), 0.16 * np.sin(a), top), 0.05)
        for a in np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ]
    return [*parts, ball("main", (0, 0, top), 0.12, 0.12, 0.06), ball("top", (0, 0, top + 0.08), 0.055)]


def _pawn(wide, h):
    tall = 0.45 * h
    return [_stem(wide, 0.5 * tall, tall, 0.11), _ring(0.19, tall - 0.01), ball("top", (0, 0, tall + 0.14), 0.16)]


def _knight(wide, h):
    """A horse's head on a base."""
    head = [
        (-0.22, 0.0),
        (0.2, 0.0),
        (0.24, 0.16),
        (0.2, 0.36),
        (0.08, 0.5),
        (0.02, 0.6),
        (-0.04, 0.52),
        (-0.2, 0.42),
        (-0.31, 0.28),
        (-0.27, 0.2),
        (-0.16, 0.24),
        (-0.06, 0.24),
        (-0.14, 0.12),
    ]
    profile = np.array(head) * (wide / 0.3, h)
    mane = np.array([(0.2, 0.1), (0.29, 0.16), (0.25, 0.4), (0.12, 0.55), (0.03, 0.55), (0.16, 0.36), (0.2, 0.2)]) * (
        wide / 0.3,
        h,
    )
    eye = (-0.1 * wide / 0.3, 0.4 * h + 0.13)
    return [
        sheet("main", profile, 0.11, (0, 0, 0.13), rounding=0.02),
        sheet("mane", mane, 0.07, (0, 0, 0.13)),
        ball("top", (eye[0], -0.1, eye[1]), 0.04),
        ball("top", (eye[0], 0.1, eye[1]), 0.04),
    ]


def chess_piece(rng, proportions):
    """A pawn, rook, knight, bishop, queen or king on a turned base."""
    wide, h = (
        0.27 * proportions.width * rng.uniform(0.95, 1.08) * max(proportions.thick, 0.9) ** 0.5,
        proportions.height,
    )
    kind = rng.integers(6)
    pieces = (_pawn, _rook, _knight, _bishop)
    top = pieces[kind](wide, h) if kind < 4 else _queen(wide, h, kind == 5)
    return [Part(Lathe((*_foot(wide), (0, 0.16))), "base"), *top]


GAMES = (
    Category(
        "ball",
        toy_ball,
        (),
        {
            "patches": (("patches", "spots"), ("black", "white", "yellow")),
            "stripes": (("stripes", "lines"), ("black", "white")),
        },
    ),
    Category("dice", dice, ("die",), {"pips": (("pips", "dots"), ("black", "white"))}),
    Category(
        "chesspiece",
        chess_piece,
        ("chess piece", "chess figure"),
        {
            "base": (("base", "foot"), None),
            "collar": (("collar", "ring"), None),
            "mane": (("mane",), None),
            "top": (("top",), None),
        },
    ),
)
