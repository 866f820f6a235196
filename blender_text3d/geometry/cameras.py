# SPDX-License-Identifier: GPL-3.0-or-later
"""Pinhole cameras in model space, and their matrices in Blender's convention."""

from dataclasses import dataclass

import numpy as np

from .mesh import check_triplets

BLENDER_FROM_RDF = np.diag([1.0, -1.0, -1.0]).astype(np.float32)
"""Rotation to the camera space of Blender and OpenGL, Y up and looking along -Z; it is its own inverse."""


@dataclass(frozen=True, eq=False)
class Cameras:
    """Pinhole cameras that share focal length and image size.

    Camera space is X right, Y down, Z forward, as in OpenCV, COLMAP and Rerun (RDF). Image coordinate (0, 0) is the
    upper left corner of the upper left pixel, whose center is (0.5, 0.5). The principal point is the image center.

    Attributes:
        places_in_model: (N, 3) float32, camera positions.
        model_from_cameras: (N, 3, 3) float32, rotations with the columns right, down and forward in model space.
        focal_px: Focal length in pixels.
        width_px: Image width in pixels.
        height_px: Image height in pixels.

    Raises:
        ValueError: An array has another shape or dtype, a matrix is not a rotation, or focal length or image size is
            not positive.
    """

    places_in_model: np.ndarray
    model_from_cameras: np.ndarray
    focal_px: float
    width_px: int
    height_px: int

    def __post_init__(self) -> None:
        """Check the arrays, focal length and image size."""
        check_triplets("places_in_model", self.places_in_model, np.float32)
        rotations, expected = self.model_from_cameras, (len(self.places_in_model), 3, 3)
        if not isinstance(rotations, np.ndarray) or rotations.shape != expected or rotations.dtype != np.float32:
            raise ValueError(f"model_from_cameras must be a {expected} float32 array")
        is_rotation = (
            np.allclose(rotations @ rotations.transpose(0, 2, 1), np.eye(3), atol=1e-4) and np.linalg.det(rotations) > 0
        )
        if not np.all(is_rotation):
            raise ValueError("model_from_cameras contains a matrix that is not a rotation")
        if not (np.isfinite(self.focal_px) and self.focal_px > 0 and min(self.width_px, self.height_px) >= 1):
            raise ValueError(
                f"{self.width_px} x {self.height_px} px at focal length {self.focal_px} px is not a valid image"
            )

    def __len__(self) -> int:
        return len(self.places_in_model)

    def pixels(self, index: int, points_in_model: np.ndarray) -> np.ndarray:
        """Project points into the image of one camera.

        Args:
            index: Index of the camera.
            points_in_model: (P, 3) float32 or float64.

        Returns:
            (P, 3) of the same dtype: column and row in pixels, and depth along the optical axis, which is positive in
            front of the camera.
        """
        right, down, depth = ((points_in_model - self.places_in_model[index]) @ self.model_from_cameras[index]).T
        column = self.width_px / 2 + self.focal_px * right / depth
        return np.stack([column, self.height_px / 2 + self.focal_px * down / depth, depth], axis=1)

    def model_from_blender_cameras(self) -> np.ndarray:
        """Return (N, 4, 4) float32 matrices to assign to `matrix_world` of Blender cameras with the same view."""
        matrices = np.tile(np.eye(4, dtype=np.float32), (len(self), 1, 1))
        matrices[:, :3, :3] = self.model_from_cameras @ BLENDER_FROM_RDF
        matrices[:, :3, 3] = self.places_in_model
        return matrices

    def angle_x_rad(self) -> float:
        """Return the horizontal field of view in radians, Blender's `angle_x`."""
        return 2 * float(np.arctan(self.width_px / 2 / self.focal_px))
