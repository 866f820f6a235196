# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer that loads the results while their panel is drawn, for a few milliseconds at a time.

Blender does not tell whether a panel is still visible. So a panel that was not drawn for a while is redrawn, and the
timer ends if nothing was drawn then; the next drawing starts it again.
"""

import time
import traceback
from collections import deque
from collections.abc import Iterator

import bpy

from ...protocol.failures import Reason
from .. import redraw
from ..jobs.poll_timer import timed
from ..state.problem import Problem
from ..state.session_state import state
from . import icons, missing_thumbnails
from .strip import strip
from .view import current_view, settings

BUSY_INTERVAL_S, WAITING_INTERVAL_S, IDLE_INTERVAL_S = 0.01, 0.2, 1.0
SHARE_OF_TICK_S = 0.008
UNDRAWN_S = 2.5

tick_times_ms: deque[float] = deque(maxlen=10_000)

_drawn_at_s = 0.0
_is_probing = False
_icon_steps: Iterator[None] | None = None
_icons_of_version = -1


def note_drawn() -> None:
    """Record that the panel was drawn, and start the timer; called while it is drawn, so nothing is read here."""
    global _drawn_at_s, _is_probing
    _drawn_at_s, _is_probing = time.monotonic(), False
    if not bpy.app.background and not bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.register(on_timer, first_interval=BUSY_INTERVAL_S, persistent=True)


def stop() -> None:
    """Stop the timer."""
    if bpy.app.timers.is_registered(on_timer):
        bpy.app.timers.unregister(on_timer)


def on_timer() -> float | None:
    """Run one tick. Return the time until the next one in seconds, or None to end the timer."""
    global _is_probing
    if time.monotonic() - _drawn_at_s > UNDRAWN_S:
        if _is_probing:
            return None
        _is_probing = True
        redraw.sidebars()
        return IDLE_INTERVAL_S
    try:
        timed(tick_times_ms, tick)
    except Exception as error:  # a timer that raises is dropped by Blender without a word in the panel
        traceback.print_exc()
        message = f"Internal error while loading results: {error!r}."
        state.problem = Problem(message, "Report it with the output of the system console.", Reason.OWN_ERROR)
        return None
    return next_interval_s()


def tick() -> None:
    """Load for a few milliseconds, and redraw the panel if it shows something else now."""
    shown, until_s = strip.version, time.perf_counter() + SHARE_OF_TICK_S
    strip.show(current_view())
    if not has_work():
        strip.check()
        missing_thumbnails.request_thumbnails(strip.entries)
    while has_work():
        step()
        if time.perf_counter() > until_s:
            break
    update_settings()
    if shown != strip.version:
        redraw.sidebars()


def update_settings() -> None:
    """Store the page that is shown, and select the newest result if none is selected."""
    stored = settings()
    if strip.view and stored.page != strip.view.page:  # another filter, or the page does not exist any more
        stored.page = strip.view.page
    if not stored.selected and strip.entries:
        stored.selected = strip.entries[0].job_id


def step() -> None:
    """Take one step: first the list of results, then their thumbnails."""
    global _icon_steps, _icons_of_version
    if strip.is_busy:
        strip.step()
        return
    if _icon_steps is None:
        _icon_steps, _icons_of_version = icons.load_icons(list(strip.entries)), strip.version
    if next(_icon_steps, StopIteration) is StopIteration:
        _icon_steps = None
        redraw.sidebars()


def has_work() -> bool:
    """True if the next step has something to do."""
    return strip.is_busy or _icon_steps is not None or _icons_of_version != strip.version


def next_interval_s() -> float:
    """Return the time until the next tick."""
    if has_work():
        return BUSY_INTERVAL_S
    return WAITING_INTERVAL_S if state.jobs or missing_thumbnails.is_waiting() else IDLE_INTERVAL_S


def reset() -> None:
    """Stop the timer, and forget and free everything that was loaded."""
    global _icon_steps, _icons_of_version
    stop()
    _icon_steps, _icons_of_version = None, -1
    icons.clear()
    missing_thumbnails.forget()
    vars(strip).update(vars(type(strip)()))
