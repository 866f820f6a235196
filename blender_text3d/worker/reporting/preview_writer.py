# SPDX-License-Identifier: GPL-3.0-or-later
"""PreviewWriter: saves the newest intermediate geometry, in at most half of the time."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...geometry import Mesh, PointCloud


class PreviewWriter:
    """Writer of preview.npz, which skips a preview as long as the last write took longer than the work since.

    Args:
        path: The file.
        clock: Returns the time in seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._write_s = 0.0
        self._written_at = -float("inf")

    def write_if_due(self, geometry: "PointCloud | Mesh | None") -> bool:
        """Write the geometry, if there is any and it is time for the next preview; True if it was written.

        Raises:
            OSError: The job folder cannot be written.
        """
        start = self._clock()
        if geometry is None or start - self._written_at < self._write_s:
            return False
        is_written = self._save(geometry)
        self._written_at = self._clock()
        self._write_s = self._written_at - start
        return is_written

    def _save(self, geometry: "PointCloud | Mesh") -> bool:
        from ...geometry import save_geometry

        try:
            save_geometry(self._path, geometry)
        except PermissionError:
            if sys.platform != "win32":
                raise
            return False  # Windows: a reader has the old file open; the next step writes another preview
        return True
