# SPDX-License-Identifier: GPL-3.0-or-later
"""The place of a captured object, stored on the object that a model makes of it, for all of its later versions."""

import math
from typing import Any

import bpy
import numpy as np

from ..geometry.placement import CAPTURED_VALUES, captured_values
from .data_access import custom_property
from .names import CAPTURED

MAX_VALUE = 1e12
MAX_CONDITION = 1e6
"""Largest ratio of an object's scales; beyond it, single precision leaves only errors."""
SPACING_BESIDE = 0.25
"""Gap between captured objects and new ones, relative to the longest side."""


def is_invertible(target: bpy.types.Object) -> bool:
    """True if an object's space has a place for everything, which it lacks with a scale of zero."""
    matrix: Any = target.matrix_world
    axes = np.array(matrix, np.float64)[:3, :3]
    return bool(np.isfinite(axes).all() and np.linalg.cond(axes) < MAX_CONDITION)


def values_in_place(
    target: bpy.types.Object, low: np.ndarray, high: np.ndarray, encoded_side: float
) -> tuple[float, ...]:
    """Return the placement of versions of an object that was captured alone.

    Args:
        target: The object.
        low, high: `(3,) float64`, its bounding box in world space.
        encoded_side: Its longest side in model space.
    """
    matrix: Any = target.matrix_world
    return captured_values(low, high, encoded_side, np.linalg.inv(np.array(matrix, np.float64)))


def values_beside(
    number: int, low: np.ndarray, high: np.ndarray, encoded_side: float
) -> tuple[tuple[float, float, float], tuple[float, ...]]:
    """Return location and placement of the n-th new object beside captured ones; arguments as in `values_in_place`."""
    base = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    base_from_world = np.eye(4)
    base_from_world[:3, 3] = -base
    pitch = float(high[0] - low[0]) + SPACING_BESIDE * float((high - low).max())
    location = float(base[0]) + number * pitch, float(base[1]), float(base[2])
    return location, captured_values(low, high, encoded_side, base_from_world)


def store_captured(target: bpy.types.Object, values: tuple[float, ...]) -> None:
    """Store the numbers of a `CapturedPlacement` on an object, if there are any."""
    if values:
        target[CAPTURED] = list(values)


def captured_of(target: bpy.types.Object) -> tuple[float, ...]:
    """Return the stored numbers, or none; an untrusted file may have anything under that property."""
    stored: Any = custom_property(target, CAPTURED)
    try:
        values = tuple(float(value) for value in stored) if len(stored) == CAPTURED_VALUES else ()
    except (TypeError, ValueError):
        return ()
    return values if all(math.isfinite(value) and abs(value) < MAX_VALUE for value in values) else ()
