# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of exported files. This file needs no numpy."""

from pathlib import Path
from typing import NamedTuple

EXPORT_FORMATS = ("glb", "ply", "obj", "stl", "3mf", "usd")
MESH_FORMATS = ("stl", "3mf")
"""Formats that hold no point clouds."""
PRINT_FORMATS = ("stl", "3mf")
MILLIMETERS_PER_METER = 1000.0
MIN_PRINT_HEIGHT_MM, MAX_PRINT_HEIGHT_MM = 0.1, 100_000.0


class ExportTarget(NamedTuple):
    """A file to write: "mesh" or "cloud" of a job, the format, and the path."""

    part: str
    format: str
    path: Path

    @property
    def kind(self) -> str:
        """Name among a job's files: glb, cloud_glb and so on."""
        return self.format if self.part == "mesh" else f"cloud_{self.format}"
