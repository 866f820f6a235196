# SPDX-License-Identifier: GPL-3.0-or-later
"""Turntables of the field of a generated object: a job renders the views, and a background Blender writes the file."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...client.import_claim import mark_imported
from ...client.results.delete import delete_result
from ...protocol.errors import InvalidJob
from ...protocol.events import TERMINAL, Finished
from ...protocol.job_folder import JobFolder
from ..background.turntable_task import turntable_task
from ..state.problem import Problem
from ..state.session_state import state

if TYPE_CHECKING:
    from ...scene.turntable_files import TurntableSettings

MAX_VIEW_FILES = 400
waiting: "dict[str, tuple[JobFolder, TurntableSettings]]" = {}
"""Jobs whose views are being rendered, and the settings of their turntables, by job ID."""


def wait_for_views(folder: JobFolder, settings: "TurntableSettings") -> None:
    """Write a turntable once the views of a job are there, which makes nothing else."""
    mark_imported(folder)
    waiting[folder.job_id] = folder, settings


def start_ready() -> None:
    """Write the turntables whose views are complete: a job writes them after its object."""
    for job_id, (folder, settings) in list(waiting.items()):
        last = folder.last_event() if job_id not in state.jobs else None
        if isinstance(last, TERMINAL):
            del waiting[job_id]
        if isinstance(last, Finished):
            start(folder, settings)


def start(folder: JobFolder, settings: "TurntableSettings") -> None:
    """Write the turntable of a finished job, and delete the job."""
    try:
        turntable_task.render(lambda work: copy_views(folder, settings, work), Path(settings.path), settings.frames)
    except (OSError, RuntimeError, InvalidJob) as error:
        state.problem = Problem(f"The turntable could not be written ({error}).", "Try again.")
    with suppress(InvalidJob):
        delete_result(folder)


def copy_views(folder: JobFolder, settings: "TurntableSettings", work: Path) -> None:
    """Copy the views of a job to the folder of a background Blender, with the settings.

    Raises:
        OSError: A file cannot be copied. InvalidJob: The job names files outside of its folder.
    """
    from ...scene.turntable_files import write_settings

    names = next((event.files for event in reversed(folder.events()) if isinstance(event, Finished)), {})
    source = folder.own_file(names.get("view_images", folder.view_images.name))
    (work / "frames").mkdir()
    for path in sorted(source.glob("[0-9]*.png"))[:MAX_VIEW_FILES]:
        if path.is_file() and not path.is_symlink():
            shutil.copyfile(path, work / "frames" / path.name)
    write_settings(work, settings)
