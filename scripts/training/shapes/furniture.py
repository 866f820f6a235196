# SPDX-License-Identifier: GPL-3.0-or-later
"""Chairs, tables, beds and sofas."""

import numpy as np

from .parts import Category, Part
from .primitives import Box, Capsule, Extrusion, cylinder
from .thickness import half_thickness


def _legs(rng, half_x, half_y, height, radius, role="legs"):
    """Four legs below `height`: square, round, tapered or splayed."""
    style = rng.integers(4)
    corners = [(x, y) for x in (-half_x, half_x) for y in (-half_y, half_y)]
    if style == 3:
        return [_splayed(x, y, height, radius, 1.14, role) for x, y in corners]
    solid = (
        Box((radius, radius, height / 2)),
        cylinder(radius, height / 2),
        cylinder(0.9 * radius, height / 2, 1.25 * radius),
    )[style]
    return [Part(solid, role, (x, y, height / 2)) for x, y in corners]


def _splayed(x, y, height, radius, spread, role="legs"):
    return Part(Capsule((spread * x, spread * y, radius), (0.9 * x, 0.9 * y, height - 0.8 * radius), radius), role)


def _arch(half_width, height, half_depth, share):
    """A plate in x-z, bottom at z = 0, whose top `share` of the height is half an ellipse."""
    angles = np.linspace(0, np.pi, 15)
    top = [(half_width * np.cos(a), height * (1 - share + share * np.sin(a))) for a in angles]
    return Extrusion(((-half_width, 0.0), (half_width, 0.0), *top), half_depth)


def _chair_back(rng, half_x, y, bottom, height, half):
    """A plate, an arched plate, or two posts with slats across."""
    style = rng.choice(3, p=(0.35, 0.3, 0.35))
    if style == 0:
        return [Part(Box((half_x, half, height / 2), 0.015), "back", (0, y, bottom + height / 2))]
    if style == 1:
        return [Part(_arch(half_x, height, half, rng.uniform(0.3, 0.8)), "back", (0, y, bottom))]
    post, slat = Box((half, half, height / 2)), Box((half_x - half, 0.9 * half, 0.06 * height + 0.022))
    levels = (0.42, 0.86) if rng.random() < 0.6 else (0.86,)
    return [
        *(Part(post, "back", (x, y, bottom + height / 2)) for x in (half - half_x, half_x - half)),
        *(Part(slat, "back", (0, y, bottom + height * level)) for level in levels),
    ]


def chair(rng, proportions):
    """A seat, four legs and a back: a plate, an arch, or posts with slats."""
    stretch = max(proportions.height, 1.0) ** 0.4
    half_x, half_y = (0.25 * stretch * rng.uniform(0.93, 1.13, 2) * (proportions.width, 1.0)).tolist()
    seat_z, back = (
        0.43 * proportions.height * rng.uniform(0.88, 1.12),
        0.52 * proportions.height * rng.uniform(0.85, 1.15),
    )
    longest = max(seat_z + back, 2 * half_x)
    seat, leg = (
        half_thickness(proportions, 0.09, longest),
        half_thickness(proportions, rng.uniform(0.082, 0.096), longest),
    )
    parts = [Part(Box((half_x, half_y, seat), 0.02), "seat", (0, 0, seat_z))]
    parts += _legs(rng, half_x - 1.3 * leg, half_y - 1.3 * leg, seat_z, leg)
    return parts + _chair_back(
        rng, 0.97 * half_x, half_y - leg, seat_z, back, half_thickness(proportions, 0.085, longest)
    )


def stool(rng, proportions):
    """A thick round seat on three or four splayed legs, or on a pole with a foot."""
    radius = 0.26 * proportions.width**0.8 * rng.uniform(0.9, 1.1)
    height = 0.68 * proportions.height * rng.uniform(0.8, 1.25)
    longest = max(height, 2 * radius)
    seat, leg = (
        half_thickness(proportions, rng.uniform(0.11, 0.15), longest),
        half_thickness(proportions, 0.095, longest),
    )
    under, board = height - 2 * seat, half_thickness(proportions, 0.08, longest)
    parts = [
        Part(cylinder(radius, seat), "seat", (0, 0, height - seat)),
        Part(cylinder(0.82 * radius, board), "main", (0, 0, under - 0.8 * board)),
    ]
    if rng.random() < 0.3:
        foot = half_thickness(proportions, 0.09, longest)
        return parts + [
            Part(cylinder(1.2 * leg, under / 2), "legs", (0, 0, under / 2)),
            Part(cylinder(0.9 * radius, foot, 0.75 * radius), "legs", (0, 0, foot)),
        ]
    count, spread, ring = rng.choice((3, 4)), rng.uniform(1.0, 1.35), min(0.7 * radius, 0.86 * radius - leg)
    turns = -np.pi / 2 + np.pi / count + 2 * np.pi * np.arange(count) / count
    return parts + [_splayed(ring * np.cos(a), ring * np.sin(a), height - seat, leg, spread) for a in turns]


