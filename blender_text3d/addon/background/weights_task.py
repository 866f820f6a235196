# SPDX-License-Identifier: GPL-3.0-or-later
"""The child processes that list, download, import and remove the official models' files, and their output."""

import contextlib
from collections.abc import Callable
from typing import Any

import bpy

from ...environment.child import WeightsChild
from ...protocol.failures import Reason
from ...protocol.models import NEED_WEIGHTS, OBJECT_MODEL
from ..settings.choices import choices
from ..state.problem import Problem, environment_problem
from ..state.session_state import state
from ..state.weight_files import Transfer, WeightFile, parse_weight_file
from .followed_child import FollowedChild


class WeightsLister(FollowedChild):
    """At most one run of `weights list`, which passes its lines to a callback."""

    def __init__(self, on_lines: Callable[[list[dict[str, Any]]], None]) -> None:
        super().__init__()
        self._on_lines = on_lines

    def read(self, child: WeightsChild) -> bool:
        """Return True if the list is complete."""
        return not child.is_alive()

    def finish(self, child: WeightsChild) -> None:
        """Pass the list on."""
        self._on_lines(child.new_messages())


class WeightsTask(FollowedChild):
    """At most one transfer of weights, and the list of local files.

    Attributes:
        known: The newest list, by checkpoint name.
        is_list_wanted: True once a panel has asked for the list.
        transfer: The newest transfer, or None.
    """

    NEED_FILES = NEED_WEIGHTS - {OBJECT_MODEL}

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, WeightFile] = {}
        self.is_list_wanted = False
        self.transfer: Transfer | None = None
        self._lister = WeightsLister(self.store_list)
        self._refresh_timer = self.refresh  # Blender compares timers by identity

    def missing(self, model: str) -> list[WeightFile]:
        """Return the model's files that are not on this machine, according to the newest list."""
        return [file for file in self.known.values() if model in file.models and not file.path]

    def is_running(self) -> bool:
        """True until the transfer has ended; one that was asked to stop still writes its files."""
        return self.child is not None

    def refresh(self) -> None:
        """Start to list the local files, unless a child runs or there is no environment."""
        if self.child or self._lister.child or environment_problem(choices()):
            return
        with contextlib.suppress(OSError):  # a folder that cannot be written: the next job reports it
            self._lister.follow(new_child("list"))

    def want_list(self) -> None:
        """Have a timer list the files once. Panels may call it while they draw.

        The model's property does not call it when it changes: a callback there crashes Blender 4.2 as a module at exit.
        """
        if not (self.known or self.is_list_wanted or bpy.app.background):
            self.is_list_wanted = True
            bpy.app.timers.register(self._refresh_timer, first_interval=0.0)

    def store_list(self, lines: list[dict[str, Any]]) -> None:
        """Keep a list, unless a line is not a file's."""
        with contextlib.suppress(KeyError):
            self.known = {file.name: file for file in map(parse_weight_file, lines)}

    def forget_list(self) -> None:
        """Have the next panel list the files again."""
        self.known, self.is_list_wanted = {}, False

    def start(self, transfer: Transfer, action: str, *arguments: str) -> None:
        """Start a transfer.

        Args:
            transfer: The files, as far as they are known.
            action: "fetch", "import" or "remove".
            arguments: The rest of the command line.

        Raises:
            OSError: The child cannot be started.
        """
        self.follow(new_child(action, *arguments))
        self.transfer = transfer
        clear_weights_problem()

    def read(self, child: WeightsChild) -> bool:
        """Read the progress. Return True if the transfer has ended."""
        has_ended = not child.is_alive()  # checked first: its last line is then in the file
        for line in child.new_messages():
            if self.transfer is not None:
                self.transfer.update(line)
        return has_ended

    def finish(self, child: WeightsChild) -> None:
        """Report the result and list the files again."""
        self.read(child)
        if self.transfer is not None:
            self.report_end(self.transfer, child.exit_code() or 0, child.last_line())
        self.refresh()

    def report_end(self, transfer: Transfer, exit_code: int, last_line: str) -> None:
        """Show the notices, and the problem if the transfer failed; one that was stopped did not."""
        for notice in transfer.notices:
            state.notice(notice)
        if exit_code == 0:
            clear_weights_problem()
        elif not self.is_stopped:
            reason = Reason.FETCH if transfer.model else Reason.BAD_REQUEST
            message = transfer.error_text or exit_message(transfer.verb, exit_code, last_line)
            state.problem = Problem(message, reason=reason, model=transfer.model)

    def wait(self) -> None:
        """Block until the transfer and the list after it are done, for background mode."""
        super().wait()
        self._lister.wait()

    def detach(self) -> None:
        """Stop following the children; a download keeps running."""
        self.forget_list()
        self.transfer = None
        self._lister.detach()
        super().detach()
        if bpy.app.timers.is_registered(self._refresh_timer):
            bpy.app.timers.unregister(self._refresh_timer)


def new_child(action: str, *arguments: str) -> WeightsChild:
    """Return a child in the worker's environment; its output goes to the data folder."""
    chosen = choices()
    return WeightsChild(chosen.python, chosen.jobs_dir.parent, action, *arguments)


def exit_message(verb: str, exit_code: int, last_line: str) -> str:
    """Return the message for a child that failed without giving a reason."""
    return f"{verb} stopped (exit code {exit_code}): {last_line or 'no output'}. Try again."


def clear_weights_problem() -> None:
    """Clear a problem about missing or broken files."""
    if state.problem and state.problem.reason in (Reason.WEIGHTS, Reason.BROKEN_WEIGHTS, Reason.FETCH):
        state.problem = None


weights_task = WeightsTask()
