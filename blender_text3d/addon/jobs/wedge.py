# SPDX-License-Identifier: GPL-3.0-or-later
"""A wedge in the scene: objects on a labeled grid at the 3D cursor, and the list of prompts that makes them again."""

import time
from pathlib import Path

import bpy

from ...protocol.request import Request
from ...protocol.wedge import AXES, WedgeAxis, value_text, wedge_csv, wedge_requests
from ...system.files import create_exclusive
from ..settings.choices import choices
from ..state.active_job import ActiveJob, ImportTarget
from ..state.problem import Problem, SubmitError
from . import panel_request, submit
from .free_location import grid_locations


def generate_wedge(scene: bpy.types.Scene, rows: WedgeAxis, columns: WedgeAxis) -> list[ActiveJob]:
    """Queue an object for each pair of values with the panel's other settings, and add the labels of the grid.

    Raises:
        SubmitError: No job was queued.
    """
    from ...scene.grid_labels import add_grid_labels
    from ...scene.placement import units_per_meter

    requests = requests_of(scene, rows, columns)
    size = max(request.size_m for request in requests) * units_per_meter(scene)
    locations = grid_locations(requests, len(columns.values), scene)
    if "seed" not in (rows.name, columns.name):
        panel_request.settings_of(scene).seed = requests[0].seed
    jobs = submit.submit(requests, scene, targets=[ImportTarget(scene.name, place) for place in locations])
    row_texts, column_texts = ([value_text(axis, value) for value in axis.values] for axis in (rows, columns))
    add_grid_labels(scene, locations, row_texts, column_texts, size)
    return jobs


def requests_of(scene: bpy.types.Scene, rows: WedgeAxis, columns: WedgeAxis) -> list[Request]:
    """Return the requests of a wedge.

    Raises:
        SubmitError: One is invalid, or there are too many.
    """
    from ...prompts.color_words import reword

    settings = panel_request.settings_of(scene)
    words = [AXES[axis.name].label for axis in (rows, columns) if not AXES[axis.name].setting]
    kwargs = panel_request.request_kwargs(settings)
    if kwargs["image"] and words:
        message = f"The object is made from an image, so the axis {words[0]} has no effect."
        raise SubmitError(Problem(message, "Choose another axis, or switch the input to Text."))
    prompt, _ = kwargs.pop("prompt"), kwargs.pop("count")
    with panel_request.submit_errors(settings):
        return wedge_requests(prompt, rows, columns, reword, **kwargs)


def write_list(jobs: list[ActiveJob]) -> Path:
    """Write the list of prompts of a wedge next to the .blend file, or into the data folder; returns its path.

    Raises:
        OSError: It cannot be written to either.
    """
    text = wedge_csv([job.request for job in jobs])
    own_folder = choices().jobs_dir.parent / "wedges"
    beside = Path(bpy.data.filepath).parent if bpy.data.filepath else own_folder
    try:
        return new_file(beside, text)
    except OSError:
        return new_file(own_folder, text)


def new_file(folder: Path, text: str) -> Path:
    """Write a file with a new name; returns its path.

    Raises:
        OSError: It cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem, number = time.strftime("wedge-%Y%m%d-%H%M%S"), 1
    path = folder / f"{stem}.csv"
    while not create_exclusive(path, text):
        number += 1
        path = folder / f"{stem}-{number}.csv"
    return path
