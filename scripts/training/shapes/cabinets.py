# SPDX-License-Identifier: GPL-3.0-or-later
"""Desks, wardrobes and benches."""

import numpy as np

from .parts import Category, Part
from .placing import arc, ball, both_sides, box, rod, sheet
from .primitives import cylinder
from .thickness import half_thickness

KNOBS = (("knobs", "handles"), ("black", "golden", "white"))


def _drawers(rng, x, front, half, low, high, count):
    """Fronts of drawers one above the other, each with a knob or a bar."""
    step, bar = (high - low) / count, rng.random() < 0.5
    parts = []
    for index in range(count):
        z = low + step * (index + 0.5)
        parts.append(box("drawers", (x, front - 0.005, z), (half, 0.025, 0.5 * step - 0.017), 0.006))
        if bar:
            parts.append(rod("knobs", (x - 0.45 * half, front - 0.05, z), (x + 0.45 * half, front - 0.05, z), 0.026))
        else:
            parts.append(ball("knobs", (x, front - 0.045, z), 0.036))
    return parts


def desk(rng, proportions):
    """A desk: drawers below on one side or both, legs or a side board on the other, with or without a shelf on top."""
    half_x, half_y = 0.5 * proportions.width * rng.uniform(0.95, 1.05), 0.25 * rng.uniform(0.9, 1.12)
    height = 0.58 * proportions.height * rng.uniform(0.9, 1.1)
    board, leg = half_thickness(proportions, 0.06), half_thickness(proportions, 0.068)
    under, front = height - 2 * board, 0.03 - half_y
    parts = [box("top", (0, 0, height - board), (half_x, half_y, board), 0.008)]
    sides = ((1,), (-1,), (-1, 1))[rng.integers(3)]
    wide, foot = 0.27 * half_x, rng.choice([0.0, 0.06])
    for side in (-1, 1):
        x = side * (half_x - wide - 0.02)
        if side in sides:
            middle = (under + foot) / 2
            parts.append(box("main", (x, 0.01, middle), (wide, half_y - 0.035, (under - foot) / 2 + 0.005)))
            parts += _drawers(rng, x, front, 0.86 * wide, foot + 0.02, under - 0.02, rng.integers(2, 4))
            feet = [(x + dx, dy) for dx in (-0.8 * wide, 0.8 * wide) for dy in (0.06 - half_y, half_y - 0.06)]
            parts += [box("legs", (dx, dy, foot / 2 + 0.01), (leg, leg, foot / 2 + 0.01)) for dx, dy in feet if foot]
        else:
            at = side * (half_x - 1.6 * leg)
            ends = (1.5 * leg - half_y, half_y - 1.5 * leg)
            if rng.random() < 0.5:
                parts.append(box("legs", (at, 0, under / 2), (leg, half_y - 0.03, under / 2 + 0.01)))
            else:
                parts += [box("legs", (at, y, under / 2), (leg, leg, under / 2 + 0.01)) for y in ends]
    parts.append(box("main", (0, half_y - 0.07, 0.68 * under), (half_x - 0.06, 0.03, 0.3 * under)))
    if rng.random() < 0.3:
        tall, y = 0.11 * proportions.height, half_y - 0.09
        parts.append(box("main", (0, y, height + tall), (half_x - 0.02, 0.085, board), 0.008))
        parts += both_sides(lambda s: box("main", (s * (half_x - 0.05), y, height + tall / 2), (board, 0.08, tall / 2)))
    return parts


def wardrobe(rng, proportions):
    """A wardrobe of two or three doors on feet or a base, flat, with a cornice or an arch; some with drawers."""
    half_x, half_y = 0.3 * proportions.width * rng.uniform(0.92, 1.1), 0.16 * rng.uniform(0.95, 1.15)
    height, foot = 0.95 * proportions.height * rng.uniform(0.95, 1.03), rng.choice([0.07, 0.1])
    front, top = -half_y, height
    parts = [box("main", (0, 0, (height + foot) / 2), (half_x, half_y, (height - foot) / 2), 0.008)]
    style = rng.integers(3)
    if style == 1:
        parts.append(box("base", (0, -0.01, height), (half_x + 0.035, half_y + 0.035, 0.035), 0.01))
    elif style == 2:
        crest = arc(half_x, 0, 180, 13, flat=rng.uniform(0.25, 0.4))
        parts.append(sheet("main", crest, 0.8 * half_y, (0, 0, height - 0.01)))
    low = foot + 0.04
    if rng.random() < 0.5:
        split = low + 0.2 * height
        parts += _drawers(rng, 0, front, half_x - 0.03, low - 0.015, split, rng.integers(1, 3))
        low = split + 0.02
    doors = 3 if half_x > 0.32 and rng.random() < 0.5 else 2
    half, tall = (half_x - 0.025) / doors, (top - 0.04 - low) / 2
    for index in range(doors):
        x = (2 * index + 1 - doors) * half
        parts.append(box("doors", (x, front - 0.005, low + tall), (half - 0.013, 0.027, tall), 0.006))
        handle = x + (half - 0.055) * (1 if index < doors / 2 else -1)
        if rng.random() < 0.5 or index:
            parts.append(
                rod("knobs", (handle, front - 0.05, low + 0.9 * tall), (handle, front - 0.05, low + 1.12 * tall), 0.027)
            )
        else:
            parts.append(ball("knobs", (handle, front - 0.05, low + tall), 0.036))
    if rng.random() < 0.5:
        return [*parts, box("base", (0, 0, foot / 2), (half_x - 0.015, half_y - 0.015, foot / 2 + 0.005))]
    corners = [(x, y) for x in (0.05 - half_x, half_x - 0.05) for y in (0.05 - half_y, half_y - 0.05)]
    return parts + [Part(cylinder(0.028, foot / 2 + 0.01, 0.045), "base", (x, y, foot / 2)) for x, y in corners]


