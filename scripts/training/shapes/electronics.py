# SPDX-License-Identifier: GPL-3.0-or-later
"""Laptops, phones and cameras that face the front."""

import numpy as np

from .parts import Category, Part, rotation
from .placing import arc, ball, both_sides, box, chain, rod, sheet
from .primitives import cylinder
from .thickness import half_thickness

FRONT = rotation("x", 90)


def laptop(rng, proportions):
    """An open laptop: rows of keys, a touchpad, a screen that leans back, with a logo or a stripe or without."""
    x, y = 0.5 * proportions.width * rng.uniform(0.95, 1.03), 0.33 * rng.uniform(0.95, 1.08)
    tall, half = 0.62 * proportions.height * rng.uniform(0.94, 1.08), half_thickness(proportions, 0.055)
    parts = [box("main", (0, 0, half), (x, y, half), 0.012)]
    rows, cols = rng.choice([3, 4]), rng.choice([7, 9])
    step_x, step_y = 1.72 * x / cols, 0.95 * y / rows
    for row in range(rows):
        for col in range(cols):
            at = ((col - (cols - 1) / 2) * step_x, 0.78 * y - (row + 0.5) * step_y, 2 * half)
            parts.append(box("keys", at, (0.41 * step_x, 0.4 * step_y, 0.018), 0.004))
    parts.append(box("touchpad", (0, -0.62 * y, 2 * half), (0.3 * x, 0.22 * y, 0.012), 0.004))
    turn = rotation("x", -rng.uniform(8, 32))
    hinge = np.array((0, y - half, 1.6 * half))
    parts.append(box("main", hinge + turn @ (0, 0, tall / 2), (x, 0.9 * half, tall / 2), 0.012, turn))
    rim = 0.05
    parts.append(
        box("screen", hinge + turn @ (0, -0.9 * half, tall / 2 + 0.01), (x - rim, 0.014, tall / 2 - rim), 0, turn)
    )
    parts.append(rod("main", hinge - (0.8 * x, 0, 0), hinge + (0.8 * x, 0, 0), half))
    return parts


def _slab(half, tall, soft, steps=5):
    """An upright rounded rectangle around its middle."""
    corners = ((half, -tall, -90), (half, tall, 0), (-half, tall, 90), (-half, -tall, 180))
    return [
        point
        for x, z, first in corners
        for point in arc(soft, first, first + 90, steps, (x - np.sign(x) * soft, z - np.sign(z) * soft))
    ]


def _smartphone(rng, w, h, t):
    half, tall, deep = 0.25 * w, 0.48 * h, 0.045 * max(t, 0.9)
    soft = rng.choice([0.05, 0.09])
    parts = [sheet("main", _slab(half, tall, soft), deep, rounding=0.012)]
    has_key = rng.random() < 0.5
    low, high = (0.15, 0.1) if has_key else (0.05, 0.05)
    parts.append(
        sheet("screen", _slab(half - 0.035, tall - (low + high) / 2, 0.03), 0.02, (0, -deep + 0.006, (low - high) / 2))
    )
    if has_key:
        parts.append(Part(cylinder(0.045, 0.02), "buttons", (0, -deep, 0.075 - tall), FRONT))
    parts.append(rod("buttons", (half + 0.012, 0, 0.3 * tall), (half + 0.012, 0, 0.55 * tall), 0.026))
    parts.append(box("lens", (-0.5 * half, deep, 0.75 * tall), (0.09, 0.03, 0.09), 0.02))
    return parts


def _mobile(rng, w, h, t):
    """An older mobile phone with keys and a short antenna."""
    half, tall, deep = 0.2 * w, 0.4 * h, 0.08 * max(t, 0.9)
    parts = [sheet("main", _slab(half, tall, 0.07), deep, rounding=0.02)]
    parts.append(box("screen", (0, -deep, 0.48 * tall), (0.75 * half, 0.02, 0.28 * tall), 0.01))
    for row in range(4):
        for col in (-1, 0, 1):
            z = tall * (0.02 - 0.24 * row)
            parts.append(
                box("buttons", (0.5 * col * half, -deep - 0.005, z), (0.17 * half, 0.026, 0.075 * tall), 0.012)
            )
    x = 0.6 * half
    return [*parts, rod("antenna", (x, 0, tall - 0.05), (x, 0, tall + 0.16), 0.036)]


