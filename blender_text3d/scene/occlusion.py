# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a new object would be hidden inside something, as in the cube that stands at the 3D cursor of a new file."""

import bpy
import numpy as np

SOLID_TYPES = {"MESH", "CURVE", "SURFACE", "META", "FONT"}
MAX_SIZE_RATIO = 4.0
"""Times the object's size; what is larger is a room that the object stands in."""


def encloses(thing: bpy.types.Object, spot: tuple[float, float, float], size: float) -> bool:
    """Whether an object that stands on a spot would be inside this one and not be seen.

    Args:
        spot: Middle of the new object's footprint.
        size: Its longest side, whichever that will be.
    """
    if thing.type not in SOLID_TYPES or thing.display_type in {"WIRE", "BOUNDS"} or not thing.visible_get():
        return False
    (low, high), (new_low, new_high) = bounds(thing), box_at(spot, size)
    return bool((low <= new_low).all() and (high >= new_high).all() and (high - low).max() <= MAX_SIZE_RATIO * size)


def overlaps(thing: bpy.types.Object, spot: tuple[float, float, float], size: float) -> bool:
    """Whether the boxes around both overlap."""
    (low, high), (new_low, new_high) = bounds(thing), box_at(spot, size)
    return bool((low < new_high).all() and (high > new_low).all())


def bounds(thing: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """(3,) least and greatest coordinates of the box around it, in the world."""
    corners = np.array([*thing.bound_box]) @ np.array(thing.matrix_world)[:3, :3].T
    corners += np.array(thing.matrix_world.translation)
    return corners.min(axis=0), corners.max(axis=0)


def box_at(spot: tuple[float, float, float], size: float) -> tuple[np.ndarray, np.ndarray]:
    """(3,) corners of the cube in which an object of a size stands on a spot."""
    middle, half = np.array(spot, float), size / 2
    return middle - (half, half, 0), middle + (half, half, size)
