# SPDX-License-Identifier: GPL-3.0-or-later
"""The timer that loads the results while their panel is drawn, for a few milliseconds at a time."""

import time
from collections import deque
from collections.abc import Iterator

from .. import redraw
from ..drawn_timer import DrawnTimer
from ..jobs.poll_timer import timed
from ..state.session_state import state
from . import icons, missing_thumbnails
from .strip import strip
from .view import current_view, settings

BUSY_INTERVAL_S, WAITING_INTERVAL_S, IDLE_INTERVAL_S = 0.01, 0.2, 1.0
SHARE_OF_TICK_S = 0.008

tick_times_ms: deque[float] = deque(maxlen=10_000)

_icon_steps: Iterator[None] | None = None
_icons_of_version = -1


def on_tick() -> float:
    """Run one tick. Return the time until the next one in seconds."""
    timed(tick_times_ms, tick)
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
    drawn_timer.stop()
    _icon_steps, _icons_of_version = None, -1
    icons.clear()
    missing_thumbnails.forget()
    vars(strip).update(vars(type(strip)()))


drawn_timer = DrawnTimer(on_tick)
note_drawn = drawn_timer.note_drawn