def _desk_phone(rng, w, h, t):
    """A telephone with a dial and a handset in its fork."""
    x, y, tall = 0.38 * w, 0.3, 0.3 * h
    side = [(-y, 0.0), (y, 0.0), (0.55 * y, tall), (-0.1 * y, tall), (-y, 0.35 * tall)]
    turn = rotation("z", 90)
    lean = np.degrees(np.arctan2(0.65 * tall, 0.9 * y))
    face, out = np.array((0, -0.55 * y, 0.67 * tall)), rotation("x", lean)
    parts = [sheet("main", side, 0.85 * x, (0, 0, 0), turn, 0.015)]
    parts.append(Part(cylinder(0.19 * w**0.5, 0.03), "dial", tuple(face), out))
    for angle in range(0, 300, 40):
        place = face + out @ (0.125 * np.cos(np.radians(angle)), 0.125 * np.sin(np.radians(angle)), 0.035)
        parts.append(ball("buttons", place, 0.032))
    parts += both_sides(lambda s: box("main", (0.5 * s * x, 0.2 * y, tall + 0.02), (0.06, 0.09, 0.05), 0.01))
    top = tall + 0.1
    parts.append(rod("handset", (-x, 0.2 * y, top), (x, 0.2 * y, top), 0.06))
    return parts + both_sides(
        lambda s: Part(cylinder(0.11, 0.06, 0.09), "handset", (0.98 * s * x, 0.2 * y, top - 0.04), rotation("x", 180))
    )


def phone(rng, proportions):
    """A smartphone, an older mobile phone with keys, or a telephone with a dial."""
    kind = (_smartphone, _mobile, _desk_phone)[rng.choice(3, p=(0.55, 0.2, 0.25))]
    return kind(rng, proportions.width, proportions.height, proportions.thick)


def camera(rng, proportions):
    """A camera: a body with a grip, a lens of two or three rings, a viewfinder or a prism, a release and a flash."""
    x, tall = 0.46 * proportions.width * rng.uniform(0.94, 1.04), 0.29 * proportions.height * rng.uniform(0.92, 1.1)
    y, shift = 0.15 * rng.uniform(0.9, 1.1), rng.choice([0.0, -0.08])
    radius, z = min(0.9 * tall, 0.25) * rng.uniform(0.9, 1.0), tall
    parts = [box("main", (0, 0, tall), (x, y, tall), 0.025)]
    if rng.random() < 0.6:
        parts.append(box("grip", (0, 0, 0.95 * tall), (x + 0.012, y + 0.012, 0.5 * tall), 0.02))
    reach = -y
    for share, long in ((1.0, rng.uniform(0.05, 0.1)), (0.86, rng.uniform(0.06, 0.12)), (0.95, 0.04))[
        : rng.integers(2, 4)
    ]:
        parts.append(Part(cylinder(share * radius, long / 2 + 0.01), "lens", (shift, reach - long / 2, z), FRONT))
        reach -= long
    parts.append(ball("glass", (shift, reach, z), 0.66 * radius, 0.05, 0.66 * radius))
    top = 2 * tall
    if rng.random() < 0.55:
        prism = [(-0.16, 0), (0.16, 0), (0.1, 0.12), (-0.1, 0.12)]
        parts.append(sheet("main", prism, 0.85 * y, (shift, 0, top - 0.01), rounding=0.015))
    else:
        parts.append(box("glass", (-0.6 * x, -y, top - 0.09), (0.09, 0.03, 0.055), 0.008))
    parts.append(box("flash", (0.66 * x, -y, top - 0.09), (0.1, 0.035, 0.05), 0.01))
    parts.append(Part(cylinder(0.055, 0.05), "button", (-0.7 * x, 0, top + 0.02)))
    parts.append(Part(cylinder(0.075, 0.035), "main", (0.68 * x, 0, top + 0.02)))
    if rng.random() < 0.25:
        strap = arc(0.97 * x, 0, 180, 13, (0, top - 0.04), rng.uniform(0.5, 0.8))
        parts += chain("strap", [(a, 0.3 * y, b) for a, b in strap], 0.032)
    return parts


ELECTRONICS = (
    Category(
        "laptop",
        laptop,
        ("notebook computer",),
        {
            "screen": (("screen", "display"), ("black", "cyan", "blue")),
            "keys": (("keys", "keyboard"), ("black", "white")),
            "touchpad": (("touchpad",), ("gray", "white")),
        },
    ),
    Category(
        "phone",
        phone,
        ("telephone",),
        {
            "screen": (("screen", "display"), ("black", "cyan", "blue")),
            "buttons": (("buttons",), ("white", "black", "gray")),
            "lens": (("lens",), ("black",)),
            "antenna": (("antenna",), ("black",)),
            "dial": (("dial",), ("white", "golden")),
            "handset": (("handset", "receiver"), None),
        },
    ),
    Category(
        "camera",
        camera,
        (),
        {
            "lens": (("lens",), ("black", "silver")),
            "glass": (("glass",), ("cyan", "blue")),
            "grip": (("grip", "leather"), ("black", "brown")),
            "flash": (("flash",), ("white", "yellow")),
            "button": (("button",), ("red", "silver")),
            "strap": (("strap",), ("black", "brown")),
        },
    ),
)
