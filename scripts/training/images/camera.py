# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera with a three-quarter view of an object with its front towards -Y and Z up."""

from dataclasses import dataclass

import numpy as np

FAR = 5.0
"""Distance of the camera in object radii: a long focal length with weak perspective."""

FILL = 0.76
"""Share of the image side that the object fills; the margin has room for its shadow."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    Attributes:
        place: (3,), position in model space.
        right, up, forward: (3,) unit vectors.
        scale: pixels for one unit at distance 1.
        middle: (column, row) of the optical axis, pixels.
    """

    place: np.ndarray
    right: np.ndarray
    up: np.ndarray
    forward: np.ndarray
    scale: float
    middle: tuple[float, float]

    def image_of(self, points: np.ndarray) -> np.ndarray:
        """Project points (N, 3) to (N, 3) column, row and depth -1 / distance, which is linear in the image."""
        across, up, away = _in_frame(points - self.place, self.right, self.up, self.forward).T
        column, row = self.middle[0] + self.scale * across / away, self.middle[1] - self.scale * up / away
        return np.stack([column, row, -1 / away], axis=1)

    def rays(self, size: int) -> np.ndarray:
        """Return (size, size, 3) rays through the pixel centers, scaled to distance 1 along the optical axis."""
        centers = np.arange(size) + 0.5
        across = (centers - self.middle[0])[None, :, None] / self.scale
        up = (self.middle[1] - centers)[:, None, None] / self.scale
        return self.forward + across * self.right + up * self.up


def three_quarter_camera(points: np.ndarray, size: int, turn_deg: float = 28.0, height_deg: float = 20.0) -> Camera:
    """Return a camera with all points in view, centered.

    Args:
        points: (V, 3) model space, at least one.
        size: side of the image, pixels.
        turn_deg: azimuth of the camera to the right of the front.
        height_deg: elevation of the camera.
    """
    turn, height = np.radians((turn_deg, height_deg))
    back = np.array([np.sin(turn) * np.cos(height), -np.cos(turn) * np.cos(height), np.sin(height)])
    right = np.array([np.cos(turn), np.sin(turn), 0.0])
    up = np.cross(back, right)
    center = (points.min(axis=0) + points.max(axis=0)) / 2
    place = center + back * FAR * max(np.linalg.norm(points - center, axis=1).max(), 1e-6)
    across, high, away = _in_frame(points - place, right, up, -back).T
    low_x, high_x, low_y, high_y = (f(v / away) for v in (across, high) for f in (np.min, np.max))
    scale = FILL * size / max(high_x - low_x, high_y - low_y, 1e-9)
    middle = (size / 2 - scale * (low_x + high_x) / 2, size / 2 + scale * (low_y + high_y) / 2)
    return Camera(place, right, up, -back, scale, middle)


def _in_frame(vectors: np.ndarray, *axes: np.ndarray) -> np.ndarray:
    return vectors @ np.stack(axes, axis=1)
