# SPDX-License-Identifier: GPL-3.0-or-later
"""The child that makes the worker's environment, and what it says."""

import bpy

from ..setup.child import SetupChild
from ..setup.progress import Progress
from . import fetching, redraw
from .live import desk
from .preferences import Choices
from .trouble import Trouble

INTERVAL_S = 0.5

child: SetupChild | None = None
newest = Progress("")


def begin(chosen: Choices) -> None:
    """Start the child and follow it.

    Raises:
        OSError: The folder cannot be written or Python cannot be started.
    """
    global child, newest
    child, newest = SetupChild(chosen.env_dir, torch=chosen.torch), Progress("Starting")
    child.start()
    if not bpy.app.background:
        bpy.app.timers.register(look, first_interval=INTERVAL_S, persistent=True)


def is_running() -> bool:
    """Whether an environment is being made from here."""
    return child is not None


def look() -> float | None:
    """Read the news; None when the child has ended."""
    global child, newest
    if child is None:
        return None
    newest = child.progress()
    if newest.state != "working":
        child = None
        desk.trouble = Trouble(newest.message, newest.fix, "environment") if newest.state == "failed" else None
        fetching.is_list_wanted = False
    redraw.panels()
    return INTERVAL_S if child else None


def stop() -> None:
    """End the child; what it made so far is used by the next."""
    global child
    if child is not None:
        child.stop()
        child = None


def let_go() -> None:
    """Follow no more; the child goes on and finishes its work."""
    global child
    child = None
    if bpy.app.timers.is_registered(look):
        bpy.app.timers.unregister(look)
