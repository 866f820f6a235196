# SPDX-License-Identifier: GPL-3.0-or-later
"""Rabbits and bears that face the front."""

import numpy as np

from .parts import Category, rotation
from .placing import ball, blend, both_sides, chain, ears_of, eyes_on, on_ball, rod, taper


def _upright_rabbit(rng, w, h, girth):
    """The blended parts and the head's center of a rabbit on its hind legs."""
    tall = 0.5 * h * rng.uniform(0.95, 1.1)
    head = (0, -0.06, tall + 0.12)
    parts = [taper("main", (0, 0.04, girth), (0, -0.01, tall), girth, 0.68 * girth)]
    parts += both_sides(lambda s: ball("main", (0.75 * s * girth, -0.02, 0.13), 0.5 * girth, 0.16, 0.13))
    parts += both_sides(lambda s: rod("main", (0.6 * s * girth, -0.02, 0.05), (0.65 * s * girth, -0.24, 0.05), 0.055))
    parts += both_sides(
        lambda s: rod("main", (0.6 * s * girth, -0.06, 0.8 * tall), (0.32 * s * girth, -0.23, 0.62 * tall), 0.05)
    )
    return parts, head, (0, 0.04 + girth, 0.17)


def _crouched_rabbit(rng, w, h, girth):
    """The blended parts and the head's center of a rabbit on all fours."""
    high, long = 0.36 * h * rng.uniform(0.95, 1.08), 0.24 * rng.uniform(0.9, 1.15)
    back = (0, long, high - girth)
    parts = [taper("main", back, (0, -long, 0.9 * high - 0.75 * girth), girth, 0.72 * girth)]
    parts += both_sides(lambda s: ball("main", (0.7 * s * girth, long, 0.14), 0.45 * girth, 0.19, 0.14))
    parts += both_sides(
        lambda s: rod("main", (0.7 * s * girth, long, 0.05), (0.7 * s * girth, long - 0.24, 0.05), 0.05)
    )
    parts += both_sides(
        lambda s: chain("main", [(0.4 * s * girth, -long, 0.2), (0.42 * s * girth, -long - 0.06, 0.05)], 0.055)[0]
    )
    return parts, (0, -long - 0.13, high + 0.05), (0, long + girth, high - girth)


def rabbit(rng, proportions):
    """A rabbit that sits up or crouches, with long ears up, back or hanging, and a fluffy tail."""
    w, h = proportions.width, proportions.height
    girth = 0.19 * w * rng.uniform(0.92, 1.12)
    pose = _upright_rabbit if rng.random() < 0.5 else _crouched_rabbit
    parts, head, rump = pose(rng, w, h, girth)
    size = 0.15 * rng.uniform(0.95, 1.1)
    radii = np.array((1.0, 1.05, 0.95)) * size
    muzzle = np.add(head, (0, -0.75 * size, -0.25 * size))
    parts += [ball("main", head, *radii), ball("main", muzzle, 0.55 * size, 0.5 * size, 0.45 * size)]
    body = blend("main", parts, 0.06)
    ear, wide = 0.2 * h**0.5 * rng.uniform(0.9, 1.2), 0.06 * max(proportions.thick, 0.9)
    if pose is _upright_rabbit and rng.random() < 0.4:
        low = np.add(head, (0, 0.02, 0.55 * size - ear))
        ears = both_sides(
            lambda s: ball("ears", low + (1.12 * s * size, 0, 0), 0.05, 1.1 * wide, ear, rotation("y", -9 * s))
        )
    else:
        ears = ears_of(
            np.add(head, (0, 0.02, 0.8 * ear)), radii, (0.5, 0.2, 0.8), (wide, 0.042, ear), rng.uniform(4, 22)
        )
    face = eyes_on(head, radii, (0.55, -0.8, 0.3), 0.038) + [
        ball("nose", on_ball(muzzle, 0.46 * size, (0, -1, 0.5)), 0.036)
    ]
    return [body, *ears, *face, ball("tail", rump, 0.08 * rng.uniform(0.9, 1.2))]


