# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that only make the views of a prompt, and the object of the view that the user picks."""

import bpy

from ...protocol.models import VIEW
from ...protocol.request import make_requests
from ..settings.input_kind import IMAGE, TEXT, choose_input
from ..state.active_job import ActiveJob
from ..state.problem import Problem, SubmitError
from ..state.session_state import state
from . import panel_request, submit


def generate_views(scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue a job that makes the candidates of the panel's prompt and no object; its seed is written into the panel.

    Raises:
        SubmitError: The job was not queued.
    """
    settings = panel_request.settings_of(scene)
    choose_input(settings, TEXT)  # a view that was picked before is replaced
    with panel_request.submit_errors(settings):
        values = {**panel_request.request_kwargs(settings), "outputs": VIEW, "views": 0, "count": 1}
        requests = make_requests(**values)
    settings.seed = requests[0].seed
    jobs = submit.submit(requests, scene, sheet_locations=[(0.0, 0.0, 0.0)])  # nothing is placed
    settings.views_job = jobs[0].folder.job_id
    return jobs


def pick_view(scene: bpy.types.Scene, index: int) -> list[ActiveJob]:
    """Make one of the views the panel's image, and queue the object of it. Another one can be picked afterwards.

    Raises:
        SubmitError: There is no such view, or the job was not queued.
    """
    path = state.views.paths[index] if state.views and 0 <= index < state.views.total else None
    if path is None or not path.is_file():
        raise SubmitError(Problem("The view no longer exists.", "Press Generate Views to make new ones."))
    settings = panel_request.settings_of(scene)
    settings.image = str(path)
    choose_input(settings, IMAGE)
    return submit.generate(scene)
