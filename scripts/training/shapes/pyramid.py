# SPDX-License-Identifier: GPL-3.0-or-later
"""The four-sided pyramid roof of square towers."""

from dataclasses import dataclass

import numpy as np

from .polygons import points_in_polygon, polygon_distance


@dataclass(frozen=True)
class Pyramid:
    """A pyramid on a square of side `2 half` at z = 0, its apex on the z axis at `height`."""

    half: float
    height: float

    def _slant(self):
        return np.hypot(self.half, self.height)

    def _side(self):
        """One side as a triangle: (across, up the slope)."""
        return np.array([(-self.half, 0.0), (self.half, 0.0), (0.0, self._slant())])

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3).

        By symmetry only the base and the side towards +x can be nearest.
        """
        flat = np.sort(np.abs(points[:, :2]), axis=1)
        across, out, z = flat[:, 0], flat[:, 1] - self.half, points[:, 2]
        off = (out * self.height + z * self.half) / self._slant()
        up = (z * self.height - out * self.half) / self._slant()
        beside = np.maximum(polygon_distance(np.stack([across, up], 1), self._side()), 0.0)
        beyond = np.linalg.norm(np.maximum(flat - self.half, 0.0), axis=1)
        nearest = np.minimum(np.hypot(beside, off), np.hypot(beyond, z))
        return np.where(np.maximum(off, -z) < 0, -nearest, nearest)

    def area(self):
        """Return the surface area."""
        return 4 * self.half * (self.half + self._slant())

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, uniform by area."""
        sides = rng.binomial(count, self._slant() / (self.half + self._slant()))
        across, up = points_in_polygon(self._side(), sides, rng).T
        share = up / self._slant()
        out = self.half * (1 - share)
        quarter = rng.integers(0, 4, sides) * np.pi / 2
        cos, sin = np.cos(quarter), np.sin(quarter)
        side = np.stack([out * cos - across * sin, out * sin + across * cos, self.height * share], 1)
        base = rng.uniform(-self.half, self.half, (count - sides, 3)) * (1, 1, 0)
        return np.concatenate([side, base])

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        return np.array([self.half, self.half, self.height])
