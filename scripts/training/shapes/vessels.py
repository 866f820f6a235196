# SPDX-License-Identifier: GPL-3.0-or-later
"""Mugs, bottles, vases, teapots and bowls."""

import numpy as np

from .parts import Part, rotation
from .placing import smooth
from .primitives import Capsule, Ellipsoid, Extrusion, Lathe, Torus, cylinder
from .thickness import half_thickness


def _side(radii, heights, steps):
    """A smooth side from the ground up: [(radius, z)]."""
    return [tuple(corner) for corner in smooth(np.stack([radii, heights], 1), steps).tolist()]


def hollow(outside, wall, floor):
    """A lathe open at the top: walls `wall` thick measured across, floor at z = `floor`."""
    inside = [(radius - wall, z) for radius, z in reversed(outside) if z > floor and radius > wall]
    radius_at_floor = np.interp(floor, [z for _, z in outside], [radius for radius, _ in outside]) - wall
    return Lathe(((0.0, outside[0][1]), *outside, *inside, (max(radius_at_floor, 0.02), floor), (0.0, floor)))


def _lined(outside, wall, floor):
    """A hollow body with a separately colored lining on the inside."""
    *lower, (radius, top) = outside
    lining = [(r - 0.015, z) for r, z in lower] + [(radius - 0.015, top - 0.012)]
    return [
        Part(hollow(outside, wall - 0.012, floor), "main"),
        Part(hollow(lining, wall - 0.015, floor + 0.01), "inside"),
    ]


def handle_ring(reach, half_height, thick, squareness, rounding=0.015):
    """A C-shaped handle in x-z that opens towards -x; its ends are at x = 0."""
    angles = np.linspace(-np.pi / 2, np.pi / 2, 11)
    x, z = np.cos(angles).clip(0) ** squareness, np.sign(angles) * np.abs(np.sin(angles)) ** squareness
    outer, inner = (np.stack([(reach - cut) * x, (half_height - cut) * z], 1) for cut in (rounding, thick - rounding))
    return Extrusion(tuple(map(tuple, [*outer, *inner[::-1]])), thick / 2 - rounding, rounding)


_MUGS = ((0.97, 1.0, 1.0), (0.78, 0.9, 1.0), (0.8, 1.1, 1.0))


def mug(rng, proportions):
    """A cup with one round or square ear: straight, tapered or bellied."""
    radius, height = (
        0.36 * proportions.width * rng.uniform(0.9, 1.08),
        0.82 * proportions.height * rng.uniform(0.82, 1.08),
    )
    longest = max(2.65 * radius, height)
    thick, wall = 2 * half_thickness(proportions, 0.1, longest), 2 * half_thickness(proportions, 0.085, longest)
    shape = np.array(_MUGS[rng.integers(len(_MUGS))])
    outside = _side(radius * shape, height * np.array((0.0, 0.45, 1.0)), 5)
    ear = handle_ring(
        0.2 * rng.uniform(0.9, 1.15) * longest + thick, min(0.42 * height, 0.32), thick, rng.uniform(0.6, 1.0)
    )
    root = radius * np.interp(0.75, (0.45, 1.0), shape[1:]) - 0.8 * wall
    return [*_lined(outside, wall, wall), Part(ear, "handle", (root, 0, 0.5 * height))]


def bottle(rng, proportions):
    """A slim body, shoulders, a neck, a cap and a label: sloping like wine, round like beer, wide like milk."""
    height, radius = (
        0.92 * proportions.height * rng.uniform(0.95, 1.05),
        0.19 * proportions.width * rng.uniform(0.88, 1.12),
    )
    share, slope, stout = ((0.48, 0.28, 0.4), (0.6, 0.14, 0.42), (0.64, 0.17, 0.64))[rng.integers(3)]
    shoulder, slope = height * share * rng.uniform(0.93, 1.05), height * slope * rng.uniform(0.85, 1.1)
    neck = max(stout * radius, half_thickness(proportions, 0.12, height))
    top = _side(
        (radius, 0.88 * radius, neck, neck), (shoulder, shoulder + 0.45 * slope, shoulder + slope, height - 0.03), 4
    )
    cap, band = half_thickness(proportions, 0.11, height), rng.uniform(0.12, 0.16) * height
    profile = ((0.0, 0.0), (0.93 * radius, 0.0), (radius, 0.04 * height), *top, (0.0, height - 0.03))
    return [
        Part(Lathe(profile), "main"),
        Part(cylinder(neck + 0.022, cap), "cap", (0, 0, height - cap)),
        Part(cylinder(radius + 0.015, band), "label", (0, 0, rng.uniform(0.5, 0.56) * shoulder)),
    ]


