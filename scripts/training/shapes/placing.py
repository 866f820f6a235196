# SPDX-License-Identifier: GPL-3.0-or-later
"""Building blocks of organic shapes: balls, rods, lathed curves, circular arrays."""

import numpy as np

from .parts import Part, rotation
from .primitives import Capsule, Ellipsoid, Lathe


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
    """Return a curve (Catmull-Rom) through (K, 2) points with `steps` corners between neighbors; radius kept >= 0."""
    points = np.asarray(points, float)
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    curve = []
    for t in np.arange(steps) / steps:
        bend = (2 * before - 5 * start + 4 * end - after) * t**2 + (3 * start - before - 3 * end + after) * t**3
        curve.append(start + 0.5 * ((end - before) * t + bend))
    corners = np.concatenate([np.stack(curve, 1).reshape(-1, 2), points[-1:]])
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
