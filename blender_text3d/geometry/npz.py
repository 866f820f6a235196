# SPDX-License-Identifier: GPL-3.0-or-later
"""A point cloud or a mesh as one .npz file, without pickles, never seen half-written."""

from pathlib import Path

import numpy as np

from ..system.whole_file import atomic_write
from .mesh import Mesh
from .point_cloud import PointCloud
from .safe_npz import arrays_in


def save_geometry(path: Path, geometry: PointCloud | Mesh) -> None:
    """Write the arrays under their names; a reader sees the old file or the new one, never a part.

    Raises:
        OSError: The file cannot be written; the old one, if any, is untouched.
    """
    with atomic_write(path) as file:
        np.savez(file, **vars(geometry))


def load_geometry(path: Path) -> PointCloud | Mesh:
    """Read what save_geometry wrote.

    Raises:
        OSError: The file is missing or cannot be read.
        ValueError: It holds neither a point cloud nor a mesh.
    """
    try:
        arrays = arrays_in(path)
        return (PointCloud if "points" in arrays else Mesh)(**arrays)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path.name} holds neither a point cloud nor a mesh ({error}). Make the object again."
        ) from error
