# SPDX-License-Identifier: GPL-3.0-or-later
"""The faceted column: cut stones, crystals, roofs and pencils with flat sides and sharp edges."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .primitives import Lathe


@dataclass(frozen=True)
class Faceted:
    """A convex column of `sides` flat sides around z; `levels` are (radius of the edges, z) from the bottom up."""

    sides: int
    levels: tuple[tuple[float, float], ...]

    @cached_property
    def _planes(self):
        """Return the normals (P, 3) and offsets (P,) of the flat sides, the bottom and the top."""
        inner = np.cos(np.pi / self.sides)
        normals, offsets = [(0, 0, -1.0), (0, 0, 1.0)], [-self.levels[0][1], self.levels[-1][1]]
        for (radius, z), (other, top) in zip(self.levels[:-1], self.levels[1:], strict=True):
            out, up = np.array((top - z, (radius - other) * inner)) / np.hypot(top - z, (radius - other) * inner)
            for turn in np.pi / self.sides * (2 * np.arange(self.sides) + 1):
                normals.append((out * np.cos(turn), out * np.sin(turn), up))
                offsets.append(out * radius * inner + up * z)
        return np.array(normals), np.array(offsets)

    def distance(self, points):
        """Return the (N,) distance of points (N, 3), exact inside and a lower bound beyond edges outside."""
        normals, offsets = self._planes
        return (points @ normals.T - offsets).max(1)

    def _hull(self):
        """Return the round body around the column."""
        return Lathe(((0.0, self.levels[0][1]), *self.levels, (0.0, self.levels[-1][1])))

    def area(self):
        """Return the surface area, a little more than the true one."""
        return self._hull().area()

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, about uniform by area: points of the hull moved inward."""
        points = self._hull().surface(count, rng)
        normals, offsets = self._planes
        middle = np.array((0, 0, (self.levels[0][1] + self.levels[-1][1]) / 2))
        out = points - middle
        reach = (offsets - normals @ middle) / np.maximum(out @ normals.T, 1e-9)
        return middle + out * np.where(reach > 0, reach, np.inf).min(1, keepdims=True)

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        wide = max(radius for radius, _ in self.levels)
        return np.array([wide, wide, max(abs(z) for _, z in self.levels)])
