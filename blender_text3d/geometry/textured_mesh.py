# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh with base colors and textures, as an object to encode, and its .npz file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..system.files import atomic_write
from .rendered_views import RenderedViews, pop_rendered_views
from .safe_npz import arrays_in

MAX_FACES = 2_000_000
MAX_TEXTURES = 8
MAX_TEXTURE_SIDE = 2048
MAX_BYTES = 512 * 2**20
NO_TEXTURE = -1


@dataclass(frozen=True, eq=False)
class TexturedMesh:
    """A mesh without lighting, Z up, in any unit.

    Attributes:
        vertices: (V, 3) float32.
        faces: (F, 3) int32.
        colors: (F, 3, 3) float32, sRGB in [0, 1] of each corner; a texture is multiplied with it.
        coordinates: (F, 3, 2) float32, of each corner in its texture: to the right, then up.
        textures_of_faces: (F,) int32, index of the texture, or NO_TEXTURE.
        textures: images (H, W, 3) uint8 sRGB, top row first.

    Raises:
        ValueError: an array has another shape, or an index is out of range.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    coordinates: np.ndarray
    textures_of_faces: np.ndarray
    textures: tuple[np.ndarray, ...] = ()

    def __post_init__(self) -> None:
        """Check the arrays."""
        count = len(self.faces)
        shapes = {"vertices": (len(self.vertices), 3), "faces": (count, 3), "colors": (count, 3, 3)}
        shapes |= {"coordinates": (count, 3, 2), "textures_of_faces": (count,)}
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")
        if count > MAX_FACES or len(self.textures) > MAX_TEXTURES:
            raise ValueError(f"it has more than {MAX_FACES:,} triangles or {MAX_TEXTURES} textures")
        if not is_within(self.faces, 0, len(self.vertices)):
            raise ValueError("a face names a vertex that does not exist")
        if not is_within(self.textures_of_faces, NO_TEXTURE, len(self.textures)):
            raise ValueError("a face names a texture that does not exist")
        if any(t.ndim != 3 or t.shape[2] != 3 or t.dtype != np.uint8 or not t.size for t in self.textures):
            raise ValueError("a texture must be (H, W, 3) uint8")

    def base_colors(self, face: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the colors (Q, 3) float32 sRGB of points.

        Args:
            face: (Q,) int64, the points' triangles.
            weights: (Q, 3) float, the points' barycentric coordinates.
        """
        colors = np.einsum("qkc,qk->qc", self.colors[face], weights).astype(np.float32)
        for index, texture in enumerate(self.textures):
            rows = np.flatnonzero(self.textures_of_faces[face] == index)
            places = np.einsum("qkc,qk->qc", self.coordinates[face[rows]], weights[rows])
            colors[rows] *= sampled(texture, places)
        clipped: np.ndarray = colors.clip(0, 1)
        return clipped


def is_within(indices: np.ndarray, low: int, high: int) -> bool:
    """True if all indices are whole numbers of at least `low` and below `high`."""
    return indices.dtype.kind == "i" and (not indices.size or bool(low <= indices.min() and indices.max() < high))


def sampled(texture: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the colors (Q, 3) float32 of a repeated texture's nearest pixels.

    Args:
        texture: (H, W, 3) uint8, top row first.
        places: (Q, 2) float, to the right and up, 1 being the texture's size.
    """
    height, width = texture.shape[:2]
    shares = np.nan_to_num(places) % 1.0
    column = (shares[:, 0] * width).astype(np.int64).clip(0, width - 1)
    row = ((1 - shares[:, 1]) * height).astype(np.int64).clip(0, height - 1)
    colors: np.ndarray = texture[row, column].astype(np.float32) / 255
    return colors


def save_textured_mesh(path: Path, mesh: TexturedMesh) -> None:
    """Write a mesh, atomically.

    Raises:
        OSError: the file cannot be written.
    """
    arrays = {name: value for name, value in vars(mesh).items() if name != "textures"}
    arrays |= {f"texture_{index}": texture for index, texture in enumerate(mesh.textures)}
    with atomic_write(path) as file:
        np.savez(file, **arrays)


def load_textured_mesh(path: Path, decode: Callable[[np.ndarray], np.ndarray]) -> TexturedMesh:
    """Read a file written by `save_textured_mesh` or `save_in_steps`.

    Args:
        path: the file.
        decode: returns the pixels (H, W, 3) uint8 of an image file's bytes (N,) uint8; it may raise ValueError.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it contains no such mesh.
    """
    return load_with_views(path, decode)[0]


def load_with_views(
    path: Path, decode: Callable[[np.ndarray], np.ndarray]
) -> tuple[TexturedMesh, RenderedViews | None]:
    """Read a file as `load_textured_mesh` does; return its views as well, or None if it has none."""
    try:
        arrays = arrays_in(path, MAX_BYTES, allow_compressed=True)
        views = pop_rendered_views(arrays)
        textures = [arrays.pop(name) for name in [f"texture_{i}" for i in range(MAX_TEXTURES)] if name in arrays]
        if arrays["colors"].dtype == np.uint8:
            arrays["colors"] = arrays["colors"].astype(np.float32) / 255
        if not len(arrays["coordinates"]):
            arrays["coordinates"] = np.zeros((len(arrays["faces"]), 3, 2), np.float32)
        return TexturedMesh(**arrays, textures=tuple(decode(t) if t.ndim == 1 else t for t in textures)), views
    except (TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"it contains no textured mesh ({error})") from error
