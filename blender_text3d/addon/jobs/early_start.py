# SPDX-License-Identifier: GPL-3.0-or-later
"""The start of the worker when the sidebar is first shown, so that the first object does not wait for it."""

import bpy

from ...protocol.models import DEFAULT_MODEL
from ..settings.choices import choices
from ..state.problem import worker_problem
from .panel_request import settings_of
from .submit import session_for

DELAY_S = 0.1
"""Blender draws first."""
INCLUDED_MODELS = "mini/"

_requested: list[bool] = []


def request() -> None:
    """Start the worker soon, once in a session of Blender. Called while a panel draws, so it only sets a timer."""
    if not _requested and not bpy.app.background:
        _requested.append(True)
        bpy.app.timers.register(start_worker, first_interval=DELAY_S)


def cancel() -> None:
    """Forget the request, and that there was one."""
    _requested.clear()
    if bpy.app.timers.is_registered(start_worker):
        bpy.app.timers.unregister(start_worker)


def start_worker() -> None:
    """Start the worker, unless the preferences forbid it or it cannot start; Generate tells why.

    It loads the panel's model if that comes with the add-on. Others take gigabytes, which only a job may ask for.
    """
    chosen = choices()
    if not chosen.starts_early or worker_problem(chosen) or bpy.context.scene is None:
        return
    settings = settings_of(bpy.context.scene)
    model = settings.model if settings.model.startswith(INCLUDED_MODELS) else DEFAULT_MODEL
    session_for(chosen).start_early(model, settings.device)
