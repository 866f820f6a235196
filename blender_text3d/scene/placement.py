# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an object stands and how large it is. Lengths in Blender units unless a name says metres."""

from dataclasses import dataclass

import bpy
import numpy as np

SPACING = 1.25
COLUMNS = 10


@dataclass(frozen=True)
class Placement:
    """Model space → the object's own space, whose origin is the middle of its footprint.

    Attributes:
        base_in_model: (3,) the point that comes to lie at the origin.
        scale: Blender units per unit of model space.
        rotation_deg: About the vertical, counter-clockwise seen from above: 0, 90, 180 or 270.
    """

    base_in_model: np.ndarray
    scale: float
    rotation_deg: int = 0

    def apply(self, points_in_model: np.ndarray) -> np.ndarray:
        """(N, 3) float32 in the object's space."""
        return rotated(((points_in_model - self.base_in_model) * self.scale).astype(np.float32), self.rotation_deg)


def rotated(points: np.ndarray, rotation_deg: int) -> np.ndarray:
    """(N, 3) points turned about the vertical by quarters, to the last bit: no sine is taken."""
    x, y, z = points.T
    quarters = {0: (x, y), 90: (-y, x), 180: (-x, -y), 270: (y, -x)}
    return np.stack((*quarters[rotation_deg], z), axis=1)


def placement_of_box(low: np.ndarray, high: np.ndarray, size: float, rotation_deg: int = 0) -> Placement:
    """The stand of a box: centred in x and y, its floor at 0, its longest side size long."""
    longest = float((high - low).max())
    foot = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]], np.float64)
    return Placement(foot, size / longest if longest > 0 else 1.0, rotation_deg)


def placement_of(points_in_model: np.ndarray, size: float, rotation_deg: int = 0) -> Placement:
    """The stand by which every point lies on or above the ground and the longest side is size."""
    return placement_of_box(points_in_model.min(axis=0), points_in_model.max(axis=0), size, rotation_deg)


def robust_placement_of(points_in_model: np.ndarray, size: float, rotation_deg: int = 0) -> Placement:
    """As placement_of, but blind to the few stray points of a shape that is still noise."""
    low, high = np.percentile(points_in_model, (2, 98), axis=0)
    return placement_of_box(low, high, size, rotation_deg)


def cell_offset(index: int, size: float, rows_per_result: int = 1) -> tuple[float, float, float]:
    """Where result number index stands from the first one: along X, ten in a row, further rows behind.

    Args:
        rows_per_result: 2 where each result has a mesh in front and a cloud behind it.
    """
    row, column = divmod(index, COLUMNS)
    pitch = size * SPACING
    return column * pitch, row * rows_per_result * pitch, 0.0


def units_per_meter(scene: bpy.types.Scene) -> float:
    """Blender units in one metre of this scene."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else 1.0 / units.scale_length