def _sitting_bear(rng, w, h, limb):
    """The blended parts, head and snout center of a bear that sits like a toy."""
    wide, tall = 0.24 * w * rng.uniform(0.95, 1.1), 0.46 * h * rng.uniform(0.95, 1.05)
    parts = [ball("main", (0, 0, 0.5 * tall), wide, 0.85 * wide, 0.56 * tall)]
    reach = rng.uniform(0.25, 0.32)
    parts += both_sides(
        lambda s: taper("main", (0.6 * s * wide, 0, 0.1), (0.95 * s * wide, -reach, limb), limb, 1.15 * limb)
    )
    lift = rng.choice([-0.2, 0.02, 0.2])
    parts += both_sides(
        lambda s: taper(
            "main", (0.7 * s * wide, 0, 0.8 * tall), (1.35 * s * wide, -0.12, 0.66 * tall + lift), limb, limb
        )
    )
    belly = ball("belly", (0, -0.26 * wide, 0.48 * tall), 0.7 * wide, 0.66 * wide, 0.42 * tall)
    return parts, [belly], (0, -0.03, tall + 0.13)


def _walking_bear(rng, w, h, limb):
    """The blended parts, head and snout center of a bear on four legs."""
    girth, long = 0.2 * w**0.5 * rng.uniform(0.95, 1.1), 0.22 * rng.uniform(0.95, 1.15)
    hip = 0.24 * h * rng.uniform(0.9, 1.1)
    z, limb = hip + 0.7 * girth, 1.05 * limb
    parts = [taper("main", (0, long, z), (0, -long, z + 0.03), 1.1 * girth, girth)]
    step = rng.uniform(-0.06, 0.06)
    for x, y, swing in ((-1, -1, step), (1, -1, -step), (-1, 1, -step), (1, 1, step)):
        foot = (0.62 * x * girth, y * long + swing, limb)
        parts += [taper("main", (0.55 * x * girth, y * long, z), foot, 1.15 * limb, limb)]
    parts.append(ball("main", (0, long + 1.1 * girth, z + 0.1), 0.06))
    return parts, [], (0, -long - 0.9 * girth, z + 0.16 * h)


def bear(rng, proportions):
    """A toy bear that sits, arms down, forward or up, or a bear on four legs; round ears, a light snout."""
    limb = 0.082 * max(proportions.thick, 0.85) * rng.uniform(0.95, 1.12)
    pose = _sitting_bear if rng.random() < 0.55 else _walking_bear
    parts, belly, head = pose(rng, proportions.width, proportions.height, limb)
    size = 0.19 * rng.uniform(0.95, 1.08)
    radii = np.array((1.05, 0.95, 0.95)) * size
    muzzle = np.add(head, (0, -0.85 * size, -0.22 * size))
    body = blend("main", [*parts, ball("main", head, *radii)], 0.06)
    parts = [body, *belly, ball("snout", muzzle, 0.48 * size, 0.42 * size, 0.38 * size)]
    parts += ears_of(head, radii, (0.85, 0, 0.85), np.array((0.42, 0.28, 0.42)) * size, 30)
    parts += eyes_on(head, radii, (0.42, -0.9, 0.28), 0.036)
    parts.append(ball("nose", on_ball(muzzle, 0.42 * size, (0, -1, 0.55)), 0.055, 0.042, 0.042))
    if belly and rng.random() < 0.35:
        x, y, z = head
        neck = (0, y - 0.72 * size, z - 0.92 * size)
        parts += both_sides(
            lambda s: ball("bow", np.add(neck, (0.085 * s, 0, 0)), 0.085, 0.04, 0.055, rotation("y", 20 * s))
        )
        parts.append(ball("bow", neck, 0.045))
    return parts


_EYES = (("eyes",), ("black",))

FURRY_ANIMALS = (
    Category(
        "rabbit",
        rabbit,
        ("bunny", "hare"),
        {
            "ears": (("ears",), None),
            "tail": (("tail",), ("white",)),
            "nose": (("nose",), ("pink", "black")),
            "eyes": _EYES,
        },
    ),
    Category(
        "bear",
        bear,
        ("teddy bear", "teddy"),
        {
            "ears": (("ears",), None),
            "snout": (("snout", "muzzle"), ("white", "brown")),
            "belly": (("belly", "tummy"), ("white", "brown")),
            "bow": (("bow", "bow tie"), ("red", "blue")),
            "nose": (("nose",), ("black",)),
            "eyes": _EYES,
        },
    ),
)
