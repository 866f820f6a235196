# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh with vertex colors in model space."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh with vertex colors.

    Attributes:
        vertices: (V, 3) float32, positions in model space.
        faces: (F, 3) int32, vertex indices, counter-clockwise seen from outside.
        colors: (V, 3) float32, sRGB in [0, 1], one per vertex.

    Raises:
        ValueError: An array has another shape or dtype, a value is not finite, or a face refers to a missing vertex.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray

    def __post_init__(self) -> None:
        """Check the arrays, and that every face refers to existing vertices."""
        check_triplets("vertices", self.vertices, np.float32)
        check_triplets("faces", self.faces, np.int32)
        check_triplets("colors", self.colors, np.float32, rows=len(self.vertices))
        if self.faces.size and not 0 <= self.faces.min() <= self.faces.max() < len(self.vertices):
            raise ValueError(
                f"faces refer to vertices {self.faces.min()} to {self.faces.max()}, "
                f"but the mesh has {len(self.vertices)} vertices"
            )


def check_triplets(name: str, array: object, dtype: type, rows: int | None = None) -> None:
    """Check that a value is an (R, 3) array of one dtype with finite values.

    Args:
        name: Its name in the error message.
        array: The value to check.
        dtype: The required NumPy scalar type.
        rows: The required R, or None for any.

    Raises:
        ValueError: It is not; the message says which array and how it differs.
    """
    expected = f"({'R' if rows is None else rows}, 3) {dtype.__name__}"
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name} must be a {expected} array, not {type(array).__name__}")
    has_shape = array.ndim == 2 and array.shape[1] == 3 and rows in (None, len(array))
    if not has_shape or array.dtype != dtype:
        raise ValueError(f"{name} must be {expected}, not {array.shape} {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains values that are not finite")