_VASES = (
    (0.6, 1.0, 0.85, 0.5, 0.62),
    (0.5, 0.7, 1.0, 0.62, 0.7),
    (0.55, 0.46, 0.5, 0.66, 1.0),
    (0.62, 1.0, 0.92, 0.44, 0.66),
)


def vase(rng, proportions):
    """A lathed vase with a foot and a rim: bellied, shouldered, flared or bulbous with a narrow neck."""
    height, radius = (
        0.95 * proportions.height * rng.uniform(0.88, 1.05),
        0.3 * proportions.width * rng.uniform(0.88, 1.12),
    )
    longest = max(height, 2 * radius)
    wall, foot = 2 * half_thickness(proportions, 0.082, longest), half_thickness(proportions, 0.09, longest)
    shape = np.array(_VASES[rng.integers(len(_VASES))]) * rng.uniform(0.94, 1.06, 5)
    radii = np.maximum(radius * shape, 1.6 * wall)
    radii[-1] = max(radii[-1], 1.9 * wall)
    outside = _side(radii, height * np.array((0.0, 0.3, 0.55, 0.8, 0.97)), 4)
    return [
        Part(hollow(outside, wall, 0.66 * height), "main"),
        Part(Torus(radii[-1] - 0.42 * wall, 0.55 * wall), "rim", (0, 0, 0.97 * height)),
        Part(cylinder(1.08 * radii[0] + 0.02, foot, radii[0] + 0.02), "base", (0, 0, foot)),
    ]


def _spout(radius, z, thick):
    """A cone that leans out of the body towards -x and ends in a lip that points up."""
    half, lean = 0.62 * radius, -48.0
    at = np.array((-0.98 * radius, 0.0, z + 0.1 * radius))
    mouth = at + half * rotation("y", lean)[:, 2]
    lip = Capsule(tuple(mouth), tuple(mouth + (-0.04 * radius, 0, 0.2 * radius)), 0.6 * thick)
    return [
        Part(cylinder(1.25 * thick, half, 0.58 * thick), "spout", tuple(at), rotation("y", lean)),
        Part(lip, "spout"),
    ]


def teapot(rng, proportions):
    """A round, flat or tall belly with spout, lid with a knob, and an ear at the side or a bail over the top."""
    radius, half = (
        0.31 * proportions.width**0.8 * rng.uniform(0.95, 1.05),
        0.27 * proportions.height * rng.uniform(0.9, 1.12),
    )
    longest = max(3.2 * radius, 2.8 * half)
    thick, foot = 2 * half_thickness(proportions, 0.085, longest), half_thickness(proportions, 0.08, longest)
    z = half + 0.6 * foot
    parts = [
        Part(Ellipsoid((radius, radius, half)), "main", (0, 0, z)),
        Part(cylinder(0.62 * radius, foot), "main", (0, 0, foot)),
        Part(Ellipsoid((0.62 * radius, 0.62 * radius, 0.4 * half)), "lid", (0, 0, z + 0.78 * half)),
        Part(Ellipsoid((0.7 * thick,) * 3), "lid", (0, 0, z + 1.18 * half + 0.35 * thick)),
    ]
    parts += _spout(radius, z, thick)
    if rng.random() < 0.7:
        ear = handle_ring(0.75 * radius, max(0.7 * half, 1.6 * thick), thick, rng.uniform(0.7, 1.0))
        return parts + [Part(ear, "handle", (0.82 * radius, 0, z))]
    bail = handle_ring(0.9 * half + 2.6 * thick, 0.85 * radius, thick, rng.uniform(0.7, 0.9))
    return parts + [Part(bail, "handle", (0, 0, z + 0.45 * half), rotation("y", -90))]


_BOWLS = ((0.42, 0.8, 0.96, 1.0), (0.5, 0.68, 0.84, 1.0), (0.6, 0.92, 1.0, 0.98))


def bowl(rng, proportions):
    """A wide open bowl with a rim and a foot: round, flared or deep."""
    radius, height = (
        0.5 * proportions.width**0.6 * rng.uniform(0.93, 1.05),
        0.4 * proportions.height**0.8 * rng.uniform(0.85, 1.15),
    )
    wall = 2 * half_thickness(proportions, 0.105, 2 * radius)
    shape = np.array(_BOWLS[rng.integers(len(_BOWLS))]) * radius
    outside = _side(shape, height * np.array((0.0, 0.3, 0.65, 1.0)), 3)
    return [
        *_lined(outside, wall, min(wall + 0.02, 0.4 * height)),
        Part(cylinder(shape[0] + 0.02, 0.05), "main", (0, 0, 0.05)),
        Part(Torus(shape[-1] - 0.45 * wall, 0.55 * wall), "rim", (0, 0, height)),
    ]
