# SPDX-License-Identifier: GPL-3.0-or-later
"""The triangles of an object as its corners show them: normals, colors, textures and materials."""

from typing import NamedTuple

import numpy as np


class Finish(NamedTuple):
    """A material without its base color: its name, and how metallic and rough it is, in [0, 1]."""

    name: str
    metallic: float
    roughness: float


class ShownSurface(NamedTuple):
    """The triangles of one object, Z up.

    Attributes:
        name: Name of the object.
        positions: `(V, 3) float32` along the world's axes, from the object's origin.
        faces: `(T, 3) int32`.
        normals: `(T, 3, 3) float32` unit normals of the corners.
        colors: `(T, 3, 3) uint8` sRGB; a texture is multiplied with it.
        coordinates: `(T, 3, 2) float32` of the corners in their texture: to the right, then up.
        textures: `(T,) int32`, index of the texture, or NO_TEXTURE.
        slots: `(T,) int32`, index in `finishes`.
        finishes: The materials.
        location: `(3,) float64`, the object's origin in the world.
    """

    name: str
    positions: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    colors: np.ndarray
    coordinates: np.ndarray
    textures: np.ndarray
    slots: np.ndarray
    finishes: tuple[Finish, ...]
    location: np.ndarray
