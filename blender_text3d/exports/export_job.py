# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job folder → files for other programs."""

from collections.abc import Callable, Iterable
from typing import Any

from ..geometry import Mesh, PointCloud, load_geometry
from ..protocol.caption import result_name
from ..protocol.events import Finished, Made
from ..protocol.job_folder import JobFolder
from ..protocol.job_recipe import job_recipe
from ..system.files import replace_content
from .export_steps import STEP_PARTS, export_steps
from .formats import MILLIMETERS_PER_METER, PRINT_FORMATS, ExportTarget
from .glb import glb_bytes
from .item import ExportItem, placed, print_size
from .obj import obj_bytes
from .ply import ply_bytes
from .stl import stl_bytes
from .three_mf import three_mf_bytes
from .usd import usd_bytes

CONTENTS: dict[str, Callable[[ExportItem], bytes]] = {
    "glb": glb_bytes,
    "ply": ply_bytes,
    "obj": obj_bytes,
    "stl": stl_bytes,
    "3mf": three_mf_bytes,
    "usd": usd_bytes,
}


def export_job(
    folder: JobFolder,
    targets: Iterable[ExportTarget],
    print_height_mm: float = 0.0,
    recipe: dict[str, Any] | None = None,
) -> None:
    """Write files of a finished job with the size and rotation of its request.

    Args:
        folder: The job folder, which is untrusted.
        targets: The files.
        print_height_mm: Height of the object in the formats for printing, or 0 for the size of the request.
        recipe: The recipe in the files; None for that of the job, with its ID.

    Raises:
        InvalidJob: The job has no such geometry.
        ValueError: Its geometry is damaged or empty.
        OSError: A file cannot be read or written.
    """
    request, events = folder.read_request(), folder.events()
    name = result_name(request, events)
    recipe = job_recipe(folder.job_id, request, events) if recipe is None else recipe
    files = next((event.files for event in reversed(events) if isinstance(event, Made | Finished)), {})
    parts: dict[str, Mesh | PointCloud] = {}
    for target in targets:
        if target.part in STEP_PARTS:
            file = folder.own_file(files.get(target.part, ""))
            export_steps(file, target.path, name, recipe, request.size_m, request.rotation_deg)
            continue
        if target.part not in parts:
            parts[target.part] = load_geometry(folder.own_file(files.get(target.part, "")))
        geometry = parts[target.part]
        size = export_size(geometry, target.format, request.size_m, print_height_mm)
        item = ExportItem(placed(geometry, size, request.rotation_deg), name, recipe)
        replace_content(target.path, CONTENTS[target.format](item))


def export_size(geometry: Mesh | PointCloud, format_name: str, size_m: float, print_height_mm: float) -> float:
    """Return the longest side in the unit of a file: meters, or millimeters for 3MF and for a given print height."""
    if print_height_mm and format_name in PRINT_FORMATS:
        return print_size(geometry, print_height_mm)
    return size_m * (MILLIMETERS_PER_METER if format_name == "3mf" else 1.0)
