# SPDX-License-Identifier: GPL-3.0-or-later
"""A line in Blender's status bar when an object is done, for some seconds.

A timer has no operator whose report would be shown there, so the workspace's status text is set.
"""

import bpy

from . import redraw
from .state.count_text import count_text, plural
from .state.time_estimate import format_duration

SHOWN_FOR_S = 8.0


def show_done(name: str, made: list[bpy.types.Object], seconds: float) -> None:
    """Show that a result is done; the line ends by itself. Nothing is shown in background mode."""
    if bpy.app.background:
        return
    set_text(done_text(name, made, seconds))
    if bpy.app.timers.is_registered(clear):
        bpy.app.timers.unregister(clear)
    bpy.app.timers.register(clear, first_interval=SHOWN_FOR_S, persistent=True)


def done_text(name: str, made: list[bpy.types.Object], seconds: float) -> str:
    """Return "a red mushroom · 95k faces · 6 s" for a result, or points in place of faces."""
    return "  ·  ".join([name, *map(size_text, made[:1]), format_duration(seconds)])


def size_text(target: bpy.types.Object) -> str:
    """Return the number of faces, or of points for an object without faces."""
    data = target.data
    if isinstance(data, bpy.types.Mesh):
        faces = len(data.polygons)
        return counted_briefly(faces, "face") if faces else counted_briefly(len(data.vertices), "point")
    return counted_briefly(len(getattr(data, "points", ())), "point")


def counted_briefly(count: int, noun: str) -> str:
    """Return a short count with its noun in the singular or plural."""
    return f"{count_text(count)} {plural(count, noun)}"


def clear() -> None:
    """Give the status bar back to Blender."""
    set_text(None)


def set_text(text: str | None) -> None:
    """Set the status text of every window's workspace."""
    for window in redraw.windows():
        window.workspace.status_text_set(text)


def reset() -> None:
    """Clear the line now, if it is shown."""
    if bpy.app.timers.is_registered(clear):
        bpy.app.timers.unregister(clear)
        clear()
