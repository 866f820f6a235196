# SPDX-License-Identifier: GPL-3.0-or-later
"""A point cloud with colors in model space."""

from dataclasses import dataclass

import numpy as np

from .mesh import check_triplets


@dataclass(frozen=True, eq=False)
class PointCloud:
    """A point cloud with colors.

    Attributes:
        points: (N, 3) float32, positions in model space.
        colors: (N, 3) float32, sRGB in [0, 1].

    Raises:
        ValueError: An array has another shape or dtype, or a value that is not finite.
    """

    points: np.ndarray
    colors: np.ndarray

    def __post_init__(self) -> None:
        """Check both arrays."""
        check_triplets("points", self.points, np.float32)
        check_triplets("colors", self.colors, np.float32, rows=len(self.points))
