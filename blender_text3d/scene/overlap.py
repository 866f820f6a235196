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
    if not is_obstacle(other, size):
        return False
    (low, high), (new_low, new_high) = bounds(other), box_at(location, size)
    return bool((low <= new_low).all() and (high >= new_high).all())


def overlaps(other: bpy.types.Object, location: tuple[float, float, float], size: float) -> bool:
    """True if the bounding boxes overlap."""
    (low, high), (new_low, new_high) = bounds(other), box_at(location, size)
    return bool((low < new_high).all() and (high > new_low).all())


def free_steps(
    boxes: list[tuple[np.ndarray, np.ndarray]],
    locations: list[tuple[float, float, float]],
    size: float,
    step: tuple[float, float, float],
    most: int,
) -> int:
    """Return by how many steps objects have to be moved so that they overlap no box; 0 if it takes more than `most`.

    Args:
        boxes: Opposite corners, `(3,) float64` each, of everything that is to stay visible.
        locations: Centers of the objects' footprints.
        size: Longest side of each object in Blender units.
        step: Vector of one step.
        most: Most steps to try.
    """
    if not boxes:
        return 0
    low, high = (np.stack(corners) for corners in zip(*boxes, strict=True))
    new_low, new_high = (
        np.stack(corners) for corners in zip(*(box_at(place, size) for place in locations), strict=True)
    )
    for count in range(most + 1):
        shift = count * np.array(step)
        touching = (low[:, None] < new_high + shift) & (high[:, None] > new_low + shift)
        if not touching.all(axis=2).any():
            return count
    return 0


def is_obstacle(other: bpy.types.Object, size: float) -> bool:
    """True if an object of the user should stay visible beside new ones of a size, being no room or floor."""
    if other.type not in SOLID_TYPES or other.display_type in {"WIRE", "BOUNDS"} or not other.visible_get():
        return False
    low, high = bounds(other)
    return bool((high - low).max() <= MAX_SIZE_RATIO * size)


def bounds(other: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the bounding box in world space, two `(3,) float64`."""
    corners = np.array([*other.bound_box]) @ np.array(other.matrix_world)[:3, :3].T
    corners += np.array(other.matrix_world.translation)
    return corners.min(axis=0), corners.max(axis=0)


def box_at(location: tuple[float, float, float], size: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the cube of a size that stands on a location, two `(3,) float64`."""
    center, half = np.array(location, float), size / 2
    return center - (half, half, 0), center + (half, half, size)
