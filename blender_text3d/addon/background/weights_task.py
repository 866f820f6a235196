# SPDX-License-Identifier: GPL-3.0-or-later
"""The children that list, fetch, import and remove the official models' files, and what they say."""

import contextlib
import time

import bpy

from ...environment.weights_child import WeightsChild
from ...protocol.official import OFFICIAL
from .. import redraw
from ..settings.choices import Choices, choices
from ..state.problem import Problem, environment_trouble
from ..state.session_state import state
from ..state.weight_files import Transfer, WeightFile, weight_file

INTERVAL_S = 0.3
NEED_FILES = {model.name for model in OFFICIAL}

known: dict[str, WeightFile] = {}
is_list_wanted = False
transfer: Transfer | None = None
_lister: WeightsChild | None = None
_child: WeightsChild | None = None
_stopped = False


def missing(model: str) -> list[WeightFile]:
    """A model's files that are not here, as far as the newest list says."""
    return [file for file in known.values() if model in file.models and not file.path]


def is_running() -> bool:
    """Whether files are on their way from here."""
    return _child is not None


def refresh() -> None:
    """List anew what is here, soon; nothing where there is no Python to do it."""
    global _lister
    chosen = choices()
    if _child or _lister or environment_trouble(chosen):
        return
    lister = child_for(chosen, "list")
    with contextlib.suppress(OSError):  # a folder that cannot be written: a job will say so
        lister.start()
        _lister = lister
        follow_on_timer()


def want_list() -> None:
    """See to it that there is a list, or was an attempt at one. For panels: a timer does it when they have drawn.

    The model's property does not call it when it changes: a callback there crashes Blender 4.2 as a module at exit.
    """
    global is_list_wanted
    if not (known or is_list_wanted or bpy.app.background):
        is_list_wanted = True
        bpy.app.timers.register(refresh, first_interval=0.0)


def start(asked: Transfer, what: str, *words: str) -> None:
    """Start to do something with files.

    Args:
        asked: What is to come, as far as that is known.
        what: "fetch", "import" or "remove".
        words: The rest of the command line.

    Raises:
        OSError: The child cannot be started.
    """
    global transfer, _child, _stopped
    child = child_for(choices(), what, *words)
    child.start()
    transfer, _child, _stopped = asked, child, False
    forget_weights_trouble()
    follow_on_timer()


def child_for(chosen: Choices, what: str, *words: str) -> WeightsChild:
    """A child in the worker's environment; what it says is kept beside the jobs."""
    return WeightsChild(chosen.python, chosen.jobs_dir.parent, what, *words)


def follow_on_timer() -> None:
    """See to it that look is called while there is a child."""
    if not bpy.app.background and not bpy.app.timers.is_registered(poll):
        bpy.app.timers.register(poll, first_interval=INTERVAL_S, persistent=True)


def poll() -> float | None:
    """Read the news of the children; None when none is left."""
    if _child:
        follow_transfer(_child)
    if _lister:
        follow_list(_lister)
    redraw.panels()
    return INTERVAL_S if _child or _lister else None


def wait() -> None:
    """Until no child is left. For Blender without a window."""
    while poll() is not None:
        time.sleep(INTERVAL_S / 3)


def follow_transfer(child: WeightsChild) -> None:
    """Take in what was said; at the end tell how it went, and list anew."""
    global _child
    code = child.exit_code()  # asked first: what it said last is then in the file
    for news in child.news():
        transfer.take(news)
    if code is None:
        return
    _child = None
    child.forget()
    tell_end(code, child.last_words())
    refresh()


def tell_end(code: int, last_words: str) -> None:
    """The trouble that a transfer ended with, or that it is over."""
    for notice in transfer.notices:
        state.notice(notice)
    if code == 0:
        forget_weights_trouble()
    elif not _stopped:
        reason = "fetch" if transfer.model else "bad_request"
        state.trouble = Problem(transfer.why or exit_message(code, last_words), reason=reason, model=transfer.model)


def exit_message(code: int, last_words: str) -> str:
    """The end of a child that said nothing of why."""
    return f"{transfer.verb} stopped (exit code {code}): {last_words or 'it said nothing'}. Try again."


def forget_weights_trouble() -> None:
    """What was told of missing files holds no more."""
    if state.trouble and state.trouble.reason in ("weights", "broken_weights", "fetch"):
        state.trouble = None


def follow_list(child: WeightsChild) -> None:
    """Take in the list when it is whole."""
    global _lister, known
    if child.is_alive():
        return
    _lister = None
    with contextlib.suppress(KeyError):
        known = {file.name: file for file in map(weight_file, child.news())}
    child.forget()


def stop() -> None:
    """End the transfer; what has come so far is used by the next."""
    global _stopped
    _stopped = True
    if _child:
        _child.stop()
        poll()


def detach() -> None:
    """Follow no more; a download goes on and finishes its work."""
    global known, is_list_wanted, transfer, _lister, _child
    known, is_list_wanted, transfer, _lister, _child = {}, False, None, None, None
    for timer in (poll, refresh):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
