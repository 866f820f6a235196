# SPDX-License-Identifier: GPL-3.0-or-later
"""Solids made of other solids: smooth blends and cuts. Their surfaces are sampled approximately."""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

STEP = 1e-4


def local(part, points):
    """Return points (N, 3) of the shape in the frame of a part."""
    moved = points - np.asarray(part.at)
    return moved if part.turn is None else moved @ part.turn


def placed(part, points):
    """Return points (N, 3) in the frame of a part where they are in the shape."""
    return (points if part.turn is None else points @ part.turn.T) + np.asarray(part.at)


def gradient(solid, points, values=None):
    """Return the (N, 3) slopes of a solid's distance; `values` are the distances if they are known."""
    values = solid.distance(points) if values is None else values
    return np.stack([(solid.distance(points + STEP * axis) - values) / STEP for axis in np.eye(3)], axis=1)


def _pulled(solid, points):
    """Move points near the surface of a solid onto it: (points, those left apart from it dropped)."""
    values = solid.distance(points)
    for _ in range(2):
        off = np.abs(values) > 3e-4
        if not off.any():
            break
        slope = gradient(solid, points[off], values[off])
        points = points.copy()
        points[off] -= values[off, None] * slope / np.maximum((slope**2).sum(1, keepdims=True), 0.05)
        values[off] = solid.distance(points[off])
    return points[np.abs(values) < 2e-3]


class _Sampled:
    """A solid whose surface is sampled from candidates; `_candidates(count, rng)` returns some near or on it."""

    def _candidate_area(self):
        raise NotImplementedError

    def area(self):
        """Return the surface area, estimated."""
        return self._area

    @cached_property
    def _area(self):
        tries = 300
        return self._candidate_area() * max(len(self._candidates(tries, np.random.default_rng(0))), 1) / tries

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, about uniform by area."""
        kept = self._candidates(int(1.3 * count * self._candidate_area() / self.area()) + 16, rng)
        while len(kept) < count:
            kept = np.concatenate([kept, self._candidates(count + 16, rng)])
        return rng.permutation(kept)[:count]


def _drawn(parts, count, rng):
    """Return (points on the surfaces of parts, indices of the parts), uniform by area."""
    areas = np.array([part.solid.area() for part in parts])
    counts = rng.multinomial(count, areas / areas.sum())
    points = [placed(part, part.solid.surface(n, rng)) for part, n in zip(parts, counts, strict=True)]
    return np.concatenate(points), np.repeat(np.arange(len(parts)), counts)


@numba.njit(cache=True, fastmath=True)
def _melted(first, second, radius):
    """Return the smaller distances, less a quadratic bump where they differ by less than `radius`."""
    result = np.empty(len(first))
    for i in range(len(first)):
        close = max(radius - abs(first[i] - second[i]), 0.0)
        result[i] = min(first[i], second[i]) - close * close / (4 * radius)
    return result


@dataclass(frozen=True)
class Blend(_Sampled):
    """A union of parts whose seams are rounded: `radius` is about the size of the fillet."""

    parts: tuple
    radius: float

    def distance(self, points):
        """Return the (N,) distance of points (N, 3), exact away from the seams."""
        nearest = self.parts[0].solid.distance(local(self.parts[0], points))
        for part in self.parts[1:]:
            nearest = _melted(nearest, part.solid.distance(local(part, points)), self.radius)
        return nearest

    def _candidate_area(self):
        return sum(part.solid.area() for part in self.parts)

    def _candidates(self, count, rng):
        points, _ = _drawn(self.parts, count, rng)
        others = np.stack([part.solid.distance(local(part, points)) for part in self.parts])
        return _pulled(self, points[others.min(0) > -1e-3])

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        return np.max([np.abs(part.at) + np.abs(part.solid.extent()).max() for part in self.parts], axis=0)


@dataclass(frozen=True)
class Cut(_Sampled):
    """A solid without what lies inside of some parts, `tools`."""

    solid: object
    tools: tuple

    def distance(self, points):
        """Return the (N,) distance of points (N, 3), a lower bound near the edges of the cut."""
        removed = np.min([tool.solid.distance(local(tool, points)) for tool in self.tools], axis=0)
        return np.maximum(self.solid.distance(points), -removed)

    def _candidate_area(self):
        return self.solid.area() + sum(tool.solid.area() for tool in self.tools)

    def _candidates(self, count, rng):
        whole = rng.binomial(count, self.solid.area() / self._candidate_area())
        points = np.concatenate([self.solid.surface(whole, rng), _drawn(self.tools, count - whole, rng)[0]])
        return points[np.abs(self.distance(points)) < 1e-3]

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        return self.solid.extent()
