# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets that are kept on a timer, so that Blender answers between two of them; without a window all at once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import bpy

from ...system.run_steps import run_for, run_steps
from .. import one_shot_timer, redraw, status_line
from ..jobs.import_result import push_undo, reason_to_wait
from ..state.problem import Problem
from ..state.session_state import state

if TYPE_CHECKING:
    from .items import Item, Wanted
    from .keep import Keeping

MAX_AT_ONCE = 4
"""Assets that are kept before the operator ends, so that F9 can change its properties."""
BUDGET_S, INTERVAL_S, WAITING_INTERVAL_S = 0.004, 0.01, 0.2

running: dict[str, "Keeping"] = {}
"""The assets that are being kept, under "keeping"."""


def current() -> "Keeping | None":
    """Return the assets that are being kept, or None."""
    return running.get("keeping")


def start(items: "Iterable[Item]", wanted: "Wanted") -> "Keeping":
    """Keep assets: a few at once, many on a timer."""
    from .keep import Keeping

    keeping = Keeping(items, wanted)
    if is_at_once(keeping):
        run_steps(keeping.steps)
    else:
        state.problem = None
        running["keeping"] = keeping
        one_shot_timer.schedule(on_timer, INTERVAL_S)
    return keeping


def is_at_once(keeping: "Keeping") -> bool:
    """True if assets are kept before the operator ends."""
    return bpy.app.background or len(keeping.items) <= MAX_AT_ONCE


def cancel() -> None:
    """Stop; what is kept stays."""
    one_shot_timer.cancel(on_timer)
    keeping = running.pop("keeping", None)
    if keeping is not None:
        keeping.steps.close()
        tell(keeping)
    status_line.set_text(None)


def on_timer() -> float | None:
    """Take some steps; return the time until the next tick, or None at the end."""
    keeping = current()
    if keeping is None:
        return None
    if reason_to_wait():
        return WAITING_INTERVAL_S
    try:
        if not run_for(keeping.steps, BUDGET_S):
            status_line.set_text(f"Keeping assets: {keeping.done} of {len(keeping.items)}")
            redraw.sidebars()
            return INTERVAL_S
    except Exception:
        running.pop("keeping", None)  # else no other could start
        raise
    running.pop("keeping", None)
    status_line.set_text(None)
    tell(keeping)
    return None


def tell(keeping: "Keeping") -> None:
    """Tell in the panel what was kept, and push the undo step."""
    if keeping.has_failed or not keeping.kept:
        state.problem = Problem(keeping.message)
    else:
        state.notice(keeping.message)
    for notice in keeping.notices:
        state.notice(notice)
    push_undo("Text3D: Keep as Asset")
    redraw.panels()
