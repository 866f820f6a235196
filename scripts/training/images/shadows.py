# SPDX-License-Identifier: GPL-3.0-or-later
"""Light at surface points: soft shadows on the object and the ground, and ambient occlusion."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from .camera import Camera
from .rasterize import VisibleSurface, rasterize

MAP_SIDE = 256
TAPS = [(x, y) for x in (-2, 0, 2) for y in (-2, 0, 2)]
BIAS = 0.03
"""Shadow bias in half map sides, which hides the pixels of the map."""


def key_light(camera: Camera) -> np.ndarray:
    """Return the (3,) unit vector towards the light at the upper left, slightly in front."""
    way = np.array([0.0, 0.0, 0.85]) - 0.55 * camera.right - 0.5 * camera.forward * (1, 1, 0)
    return way / np.linalg.norm(way)


@dataclass(frozen=True)
class ShadowMap:
    """Depths seen from a distant light.

    Attributes:
        axes: (3, 3) columns across, down, away from the light.
        center: (3,) model space, center of the map.
        radius: half the map's side, model space.
        depth: (S, S) distance from the light, infinite for background.
        cover: (S, S) 0..1, blurred: share of blocked light.
    """

    axes: np.ndarray
    center: np.ndarray
    radius: float
    depth: np.ndarray
    cover: np.ndarray

    def light_at(self, points: np.ndarray) -> np.ndarray:
        """Return the (N,) share of light at points (N, 3) on the object."""
        column, row, depth = self._place(points)
        is_lit = [self._sample(self.depth, column + x, row + y) > depth - BIAS * self.radius for x, y in TAPS]
        return np.mean(is_lit, axis=0)

    def cover_at(self, points: np.ndarray) -> np.ndarray:
        """Return the (N,) share of light blocked by the object at points (N, 3) behind it."""
        column, row, _ = self._place(points)
        is_on_map = (np.minimum(column, row) >= 0) & (np.maximum(column, row) < MAP_SIDE)
        return np.where(is_on_map, self._sample(self.cover, column, row), 0.0)

    def _place(self, points):
        return _map_points(points, self.axes, self.center, self.radius).T

    @staticmethod
    def _sample(values, column, row):
        limits = (0, MAP_SIDE - 1)
        return values[np.floor(row).clip(*limits).astype(int), np.floor(column).clip(*limits).astype(int)]


def shadow_map(points: np.ndarray, faces: np.ndarray, towards_light: np.ndarray, blur: float) -> ShadowMap:
    """Render the depth of the object from the light.

    Args:
        points: (V, 3) model space.
        faces: (F, 3).
        towards_light: (3,) unit vector.
        blur: blur radius of `cover` as a share of the map side.
    """
    across = np.cross(towards_light, (0.0, 1.0, 0.0))
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(across, -towards_light), -towards_light], axis=1)
    center = (points.min(axis=0) + points.max(axis=0)) / 2
    radius = 1.35 * max(np.linalg.norm(points - center, axis=1).max(), 1e-6)
    seen = rasterize(_map_points(points, axes, center, radius), faces, MAP_SIDE, MAP_SIDE, cull=False)
    return ShadowMap(axes, center, radius, seen.depth, gaussian_filter(seen.is_hit.astype(float), blur * MAP_SIDE))


def _map_points(points, axes, center, radius):
    across, down, away = ((points - center) @ axes).T
    pixels = MAP_SIDE / (2 * radius)
    return np.stack([across * pixels + MAP_SIDE / 2, down * pixels + MAP_SIDE / 2, away], axis=1)


def openness(seen: VisibleSurface, radius: float) -> np.ndarray:
    """Return the (P,) ambient visibility 0..1, lower in corners and gaps.

    Args:
        seen: from a camera, depth -1 / distance.
        radius: of the object, model space.
    """
    distance = np.where(seen.is_hit, -1 / np.where(seen.is_hit, seen.depth, -1), 0.0)
    sigma = seen.face.shape[0] / 60
    share = gaussian_filter(seen.is_hit.astype(float), sigma)
    around = gaussian_filter(distance, sigma) / np.maximum(share, 1e-6)
    hidden = ((distance - around)[seen.is_hit] / (0.25 * radius)).clip(0, 1)
    return 1 - 0.55 * hidden
