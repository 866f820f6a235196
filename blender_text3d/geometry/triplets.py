# SPDX-License-Identifier: GPL-3.0-or-later
"""The check that every array of points, colours or faces passes at the door."""

import numpy as np


def check_triplets(name: str, array: np.ndarray, dtype: type, rows: int | None = None) -> None:
    """Check that an array has three columns of one dtype.

    Args:
        name: What the array is called in the error.
        array: (R, 3) of dtype.
        dtype: Its numpy scalar type.
        rows: R, where another array fixes it.

    Raises:
        ValueError: Says which array is wrong and how.
    """
    wanted = f"({'R' if rows is None else rows}, 3) {dtype.__name__}"
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{name} must be a {wanted} array, not {type(array).__name__}")
    fits = array.ndim == 2 and array.shape[1] == 3 and rows in (None, len(array)) and array.dtype == dtype
    if not fits:
        raise ValueError(f"{name} must be {wanted}, not {array.shape} {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds values that are not finite numbers")
