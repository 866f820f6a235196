# SPDX-License-Identifier: GPL-3.0-or-later
"""A textured mesh as Blender hands it over: small arrays, textures as the bytes of files; written in steps."""

import os
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

BYTES_PER_STEP = 2**21


class CompactMesh(NamedTuple):
    """A mesh that `load_textured_mesh` reads.

    Attributes:
        vertices: `(V, 3) float32`.
        faces: `(F, 3) int32`.
        colors: `(F, 3, 3) uint8` sRGB of each corner.
        coordinates: `(F, 3, 2) float32` of each corner in its texture; `(0, 3, 2)` without textures.
        textures_of_faces: `(F,) int32`, index of the texture, or NO_TEXTURE.
        textures: Images `(H, W, 3) uint8` sRGB, or the bytes of image files `(N,) uint8`.
    """

    vertices: np.ndarray
    faces: np.ndarray
    colors: np.ndarray
    coordinates: np.ndarray
    textures_of_faces: np.ndarray
    textures: tuple[np.ndarray, ...] = ()


def save_in_steps(path: Path, mesh: CompactMesh) -> Generator[None, None, None]:
    """Write a mesh as an .npz file, which is there once it is complete; yield between steps.

    Raises:
        OSError: The file cannot be written.
    """
    arrays = {name: value for name, value in mesh._asdict().items() if name != "textures"}
    arrays |= {f"texture_{index}": texture for index, texture in enumerate(mesh.textures)}
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    yield from write_array(file, array)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_array(file: IO[bytes], array: np.ndarray) -> Generator[None, None, None]:
    """Write an array in the .npy format; yield between steps."""
    values = np.ascontiguousarray(array)
    np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
    content = values.reshape(-1).view(np.uint8)
    for begin in range(0, len(content), BYTES_PER_STEP):
        file.write(content[begin : begin + BYTES_PER_STEP].tobytes())
        yield
