# SPDX-License-Identifier: GPL-3.0-or-later
"""Save and load a point cloud or a mesh as one .npz file without pickles.

Arrays are stored as they are, because Blender waits for the file. Once nobody does, `system.deflate_npz` compresses it.
"""

from pathlib import Path

import numpy as np

from ..system.deflate_npz import MAX_RATIO
from ..system.files import atomic_write
from .mesh import Mesh
from .point_cloud import PointCloud
from .safe_npz import arrays_in


def save_geometry(path: Path, geometry: PointCloud | Mesh) -> None:
    """Write the arrays under their field names, atomically.

    Raises:
        OSError: The file cannot be written; an older one is unchanged.
    """
    with atomic_write(path) as file:
        np.savez(file, **vars(geometry))


def load_geometry(path: Path) -> PointCloud | Mesh:
    """Read a file written by `save_geometry`, or one whose arrays were deflated since.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It contains neither a point cloud nor a mesh.
    """
    try:
        arrays = arrays_in(path, allow_compressed=True, max_ratio=MAX_RATIO)
        return (PointCloud if "points" in arrays else Mesh)(**arrays)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path.name} contains neither a point cloud nor a mesh ({error}). Generate the object again."
        ) from error
