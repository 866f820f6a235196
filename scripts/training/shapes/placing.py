# SPDX-License-Identifier: GPL-3.0-or-later
"""Building blocks of organic shapes: balls, rods, lathed curves, circular arrays."""

import numpy as np

from .combined import Blend
from .parts import Part, rotation
from .primitives import Box, Capsule, Ellipsoid, Extrusion, Lathe
from .round_cone import RoundCone

SIDEWAYS, FLAT = rotation("z", 90), rotation("x", -90)
"""Turns of an extrusion whose outline is (y, z), and of one whose outline is (x, y)."""


def ball(role, at, x, y=None, z=None, turn=None):
    """An ellipsoid of radii x, y, z; those left out are x."""
    return Part(Ellipsoid((x, x if y is None else y, x if z is None else z)), role, tuple(at), turn)


def rod(role, start, end, radius):
    """A round rod between two points of the shape."""
    return Part(Capsule(tuple(start), tuple(end), radius), role)


def both_sides(make):
    """Return the two parts from `make(side)` for side -1 and 1."""
    return [make(-1), make(1)]


def lathe_curve(role, points, at=(0.0, 0.0, 0.0), turn=None, steps=2):
    """A smooth curve through (radius, z) `points` from axis to axis, turned around z; `steps` corners per point."""
    return Part(Lathe(tuple(map(tuple, smooth(points, steps)))), role, at, turn)


def smooth(points, steps=2):
    """Return a `curve` through (K, 2) points as the profile of a lathe: radius kept >= 0."""
    corners = curve(points, steps)
    corners[:, 0] = np.maximum(corners[:, 0], 0.0)
    return corners


def cone(role, tip, base, radius, tip_radius=0.0):
    """A cone from the middle of its base to its tip, both points of the shape."""
    tip, base = np.asarray(tip, float), np.asarray(base, float)
    length = np.linalg.norm(tip - base)
    profile = ((0.0, 0.0), (radius, 0.0), (tip_radius, length), (0.0, length))
    return Part(
        Lathe(profile if tip_radius > 0 else profile[:3]), role, tuple(base), rotation_to((tip - base) / length)
    )


def rotation_to(direction):
    """Return the (3, 3) rotation matrix that takes +z to the unit vector `direction`."""
    across = rotation("z", np.degrees(np.arctan2(direction[1], direction[0])))
    return across @ rotation("y", np.degrees(np.arccos(np.clip(direction[2], -1.0, 1.0))))


def around(count, radius, z, start=0.0):
    """Return (angle in degrees, position) of `count` positions on a circle around the z axis."""
    for angle in start + np.arange(count) * 360.0 / count:
        turn = np.radians(angle)
        yield angle, (radius * np.cos(turn), radius * np.sin(turn), z)


def taper(role, start, end, radius, end_radius):
    """A rod with round ends that becomes thinner or thicker."""
    return Part(RoundCone(tuple(start), tuple(end), radius, end_radius), role)


def chain(role, points, radii):
    """Tapered rods from point to point; `radii` per point, or one for all."""
    radii = np.broadcast_to(radii, len(points))
    return [taper(role, points[i], points[i + 1], float(radii[i]), float(radii[i + 1])) for i in range(len(points) - 1)]


def blend(role, parts, radius=0.05):
    """Melt parts into one, with rounded seams."""
    return Part(Blend(tuple(parts), radius), role)


def box(role, at, half, rounding=0.0, turn=None):
    """A box by its center and half sizes."""
    return Part(Box(tuple(half), rounding), role, tuple(at), turn)


def sheet(role, outline, half_depth, at=(0.0, 0.0, 0.0), turn=None, rounding=0.0):
    """A flat part of an outline (x, z), half as deep as `half_depth` to each side of its plane.

    `rounding` rounds its edges without making it larger in depth.
    """
    return Part(Extrusion(tuple(map(tuple, outline)), half_depth - rounding, rounding), role, tuple(at), turn)


def curve(points, steps=6):
    """Return a smooth curve (Catmull-Rom) through (K, D) points with `steps` corners between neighbors."""
    points = np.asarray(points, float)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = (np.arange(steps) / steps)[:, None, None]
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    bend = (2 * before - 5 * start + 4 * end - after) * t**2 + (3 * start - before - 3 * end + after) * t**3
    bent = start + 0.5 * ((end - before) * t + bend)
    return np.concatenate([bent.transpose(1, 0, 2).reshape(-1, points.shape[1]), points[-1:]])


def arc(radius, first, last, steps=12, middle=(0.0, 0.0), flat=1.0):
    """Return (steps, 2) points on a circle between two angles in degrees; `flat` scales the second coordinate."""
    turn = np.radians(np.linspace(first, last, steps))
    return np.stack([middle[0] + radius * np.cos(turn), middle[1] + flat * radius * np.sin(turn)], 1)


def on_ball(at, radii, direction):
    """Return the point on an ellipsoid at `at` in a direction from its center."""
    direction = np.asarray(direction, float)
    return np.add(at, direction / np.linalg.norm(direction / np.broadcast_to(radii, 3)))


def eyes_on(at, radii, direction, size, role="eyes"):
    """Two eyes on an ellipsoid; `direction` is that of the right one."""
    return both_sides(lambda side: ball(role, on_ball(at, radii, np.multiply(direction, (side, 1, 1))), size))


def ears_of(at, radii, direction, size, turn=0.0, role="ears"):
    """Two flat round ears on an ellipsoid, of three radii `size`, leaning outward by `turn` degrees."""
    return both_sides(
        lambda side: ball(
            role, on_ball(at, radii, np.multiply(direction, (side, 1, 1))), *size, rotation("y", side * turn)
        )
    )
