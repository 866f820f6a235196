# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job that has made views and no object, and the views of a file that was closed meanwhile."""

from ...client.import_claim import mark_imported
from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.models import STEPS, VIEW
from ...system.untrusted_files import is_plain_name
from ..settings.choices import choices
from ..settings.properties import TEXT3D_Settings
from ..state.session_state import state
from ..state.views import Views


def take_views(folder: JobFolder) -> bool:
    """Show the views of a finished job that makes nothing else; return False for other jobs."""
    try:
        request = folder.read_request()
    except InvalidJob:
        return False
    if request.outputs == STEPS:  # of a session that ended before it could show them: they can be decoded again
        mark_imported(folder)
        return True
    if request.outputs != VIEW:
        return False
    state.views = Views(folder, request.prompt, request.candidates)
    mark_imported(folder)
    return True


def restore_views(settings: TEXT3D_Settings | None) -> None:
    """Show the views that were last made in a file, after Blender was closed, if their job still has them."""
    if settings is None or state.views is not None or not is_plain_name(settings.views_job):
        return
    folder = JobFolder(choices().jobs_dir / settings.views_job)
    try:
        request = folder.read_request()
    except InvalidJob:
        return
    views = Views(folder, request.prompt, request.candidates)
    if all(path.is_file() for path in views.paths):
        state.views = views
