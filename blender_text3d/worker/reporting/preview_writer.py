# SPDX-License-Identifier: GPL-3.0-or-later
"""Previews: the newest intermediate geometry on disk, never dearer than the model."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...geometry import Mesh, PointCloud


class PreviewWriter:
    """Writes preview.npz, but not while the last write took longer than the work since.

    Args:
        path: The file.
        clock: Seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._write_s = 0.0
        self._written_at = -float("inf")

    def offer(self, geometry: "PointCloud | Mesh | None") -> bool:
        """Write the geometry if there is one and time for it; whether it was written.

        Raises:
            OSError: The job folder cannot be written.
        """
        began = self._clock()
        if geometry is None or began - self._written_at < self._write_s:
            return False
        written = self._save(geometry)
        self._written_at = self._clock()
        self._write_s = self._written_at - began
        return written

    def _save(self, geometry: "PointCloud | Mesh") -> bool:
        from ...geometry import save_geometry

        try:
            save_geometry(self._path, geometry)
        except PermissionError:
            if sys.platform != "win32":
                raise
            return False  # somebody reads the old one just now; the next step brings another
        return True
