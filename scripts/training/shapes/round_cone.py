# SPDX-License-Identifier: GPL-3.0-or-later
"""The round cone: limbs, tails, horns, fingers."""

from dataclasses import dataclass

import numba
import numpy as np


@numba.njit(cache=True, fastmath=True)
def _signed_distances(points, start, axis, length, sine, radius):
    slope, result = sine / np.sqrt(1 - sine**2), np.empty(len(points))
    for i in range(len(points)):
        x, y, z = points[i, 0] - start[0], points[i, 1] - start[1], points[i, 2] - start[2]
        along = x * axis[0] + y * axis[1] + z * axis[2]
        radial = np.sqrt(max(x * x + y * y + z * z - along * along, 0.0))
        ball = min(max(along - radial * slope, 0.0), length)
        result[i] = np.sqrt((along - ball) ** 2 + radial**2) - (radius - ball * sine)
    return result


@dataclass(frozen=True)
class RoundCone:
    """The hull of two balls: radius `start_radius` at `start`, `end_radius` at `end`, neither inside the other."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    start_radius: float
    end_radius: float

    def _axis(self):
        """Return (unit axis, length, sine of the angle between axis and side)."""
        axis = np.subtract(self.end, self.start)
        length = max(float(np.linalg.norm(axis)), 1e-9)
        return axis / length, length, float(np.clip((self.start_radius - self.end_radius) / length, -0.999, 0.999))

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3).

        The cone is the union of balls along the axis; the nearest ball lies where the normal of the side points.
        """
        start = np.asarray(self.start, float)
        return _signed_distances(np.asarray(points, float), start, *self._axis(), float(self.start_radius))

    def _areas(self):
        """Return the areas of the cap at the start, of the side and of the cap at the end."""
        _, length, sine = self._axis()
        side = np.pi * (self.start_radius + self.end_radius) * (1 - sine**2) * length
        return np.array(
            [2 * np.pi * self.start_radius**2 * (1 + sine), side, 2 * np.pi * self.end_radius**2 * (1 - sine)]
        )

    def area(self):
        """Return the surface area."""
        return float(self._areas().sum())

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, uniform by area."""
        axis, length, sine = self._axis()
        areas = self._areas()
        region = rng.choice(3, count, p=areas / areas.sum())
        first, last, share = self.start_radius, self.end_radius, rng.random(count)
        grown = np.sqrt(first**2 + share * (last**2 - first**2)) - first
        slide = grown / (last - first) if abs(last - first) > 1e-6 else share
        cosine = np.choose(region, (-1 + share * (1 + sine), np.full(count, sine), sine + share * (1 - sine)))
        place = np.choose(region, (np.zeros(count), slide, np.ones(count)))
        across = rng.normal(size=(count, 3))
        across -= np.outer(across @ axis, axis)
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        outward = cosine[:, None] * axis + np.sqrt(1 - cosine**2)[:, None] * across
        radius = first + place * (last - first)
        return np.asarray(self.start) + np.outer(place * length, axis) + radius[:, None] * outward

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        return np.maximum(np.abs(self.start) + self.start_radius, np.abs(self.end) + self.end_radius)
