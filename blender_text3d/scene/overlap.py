# SPDX-License-Identifier: GPL-3.0-or-later
"""Test if a new object would be hidden inside another one, as in the default cube at the 3D cursor."""

import bpy
import numpy as np

SOLID_TYPES = {"MESH", "CURVE", "SURFACE", "META", "FONT"}
MAX_SIZE_RATIO = 4.0
"""Limit of the other object's size over the new one's; a larger one is a room around it."""


def encloses(other: bpy.types.Object, location: tuple[float, float, float], size: float) -> bool:
    """True if a new object would be inside this one and hidden by it.

    Args:
        other: An object of the scene.
        location: Center of the new object's footprint.
        size: Longest side of the new object in Blender units; which side is not known yet.
    """
    if other.type not in SOLID_TYPES or other.display_type in {"WIRE", "BOUNDS"} or not other.visible_get():
        return False
    (low, high), (new_low, new_high) = bounds(other), box_at(location, size)
    return bool((low <= new_low).all() and (high >= new_high).all() and (high - low).max() <= MAX_SIZE_RATIO * size)


def overlaps(other: bpy.types.Object, location: tuple[float, float, float], size: float) -> bool:
    """True if the bounding boxes overlap."""
    (low, high), (new_low, new_high) = bounds(other), box_at(location, size)
    return bool((low < new_high).all() and (high > new_low).all())


def bounds(other: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the bounding box in world space, two `(3,) float64`."""
    corners = np.array([*other.bound_box]) @ np.array(other.matrix_world)[:3, :3].T
    corners += np.array(other.matrix_world.translation)
    return corners.min(axis=0), corners.max(axis=0)


def box_at(location: tuple[float, float, float], size: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the cube of a size that stands on a location, two `(3,) float64`."""
    center, half = np.array(location, float), size / 2
    return center - (half, half, 0), center + (half, half, size)
