# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions that Blender calls when the current event has been handled: drawing code must not change data."""

from collections.abc import Callable

import bpy


def schedule(do: Callable[[], float | None], after_s: float = 0.0) -> None:
    """Call a function from a timer, or at once in background mode, where timers never run.

    Args:
        do: The function. From a timer it is called again if it returns the time until then in seconds.
        after_s: Time until the first call.
    """
    if bpy.app.background:
        do()
    elif not bpy.app.timers.is_registered(do):
        bpy.app.timers.register(do, first_interval=after_s, persistent=True)


def cancel(do: Callable[[], float | None]) -> None:
    """Forget a function that has not been called yet."""
    if bpy.app.timers.is_registered(do):
        bpy.app.timers.unregister(do)
