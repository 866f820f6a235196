# SPDX-License-Identifier: GPL-3.0-or-later
"""Primitive solids, whose unions are the catalog shapes: signed distance, surface sampling, area and thickness.

All distances are negative inside. A primitive has a local frame; `Part` places it.
"""

from dataclasses import dataclass, field

import numpy as np

from .polygons import points_in_polygon, points_on_edges, polygon_area, polygon_distance


@dataclass(frozen=True)
class Box:
    """A box centered on its origin, with edges rounded by `rounding` (kept within the half sizes)."""

    half: tuple[float, float, float]
    rounding: float = 0.0

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3)."""
        offset = np.abs(points) - (np.asarray(self.half) - self.rounding)
        outside = np.linalg.norm(np.maximum(offset, 0.0), axis=1)
        return outside + np.minimum(offset.max(1), 0.0) - self.rounding

    def area(self):
        """Return the surface area (of the sharp box)."""
        x, y, z = self.half
        return 8.0 * (x * y + y * z + z * x)

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, uniform by area."""
        half = np.asarray(self.half)
        face = np.array([half[1] * half[2], half[0] * half[2], half[0] * half[1]])
        axis = rng.choice(3, count, p=face / face.sum())
        points = rng.uniform(-1.0, 1.0, (count, 3)) * half
        points[np.arange(count), axis] = np.sign(rng.random(count) - 0.5) * half[axis]
        if self.rounding <= 0:
            return points
        core = np.clip(points, -(half - self.rounding), half - self.rounding)
        outward = points - core
        return core + self.rounding * outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)

    def extent(self):
        """Return the half size of the axis-aligned bounds, [3]."""
        return np.asarray(self.half, float)


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid centered on its origin; the distance is the usual first-order bound, exact for a sphere."""

    radii: tuple[float, float, float]

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3)."""
        radii = np.asarray(self.radii)
        scale_clouds = np.linalg.norm(points / radii, axis=1)
        slope = np.linalg.norm(points / radii**2, axis=1)
        far = scale_clouds * (scale_clouds - 1.0) / np.maximum(slope, 1e-9)
        return np.where(scale_clouds < 1e-3, -radii.min(), far)

    def area(self):
        """Return the surface area by Thomsen's formula (p = 1.6075, within about 1 percent)."""
        a, b, c = (value**1.6075 for value in self.radii)
        return 4.0 * np.pi * ((a * b + a * c + b * c) / 3.0) ** (1 / 1.6075)

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, uniform by area (rejection on the stretch of the sphere)."""
        radii = np.asarray(self.radii)
        kept = np.empty((0, 3))
        while len(kept) < count:
            unit = rng.normal(size=(3 * count + 16, 3))
            unit /= np.linalg.norm(unit, axis=1, keepdims=True)
            stretch = np.linalg.norm(unit / radii, axis=1) * radii.min()
            kept = np.concatenate([kept, unit[rng.random(len(unit)) < stretch] * radii])
        return kept[:count]

    def extent(self):
        """Return the half size of the axis-aligned bounds, [3]."""
        return np.asarray(self.radii, float)


@dataclass(frozen=True)
class Torus:
    """A ring around the z axis: `ring` from the axis to the middle of the tube, `tube` the tube's radius."""

    ring: float
    tube: float

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3)."""
        across = np.linalg.norm(points[:, :2], axis=1) - self.ring
        return np.hypot(across, points[:, 2]) - self.tube

    def area(self):
        """Return the surface area."""
        return 4.0 * np.pi**2 * self.ring * self.tube

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, uniform by area (rejection on the distance from the axis)."""
        kept = np.empty(0)
        while len(kept) < count:
            turn = rng.uniform(0, 2 * np.pi, 2 * count + 16)
            keep = rng.random(len(turn)) * (self.ring + self.tube) < self.ring + self.tube * np.cos(turn)
            kept = np.concatenate([kept, turn[keep]])
        turn, around = kept[:count], rng.uniform(0, 2 * np.pi, count)
        radius = self.ring + self.tube * np.cos(turn)
        return np.stack([radius * np.cos(around), radius * np.sin(around), self.tube * np.sin(turn)], 1)

    def extent(self):
        """Return the half size of the axis-aligned bounds, [3]."""
        return np.array([self.ring + self.tube, self.ring + self.tube, self.tube])