def _round_table(proportions, radius, under, leg, longest):
    """Build the support of a round top, from below at z = `under`: a disc, a pole and a foot."""
    foot, disc = half_thickness(proportions, 0.09, longest), half_thickness(proportions, 0.08, longest)
    return [
        Part(cylinder(0.8 * radius, disc), "main", (0, 0, under - 0.8 * disc)),
        Part(cylinder(1.5 * leg, under / 2), "legs", (0, 0, under / 2)),
        Part(cylinder(0.55 * radius, foot, 0.42 * radius), "legs", (0, 0, foot)),
    ]


def table(rng, proportions):
    """A wide top on an apron: long or square on four legs, long on two end boards, or round on a pedestal."""
    style = rng.choice(4, p=(0.4, 0.2, 0.25, 0.15))
    half_x = 0.5 * proportions.width ** (0.7 if style == 2 else 1.0) * rng.uniform(0.92, 1.08)
    height = 0.55 * proportions.height * rng.uniform(0.75, 1.12)
    longest = max(2 * half_x, height)
    half_top, leg = (
        half_thickness(proportions, 0.085, longest),
        half_thickness(proportions, rng.uniform(0.085, 0.115), longest),
    )
    under = height - 2 * half_top
    if style == 2:
        top = Part(cylinder(0.95 * half_x, half_top), "top", (0, 0, height - half_top))
        return [top, *_round_table(proportions, 0.95 * half_x, under, leg, longest)]
    half_y = half_x if style == 1 else 0.5 * rng.uniform(0.55, 0.72)
    apron, edge = half_thickness(proportions, 0.09, longest), 1.4 * leg
    parts = [
        Part(Box((half_x, half_y, half_top), 0.015), "top", (0, 0, height - half_top)),
        Part(Box((half_x - edge, half_y - edge, apron)), "main", (0, 0, under - 0.8 * apron)),
    ]
    if style < 2:
        return parts + _legs(rng, half_x - edge, half_y - edge, height - half_top, leg)
    return parts + [
        Part(Box((leg, 0.85 * half_y, under / 2 + 0.01)), "legs", (x, 0, under / 2 + 0.01))
        for x in (-0.75 * half_x, 0.75 * half_x)
    ]


def _headboard(rng, half_x, y, height, half):
    """A board or an arch across the bed, from the floor up."""
    if rng.random() < 0.5:
        return Part(Box((half_x, half, height / 2), 0.015), "frame", (0, y, height / 2))
    return Part(_arch(half_x, height, half, rng.uniform(0.25, 0.45)), "frame", (0, y, 0))


def bed(rng, proportions):
    """A mattress in a frame with a headboard, a blanket and one or two pillows; with or without a footboard."""
    half_x, half_y = 0.33 * proportions.width * rng.uniform(0.8, 1.2), 0.5
    top, board = 0.3 * proportions.height * rng.uniform(0.9, 1.15), half_thickness(proportions, 0.085)
    frame_top, head = 0.55 * top, top + 0.22 * proportions.height * rng.uniform(0.8, 1.3)
    parts = [
        Part(Box((half_x, half_y - board, frame_top / 3), 0.01), "frame", (0, 0, frame_top * 2 / 3)),
        Part(Box((half_x - 0.025, half_y - 1.4 * board, top / 3), 0.03), "mattress", (0, 0, top * 2 / 3)),
        _headboard(rng, half_x + 0.015, half_y - board, head, board),
    ]
    parts += [
        Part(Box((board, board, frame_top / 2)), "frame", (x, 2 * board - half_y, frame_top / 2))
        for x in (board - half_x, half_x - board)
    ]
    if rng.random() < 0.5:
        parts.append(_headboard(rng, half_x + 0.015, board - half_y, top + 0.06, board))
    cover, low = rng.uniform(0.62, 0.68) * half_y, 0.42 * frame_top
    parts.append(
        Part(
            Box((half_x + 0.012, cover, (top + 0.025 - low) / 2), 0.03),
            "main",
            (0, cover + 1.2 * board - half_y, (top + 0.025 + low) / 2),
        )
    )
    return parts + _pillows(half_x, half_y - 2 * board, top)


