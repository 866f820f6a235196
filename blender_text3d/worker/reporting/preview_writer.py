# SPDX-License-Identifier: GPL-3.0-or-later
"""PreviewWriter: makes and saves previews, only while somebody watches and not more often than they can be shown."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...engine.recipe import Preview
    from ...geometry import Mesh, PointCloud

MIN_INTERVAL_S = 0.1
"""Blender shows previews about this often."""
MIN_WORK = 9.0


class PreviewWriter:
    """Writer of preview.npz.

    A preview is skipped if nobody watches, if the last one is younger than `MIN_INTERVAL_S`, or if the work since was
    less than `MIN_WORK` times as long as making and writing that one: so previews take at most a tenth of the time.

    Args:
        path: The file.
        is_watched: Returns True if somebody watches the job.
        clock: Returns the time in seconds.
    """

    def __init__(self, path: Path, is_watched: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._is_watched = is_watched
        self._clock = clock
        self._took_s = 0.0
        self._written_at = -float("inf")

    def write_if_due(self, preview: "Preview | None") -> "PointCloud | Mesh | None":
        """Make and write a preview, if there is one and it is due; returns it if it was written.

        Raises:
            OSError: The job folder cannot be written.
        """
        start = self._clock()
        pause_s = max(MIN_WORK * self._took_s, MIN_INTERVAL_S)
        if preview is None or start - self._written_at < pause_s or not self._is_watched():
            return None
        geometry = preview()
        is_written = self._save(geometry)
        self._written_at = self._clock()
        self._took_s = self._written_at - start
        return geometry if is_written else None

    def _save(self, geometry: "PointCloud | Mesh") -> bool:
        from ...geometry import save_geometry

        try:
            save_geometry(self._path, geometry)
        except PermissionError:
            if sys.platform != "win32":
                raise
            return False  # Windows: a reader has the old file open; the next step writes another preview
        return True
