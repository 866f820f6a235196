# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job that has made views and no object."""

from ...client.import_claim import mark_imported
from ...protocol.errors import InvalidJob
from ...protocol.job_folder import JobFolder
from ...protocol.models import STEPS, VIEW
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