@dataclass(frozen=True)
class Capsule:
    """A round rod from `start` to `end`."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3)."""
        start, axis = np.asarray(self.start, float), np.subtract(self.end, self.start)
        along = np.clip((points - start) @ axis / max(axis @ axis, 1e-12), 0.0, 1.0)
        return np.linalg.norm(points - start - along[:, None] * axis, axis=1) - self.radius

    def area(self):
        """Return the surface area."""
        return 2 * np.pi * self.radius * (np.linalg.norm(np.subtract(self.end, self.start)) + 2 * self.radius)

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface (uniform by area up to the caps' weighting)."""
        start, axis = np.asarray(self.start, float), np.subtract(self.end, self.start)
        length = np.linalg.norm(axis)
        unit = axis / max(length, 1e-9)
        direction = rng.normal(size=(count, 3))
        on_rod = rng.random(count) * (length + 2 * self.radius) < length
        radial = direction - np.outer(direction @ unit, unit)
        direction = np.where(on_rod[:, None], radial, direction)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        along = np.where(on_rod, rng.random(count), (direction @ unit > 0).astype(float))
        return start + along[:, None] * axis + self.radius * direction

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        return np.maximum(np.abs(self.start), np.abs(self.end)) + self.radius


@dataclass(frozen=True)
class Lathe:
    """A profile revolved around the z axis: `profile` is a closed polygon of (radius >= 0, z) corners.

    Corners at radius 0 are on the axis. A hollow body (mug, bowl) has a profile up the outside and down the inside.
    """

    profile: tuple[tuple[float, float], ...]
    _corners: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "_corners", np.asarray(self.profile, float))

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3).

        Edges on the axis do not count as surface: the profile is mirrored across them.
        """
        radius = np.maximum(np.linalg.norm(points[:, :2], axis=1), 1e-6)  # never exactly on the closing edge
        flat = np.stack([radius, points[:, 2]], 1)
        on_axis = self._corners[:, 0] < 1e-9
        return polygon_distance(flat, self._corners, ~(on_axis & np.roll(on_axis, -1)))

    def _ring_lengths(self):
        return np.pi * (self._corners[:, 0] + np.roll(self._corners[:, 0], -1))

    def area(self):
        """Return the surface area (Pappus)."""
        edge = np.roll(self._corners, -1, axis=0) - self._corners
        return float((np.linalg.norm(edge, axis=1) * self._ring_lengths()).sum())

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, edges weighted by the area they sweep."""
        flat = points_on_edges(self._corners, count, rng, self._ring_lengths() + 1e-12)
        around = rng.uniform(0, 2 * np.pi, count)
        return np.stack([flat[:, 0] * np.cos(around), flat[:, 0] * np.sin(around), flat[:, 1]], 1)

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        radius = self._corners[:, 0].max()
        return np.array([radius, radius, np.abs(self._corners[:, 1]).max()])


@dataclass(frozen=True)
class Extrusion:
    """A polygon `outline` in the x-z plane, given a depth along y from -half_depth to +half_depth."""

    outline: tuple[tuple[float, float], ...]
    half_depth: float
    rounding: float = 0.0
    _corners: np.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "_corners", np.asarray(self.outline, float))

    def distance(self, points):
        """Return the (N,) signed distance of points (N, 3).

        `rounding` grows the solid outward by that much and rounds its edges.
        """
        flat = polygon_distance(points[:, [0, 2]], self._corners)
        depth = np.abs(points[:, 1]) - self.half_depth
        outside = np.hypot(np.maximum(flat, 0.0), np.maximum(depth, 0.0))
        return outside + np.minimum(np.maximum(flat, depth), 0.0) - self.rounding

    def _side_and_cap_areas(self):
        edge = np.roll(self._corners, -1, axis=0) - self._corners
        return 2 * self.half_depth * np.linalg.norm(edge, axis=1).sum(), 2 * polygon_area(self._corners)

    def area(self):
        """Return the surface area (without rounding)."""
        return sum(self._side_and_cap_areas())

    def surface(self, count, rng):
        """Sample (count, 3) points on the surface, uniform by area (approximate at rounded edges)."""
        side, cap = self._side_and_cap_areas()
        sides = rng.binomial(count, side / (side + cap))
        rim = points_on_edges(self._corners, sides, rng)
        face = points_in_polygon(self._corners, count - sides, rng)
        depth = np.concatenate(
            [
                rng.uniform(-1, 1, sides) * self.half_depth,
                np.sign(rng.random(count - sides) - 0.5) * self.half_depth,
            ]
        )
        flat = np.concatenate([rim, face])
        points = np.stack([flat[:, 0], depth, flat[:, 1]], 1)
        return points if self.rounding <= 0 else self._pushed_out(points)

    def _pushed_out(self, points):
        step, gradient = 1e-4, np.empty_like(points)
        for axis in range(3):
            shift = np.zeros(3)
            shift[axis] = step
            gradient[:, axis] = self.distance(points + shift) - self.distance(points - shift)
        gradient /= np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-9)
        return points - self.distance(points)[:, None] * gradient

    def extent(self):
        """Return the half size of bounds symmetric about the origin, [3]."""
        x, z = np.abs(self._corners).max(0)
        return np.array([x, self.half_depth, z]) + self.rounding


def cylinder(radius, half_height, top_radius=None):
    """A cylinder or, with another top radius, a cone (stump) along z, centered on its origin."""
    top = radius if top_radius is None else top_radius
    return Lathe(((0.0, -half_height), (radius, -half_height), (top, half_height), (0.0, half_height)))


def gable(half_width, half_depth, height):
    """A roof: a triangle `2 half_width` wide and `height` high in x-z, base at z = 0, along y."""
    return Extrusion(((-half_width, 0.0), (half_width, 0.0), (0.0, height)), half_depth)
