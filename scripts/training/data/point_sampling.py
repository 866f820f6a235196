# SPDX-License-Identifier: GPL-3.0-or-later
"""Training samples of a shape: colored surface points, and query points with signed distances."""

from dataclasses import dataclass

import numpy as np

HALF_SIDE = 0.9
"""Half of the longest side of every shape, in model space."""

NEAR_SPREADS = (0.02, 0.08)


@dataclass(frozen=True)
class Sample:
    """One shape: points (N, 3), colors (N, 3) uint8; queries (Q, 3), distances (Q,) (negative inside), query_colors."""

    points: np.ndarray
    colors: np.ndarray
    queries: np.ndarray
    distances: np.ndarray
    query_colors: np.ndarray


class Solid:
    """A union of placed parts, scaled and centered into model space."""

    def __init__(self, parts, colors, rng):
        self.parts = parts
        self.colors = np.stack([colors[part.role] for part in parts])
        self.scale, self.middle = 1.0, np.zeros(3)
        raw = self._raw_surface(2000, rng)[0]
        low, high = raw.min(0), raw.max(0)
        self.middle, self.scale = (low + high) / 2, 2 * HALF_SIDE / (high - low).max()

    def distances(self, points):
        """Return the (parts, M) distances of points (M, 3) in model space to each part."""
        placed = points / self.scale + self.middle
        return np.stack([part.solid.distance(self._in_part(part, placed)) for part in self.parts]) * self.scale

    @staticmethod
    def _in_part(part, points):
        moved = points - np.asarray(part.at)
        return moved if part.turn is None else moved @ part.turn

    def _raw_surface(self, count, rng):
        areas = np.array([part.solid.area() for part in self.parts])
        counts = rng.multinomial(count, areas / areas.sum())
        points = []
        for part, n in zip(self.parts, counts, strict=True):
            local = part.solid.surface(n, rng)
            points.append((local if part.turn is None else local @ part.turn.T) + np.asarray(part.at))
        return np.concatenate(points), np.repeat(np.arange(len(self.parts)), counts)

    def surface(self, count, rng):
        """Return (count, 3) points on the surface of the union and their (count,) part indices."""
        kept_points, kept_parts = np.empty((0, 3)), np.empty(0, int)
        while len(kept_points) < count:
            raw, owner = self._raw_surface(2 * count, rng)
            points = (raw - self.middle) * self.scale
            outside = self.distances(points).min(0) > -0.004
            kept_points = np.concatenate([kept_points, points[outside]])
            kept_parts = np.concatenate([kept_parts, owner[outside]])
        picked = rng.permutation(len(kept_points))[:count]
        return kept_points[picked], kept_parts[picked]


def sample(solid, rng, n_points=1024, n_queries=2048):
    """Draw one `Sample` from a solid: half of the queries near its surface, half uniform in the cube."""
    points, owner = solid.surface(n_points, rng)
    near = points[rng.integers(0, n_points, n_queries // 2)]
    spread = np.repeat(NEAR_SPREADS, n_queries // 4)[:, None]
    queries = np.concatenate([near + rng.normal(size=near.shape) * spread, rng.uniform(-1, 1, near.shape)])
    distances = solid.distances(queries.clip(-1, 1))
    colors = (solid.colors * 255).round().astype(np.uint8)
    return Sample(points, colors[owner], queries.clip(-1, 1), distances.min(0), colors[np.abs(distances).argmin(0)])
