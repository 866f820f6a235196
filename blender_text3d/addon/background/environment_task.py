# SPDX-License-Identifier: GPL-3.0-or-later
"""The child that makes, tests or removes the worker's environment, and what it says."""

from pathlib import Path

import bpy

from ...environment.child import SetupChild
from ...environment.paths import remember_data_dir
from ...environment.progress import Progress
from .. import redraw
from ..settings.choices import Choices, choices
from ..state.problem import FIXES, Problem, environment_trouble
from ..state.session_state import state
from . import disk_usage, weights_task

INTERVAL_S = 0.5
MAKING = ("make", "renew", "repair")
REASONS = {"renew": "renewal", "repair": "repair", "test": "offline_repair", "remove": "removal", "try": "own_python"}
READY = "The worker is ready. Type a prompt and press Generate."

child: SetupChild | None = None
stopped: SetupChild | None = None
"""One that was asked to end, and may still clear away what it made."""
newest = Progress("")
was_missing = False
"""Whether there was nothing to work with when the child began."""
reason = "environment"
"""What it is a case of where the newest child fails, or cannot be started."""
moved_to: Path | None = None
"""The data folder to be told to other Blenders and terminals when the newest child has succeeded."""


def start(chosen: Choices, action: str = "make", kit: str = "") -> None:
    """Start the child and follow it.

    Args:
        chosen: The preferences.
        action: As in setup's actions.
        kit: An offline kit's folder; "" for the network.

    Raises:
        OSError: The folder cannot be written or Python cannot be started.
    """
    global child, newest, was_missing, reason, moved_to
    was_missing = environment_trouble(chosen) is not None
    reason = "kit" if kit else REASONS.get(action, "environment")
    python = str(chosen.own_python) if action == "try" else chosen.base_python
    newest = Progress("Starting")
    moved_to = chosen.env_dir.parent if chosen.is_moved and action in (*MAKING, "test") else None
    child = SetupChild(
        chosen.env_dir, action, python=python, torch=chosen.torch, torch_index=chosen.torch_index, kit=kit
    )
    try:
        child.start()
    except OSError:
        child = None
        raise
    state.trouble = None
    if not bpy.app.background:
        bpy.app.timers.register(poll, first_interval=INTERVAL_S, persistent=True)


def is_running() -> bool:
    """Whether something is done with an environment from here."""
    return child is not None


def poll() -> float | None:
    """Read the news; None when the child has ended."""
    global child, newest
    if child is None:
        redraw.panels()
        return INTERVAL_S if is_stopping() else None
    newest = child.progress()
    if newest.state != "working":
        child = None
        state.trouble = failure() if newest.state == "failed" else None
        if newest.state == "ready":
            notify_ready()
        disk_usage.refresh()
        weights_task.is_list_wanted = False
        weights_task.known = {}
    redraw.panels()
    return INTERVAL_S if child else None


def notify_ready() -> None:
    """To the user what comes next, and to other Blenders and terminals where the environment is."""
    if was_missing and environment_trouble(choices()) is None:
        state.notice(READY)
    try:
        if moved_to:
            remember_data_dir(moved_to)
    except OSError as error:
        why = f"{error.filename} cannot be written"
        state.notice(f"Other Blenders and terminals do not know the Data Folder {moved_to}: {why}.")


def failure() -> Problem:
    """What the child ended with, with the buttons for what it was to do."""
    fix = newest.fix if reason == "repair" else FIXES.get(reason, newest.fix)
    return Problem(f"{newest.message.rstrip('.')}.", fix, reason)


def stop() -> None:
    """End the child; an environment that was in use still is."""
    global child, stopped
    if child is not None:
        child.stop()
        child, stopped = None, child


def is_stopping() -> bool:
    """Whether a child that was stopped still holds the environment; to ask kills one that takes too long."""
    global stopped
    if stopped is not None and not stopped.is_alive():
        stopped.forget()
        stopped = None
    return stopped is not None


def detach() -> None:
    """Follow no more; the child goes on and finishes its work."""
    global child, stopped
    child = stopped = None
    disk_usage.detach()
    if bpy.app.timers.is_registered(poll):
        bpy.app.timers.unregister(poll)
