# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats of exported files. This file needs no numpy."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..protocol.exported_files import PARTS

MESH_FORMATS = ("stl", "3mf")
"""Formats that hold no point clouds."""
PRINT_FORMATS = ("stl", "3mf")
MILLIMETERS_PER_METER = 1000.0
MIN_PRINT_HEIGHT_MM, MAX_PRINT_HEIGHT_MM = 0.1, 100_000.0


class ExportTarget(NamedTuple):
    """A file to write: "mesh" or "cloud" of a job, the format, and the path; for its steps, the path of a folder."""

    part: str
    format: str
    path: Path

    @property
    def kind(self) -> str:
        """Name among a job's files: glb, cloud_glb and so on."""
        return self.format if self.part == "mesh" else f"cloud_{self.format}"


def targets_of(parts: Iterable[str], formats: Iterable[str], stems: dict[str, str]) -> list[ExportTarget]:
    """Return the files of a job, as far as each part can be written in each format.

    Args:
        parts: The parts that the job has: mesh, cloud.
        formats: Names of formats.
        stems: Path without the suffix of the format, by part.
    """
    return [
        ExportTarget(part, name, Path(f"{stems[part]}.{name}"))
        for part in PARTS
        if part in parts
        for name in formats
        if part == "mesh" or name not in MESH_FORMATS
    ]