def _pillows(half_x, head_y, top):
    half = (0.4 * half_x, 0.1, 0.055) if half_x > 0.3 else (0.68 * half_x, 0.1, 0.055)
    places = (-0.46 * half_x, 0.46 * half_x) if half_x > 0.3 else (0.0,)
    return [Part(Box(half, 0.045), "pillow", (x, head_y - half[1] + 0.01, top + 0.03)) for x in places]


def _arms(rng, half_x, half_y, height, half):
    """Two side boards to the arm height, flat or with a round roll on top."""
    parts = [
        Part(Box((half, half_y, (height - 0.06) / 2), 0.02), "arms", (x, -0.015, (height + 0.06) / 2))
        for x in (half - half_x, half_x - half)
    ]
    if rng.random() < 0.5:
        return parts
    roll, reach = 1.2 * half, half_y - 1.2 * half
    z = height - 0.4 * roll
    return parts + [
        Part(Capsule((x, -reach - 0.03, z), (x, reach, z), roll), "arms") for x in (half - half_x, half_x - half)
    ]


def _upholstered(rng, proportions, half_x, half_y, height, seats):
    """Base, back, arms, seat cushions and feet of an armchair or a sofa."""
    longest = max(2 * half_x, height)
    arm, back, foot = (
        half_thickness(proportions, share * rng.uniform(0.9, 1.1), longest) for share in (0.15, 0.16, 0.1)
    )
    seat, cushion = 0.36 * height, half_thickness(proportions, 0.11, longest)
    inner = half_x - 2 * arm
    parts = [Part(Box((half_x - 0.02, half_y - 0.02, (seat - 0.08) / 2), 0.02), "main", (0, 0, (seat + 0.08) / 2))]
    back_solid = Box((half_x - arm, back, (height - 0.1) / 2), 0.04)
    if rng.random() < 0.4:
        back_solid, base = _arch(half_x - 0.6 * arm, height - 0.1, back, rng.uniform(0.15, 0.35)), 0.1
    else:
        base = 0.1 + (height - 0.1) / 2
    parts.append(Part(back_solid, "main", (0, half_y - back, base)))
    parts += _arms(rng, half_x, half_y, seat + 0.22 * height, arm)
    half = inner / seats
    pad, pad_z = Box((half - 0.002, half_y - back, cushion), 0.035), seat + 0.6 * cushion
    parts += [Part(pad, "cushion", (x, -back - 0.02, pad_z)) for x in half * (2 * np.arange(seats) + 1) - inner]
    foot_x, foot_y = half_x - 1.4 * foot, half_y - 1.5 * foot
    return parts + [
        Part(cylinder(foot, 0.07), "legs", (x, y, 0.07)) for x in (-foot_x, foot_x) for y in (-foot_y, foot_y)
    ]


def armchair(rng, proportions):
    """A deep upholstered chair for one: straight or arched back, flat or rolled arms."""
    half_x, half_y = 0.42 * proportions.width * rng.uniform(0.95, 1.12), 0.4 * rng.uniform(0.92, 1.08)
    return _upholstered(rng, proportions, half_x, half_y, 0.9 * proportions.height * rng.uniform(0.92, 1.12), 1)


def sofa(rng, proportions):
    """A long upholstered seat for two or three: straight or arched back, flat or rolled arms."""
    half_x, half_y = 0.5 * proportions.width, 0.22 * rng.uniform(0.92, 1.12)
    return _upholstered(
        rng, proportions, half_x, half_y, 0.46 * proportions.height * rng.uniform(0.92, 1.12), rng.choice((2, 3))
    )


_LEGS = (("legs", "feet"), ("brown", "black"))

FURNITURE = (
    Category(
        "chair",
        chair,
        accents={"legs": (("legs",), None), "seat": (("seat", "cushion"), None), "back": (("back", "backrest"), None)},
    ),
    Category(
        "armchair",
        armchair,
        ("easy chair", "lounge chair"),
        {"cushion": (("cushion", "seat"), None), "arms": (("arms", "armrests"), None), "legs": _LEGS},
    ),
    Category("stool", stool, ("footstool", "bar stool"), {"legs": (("legs",), None), "seat": (("seat", "top"), None)}),
    Category(
        "table",
        table,
        ("dining table", "coffee table"),
        {"legs": (("legs",), None), "top": (("top", "tabletop"), None)},
    ),
    Category(
        "bed",
        bed,
        accents={
            "mattress": (("mattress", "sheets"), ("white",)),
            "pillow": (("pillows", "pillow"), ("white",)),
            "frame": (("frame", "headboard"), None),
        },
    ),
    Category(
        "sofa",
        sofa,
        ("couch", "settee"),
        {"cushion": (("cushions", "seats"), None), "arms": (("arms", "armrests"), None), "legs": _LEGS},
    ),
)