def _bench_supports(rng, half_x, half_y, seat, leg, has_back, rise):
    """Two frames below a bench: boards, blocks, pairs of legs or curved feet."""
    style, parts = rng.integers(3), []
    for side in (-1, 1):
        x = side * (half_x - 0.13)
        if style == 0:
            parts.append(box("legs", (x, 0, seat / 2), (1.15 * leg, half_y - 0.02, seat / 2 + 0.005), 0.01))
        elif style == 1:
            parts += [rod("legs", (x, y, seat - leg), (x, 1.25 * y, leg), leg) for y in (0.05 - half_y, half_y - 0.05)]
        else:
            parts += [box("legs", (x, y, seat / 2), (leg, leg, seat / 2)) for y in (leg - half_y, half_y - leg)]
            parts.append(box("legs", (x, 0, 0.4 * seat), (0.8 * leg, half_y, 0.8 * leg)))
        if has_back:
            parts.append(rod("legs", (x, half_y - leg, seat - 0.05), (x, half_y + 0.07, seat + rise), 0.9 * leg))
    return parts


def bench(rng, proportions):
    """A bench of planks or one board, with or without a back and arms, on boards, blocks or legs."""
    half_x, half_y = 0.5 * proportions.width, 0.17 * rng.uniform(0.9, 1.12)
    seat, has_back = 0.32 * proportions.height * rng.uniform(0.88, 1.1), rng.random() < 0.68
    board, leg = half_thickness(proportions, 0.06), half_thickness(proportions, 0.075)
    rise = 0.3 * proportions.height * rng.uniform(0.9, 1.12)
    parts = _bench_supports(rng, half_x, half_y, seat, leg, has_back, rise)
    planks = rng.choice([1, 3, 4])
    half = half_y / planks
    gap = 0.012 if planks > 1 else 0.0
    for index in range(planks):
        y = half * (2 * index + 1) - half_y
        parts.append(box("seat", (0, y, seat), (half_x, half - gap, board), 0.008))
    if not has_back:
        return parts
    slats = rng.choice([1, 2, 3])
    for share in (np.arange(slats) + 0.9) / (slats + 0.3):
        z, y = seat + rise * share, half_y + 0.1 * share - 0.05
        tall = (0.36 if slats == 1 else 0.3 / slats + 0.01) * rise
        parts.append(box("back", (0, y, z), (half_x, board, tall), 0.008))
    if rng.random() < 0.4:
        z = seat + 0.4 * rise
        for side in (-1, 1):
            x = side * (half_x - 0.13)
            parts.append(rod("legs", (x, half_y, z), (x, 0.03 - half_y, z), 0.9 * leg))
            parts.append(rod("legs", (x, 0.03 - half_y, z), (x, 0.03 - half_y, seat), 0.9 * leg))
    return parts


CABINETS = (
    Category(
        "desk",
        desk,
        ("writing desk",),
        {
            "drawers": (("drawers",), None),
            "knobs": KNOBS,
            "legs": (("legs",), None),
            "top": (("top", "tabletop"), None),
        },
    ),
    Category(
        "wardrobe",
        wardrobe,
        ("cupboard", "closet"),
        {
            "doors": (("doors",), None),
            "drawers": (("drawers",), None),
            "knobs": KNOBS,
            "base": (("base", "feet"), None),
        },
    ),
    Category(
        "bench",
        bench,
        ("park bench",),
        {
            "legs": (("legs",), ("black", "stone", "silver")),
            "seat": (("seat",), None),
            "back": (("back", "backrest"), None),
        },
    ),
)
