# SPDX-License-Identifier: GPL-3.0-or-later
"""Size, foot and rotation of an object, the same for Blender and for exported files."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CAPTURED_VALUES = 13


@dataclass(frozen=True)
class Placement:
    """Transform from model space to object space, whose origin is the center of the footprint.

    Attributes:
        base_in_model: `(3,) float64` the point that is mapped to the origin.
        scale: Units of length per unit of model space.
        rotation_deg: Rotation about Z, counterclockwise seen from above: 0, 90, 180 or 270.
    """

    base_in_model: np.ndarray
    scale: float
    rotation_deg: int = 0

    def apply(self, points_in_model: np.ndarray) -> np.ndarray:
        """Return the points in object space, `(N, 3) float32`."""
        return rotated(((points_in_model - self.base_in_model) * self.scale).astype(np.float32), self.rotation_deg)


@dataclass(frozen=True)
class CapturedPlacement:
    """Transform from model space to the space of an object that was captured: the inverse of its encoding.

    Attributes:
        object_from_model: `(3, 4) float64`.
        base_z_in_model: Height of the captured object's lowest point, on which other shapes stand, too.
        rotation_deg: Rotation about the object's Z, counterclockwise seen from above: 0, 90, 180 or 270.
    """

    object_from_model: np.ndarray
    base_z_in_model: float
    rotation_deg: int = 0

    @classmethod
    def from_values(cls, values: Sequence[float], rotation_deg: int = 0) -> "CapturedPlacement":
        """Return the placement of `CAPTURED_VALUES` numbers: the rows of the transform, then the base."""
        return cls(np.array(values[:12], np.float64).reshape(3, 4), float(values[12]), rotation_deg)

    def apply(self, points_in_model: np.ndarray) -> np.ndarray:
        """Return the points in object space, `(N, 3) float32`."""
        points = points_in_model.astype(np.float64)
        points[:, 2] += self.base_z_in_model - points[:, 2].min(initial=np.inf if len(points) else 0)
        moved = points @ self.object_from_model[:, :3].T + self.object_from_model[:, 3]
        return rotated(moved.astype(np.float32), self.rotation_deg)


def captured_values(
    low: np.ndarray, high: np.ndarray, encoded_side: float, object_from_world: np.ndarray
) -> tuple[float, ...]:
    """Return the numbers of a `CapturedPlacement`.

    Args:
        low, high: `(3,) float64`, the captured object's bounding box in world space.
        encoded_side: Its longest side in model space, where it is centered.
        object_from_world: `(4, 4) float64`.
    """
    scale = float((high - low).max()) / encoded_side
    world_from_model = np.eye(4)
    world_from_model[:3, :3] *= scale
    world_from_model[:3, 3] = (low + high) / 2
    rows = (object_from_world @ world_from_model)[:3].ravel()
    return *map(float, rows), float((low[2] - high[2]) / 2 / scale)


def rotated(points: np.ndarray, rotation_deg: int) -> np.ndarray:
    """Rotate points `(N, 3) float32` about Z by a multiple of 90°. Exact to the last bit: no sine is taken."""
    x, y, z = points.T
    quarters = {0: (x, y), 90: (-y, x), 180: (-x, -y), 270: (y, -x)}
    return np.stack((*quarters[rotation_deg], z), axis=1)


def placement_of_box(low: np.ndarray, high: np.ndarray, size: float, rotation_deg: int = 0) -> Placement:
    """Return the placement of a bounding box: centered in X and Y, bottom at Z = 0, longest side `size`."""
    longest = float((high - low).max())
    base = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]], np.float64)
    return Placement(base, size / longest if longest > 0 else 1.0, rotation_deg)


def placement_of(points_in_model: np.ndarray, size: float, rotation_deg: int = 0) -> Placement:
    """Return the placement that puts every point at Z >= 0 and makes the longest side `size`."""
    return placement_of_box(points_in_model.min(axis=0), points_in_model.max(axis=0), size, rotation_deg)


def robust_placement_of(points_in_model: np.ndarray, size: float, rotation_deg: int = 0) -> Placement:
    """Return the placement without the outliers of a shape that is still noise."""
    low, high = np.percentile(points_in_model, (2, 98), axis=0)
    return placement_of_box(low, high, size, rotation_deg)
