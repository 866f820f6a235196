# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras: pinholes that look at model space, and the same ones as Blender writes them."""

from dataclasses import dataclass

import numpy as np

from .triplets import check_triplets

BLENDER_FROM_RDF = np.diag([1.0, -1.0, -1.0]).astype(np.float32)
"""Blender's and OpenGL's cameras look along -Z with Y up; the matrix is its own inverse."""


@dataclass(frozen=True, eq=False)
class Cameras:
    """Pinhole cameras with one lens and one picture size.

    A camera's own space is X right, Y down, Z forward, as OpenCV, COLMAP and Rerun (RDF) have it. In the picture,
    (0, 0) is the upper left corner of the upper left pixel, whose centre is (0.5, 0.5); the lens's axis goes through
    the middle.

    Attributes:
        places_in_model: (N, 3) float32, where the cameras stand.
        model_from_cameras: (N, 3, 3) float32 rotations; their columns are right, down and forward in model space.
        focal_px: focal length in pixels.
        width_px: columns of the picture.
        height_px: rows of the picture.

    Raises:
        ValueError: An array has another shape or dtype, a matrix does not rotate, or the lens sees nothing.
    """

    places_in_model: np.ndarray
    model_from_cameras: np.ndarray
    focal_px: float
    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        """Check arrays and lens."""
        check_triplets("places_in_model", self.places_in_model, np.float32)
        turns, wanted = self.model_from_cameras, (len(self.places_in_model), 3, 3)
        if not isinstance(turns, np.ndarray) or turns.shape != wanted or turns.dtype != np.float32:
            raise ValueError(f"model_from_cameras must be a {wanted} float32 array")
        is_rotation = np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), atol=1e-4) and np.linalg.det(turns) > 0
        if not np.all(is_rotation):
            raise ValueError("model_from_cameras holds a matrix that is no rotation")
        if not (np.isfinite(self.focal_px) and self.focal_px > 0 and min(self.width_px, self.height_px) >= 1):
            raise ValueError(f"{self.width_px} x {self.height_px} px at focal length {self.focal_px} px is no picture")

    def __len__(self) -> int:
        return len(self.places_in_model)

    def pixels(self, index: int, points_in_model: np.ndarray) -> np.ndarray:
        """Where one camera sees points.

        Args:
            index: of the camera.
            points_in_model: (P, 3) float.

        Returns:
            (P, 3): column and row in pixels, and the distance ahead along the lens's axis, which is positive for
            what can be seen.
        """
        right, down, ahead = ((points_in_model - self.places_in_model[index]) @ self.model_from_cameras[index]).T
        column = self.width_px / 2 + self.focal_px * right / ahead
        return np.stack([column, self.height_px / 2 + self.focal_px * down / ahead, ahead], axis=1)

    def model_from_blender_cameras(self) -> np.ndarray:
        """(N, 4, 4) float32: what an object's `matrix_world` must be for Blender's camera to see the same."""
        matrices = np.tile(np.eye(4, dtype=np.float32), (len(self), 1, 1))
        matrices[:, :3, :3] = self.model_from_cameras @ BLENDER_FROM_RDF
        matrices[:, :3, 3] = self.places_in_model
        return matrices

    def angle_x_rad(self) -> float:
        """Field of view from the left edge of the picture to the right one, Blender's `angle_x`."""
        return 2 * float(np.arctan(self.width_px / 2 / self.focal_px))
