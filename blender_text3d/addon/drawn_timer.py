# SPDX-License-Identifier: GPL-3.0-or-later
"""DrawnTimer: a timer that runs while a panel is drawn.

Blender does not tell whether a panel is still visible. So a panel that was not drawn for a while is redrawn, and the
timer ends if nothing was drawn then; the next drawing starts it again.
"""

import time
import traceback
from collections.abc import Callable

import bpy

from ..protocol.failures import Reason
from . import redraw
from .state.problem import Problem
from .state.session_state import state

FIRST_INTERVAL_S, PROBE_INTERVAL_S = 0.01, 1.0
UNDRAWN_S = 2.5


class DrawnTimer:
    """Calls a function regularly from the first drawing of a panel until it is not drawn any more."""

    def __init__(self, tick: Callable[[], float]) -> None:
        """Create a timer that does not run yet.

        Args:
            tick: Function that returns the time until its next call in seconds.
        """
        self._tick = tick
        self._drawn_at_s = 0.0
        self._is_probing = False
        self._timer = self.on_timer  # Blender compares timers by identity, and each `self.on_timer` is a new object

    def note_drawn(self) -> None:
        """Record that the panel was drawn, and start; called while it is drawn, so nothing is read here."""
        self._drawn_at_s, self._is_probing = time.monotonic(), False
        if not bpy.app.background and not bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.register(self._timer, first_interval=FIRST_INTERVAL_S, persistent=True)

    def stop(self) -> None:
        """Stop until the panel is drawn again."""
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)

    def on_timer(self) -> float | None:
        """Run one tick. Return the time until the next one in seconds, or None to end the timer."""
        if time.monotonic() - self._drawn_at_s > UNDRAWN_S:
            if self._is_probing:
                return None
            self._is_probing = True
            redraw.sidebars()
            return PROBE_INTERVAL_S
        try:
            return self._tick()
        except Exception as error:  # a timer that raises is dropped by Blender without a word in the panel
            traceback.print_exc()
            state.problem = Problem(
                f"Internal error: {error!r}.", "Report it with the output of the system console.", Reason.OWN_ERROR
            )
            return None
