# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that creates, tests or removes the worker's environment, and its progress."""

from pathlib import Path

from ...environment.child import EnvironmentChild
from ...environment.progress import Progress
from ...protocol.failures import Reason
from ...system.user_folders import remember_data_dir
from ..settings.choices import Choices, choices
from ..state.problem import FIXES, Problem, environment_problem
from ..state.session_state import state
from .disk_usage import disk_usage
from .followed_child import FollowedChild
from .weights_task import weights_task


class EnvironmentTask(FollowedChild):
    """At most one action on an environment.

    Attributes:
        newest: The newest progress of the child.
        was_missing: True if there was no usable environment when the child started.
        reason: The problem's reason if the newest child fails or cannot be started.
        moved_to: The data folder that other Blenders and terminals get to know once the child has succeeded, or None.
    """

    INTERVAL_S = 0.5
    MAKING = ("make", "renew", "repair")
    REASONS = {
        "renew": Reason.RENEWAL,
        "repair": Reason.REPAIR,
        "test": Reason.OFFLINE_REPAIR,
        "remove": Reason.REMOVAL,
        "try": Reason.OWN_PYTHON,
        "add-part": Reason.MISSING_PART,
        "remove-part": Reason.REPAIR,
        "cluster": Reason.MISSING_RAY,
    }
    READY = "Setup is complete. Type a prompt and press Generate."

    def __init__(self) -> None:
        super().__init__()
        self.newest = Progress("")
        self.was_missing = False
        self.reason = Reason.ENVIRONMENT
        self.moved_to: Path | None = None

    def start(self, chosen: Choices, action: str = "make", kit: str = "", part: str = "") -> None:
        """Start the child.

        Args:
            chosen: The preferences.
            action: An action of environment/actions.py.
            kit: An offline kit's folder; "" for the network.
            part: The optional part, for the actions on one.

        Raises:
            OSError: The folder cannot be written or Python cannot be started.
        """
        self.was_missing = environment_problem(chosen) is not None
        self.reason = Reason.KIT if kit else self.REASONS.get(part) or self.REASONS.get(action, Reason.ENVIRONMENT)
        self.newest = Progress("Starting")
        self.moved_to = chosen.env_dir.parent if chosen.is_moved and action in (*self.MAKING, "test") else None
        python = str(chosen.own_python) if action == "try" else chosen.base_python
        options = {"python": python, "torch": chosen.torch, "torch_index": chosen.torch_index, "kit": kit, "part": part}
        self.follow(EnvironmentChild(chosen.env_dir, action, **options))
        state.problem = None

    def read(self, child: EnvironmentChild) -> bool:
        """Read the progress. Return True if the child is done."""
        self.newest = child.progress()
        return self.newest.state != "working"

    def finish(self, child: EnvironmentChild) -> None:
        """Report the result, and have everything that depends on the environment read again."""
        if self.is_stopped:
            return
        state.problem = self.failure() if self.newest.state == "failed" else None
        if self.newest.state == "ready":
            self.notify_ready()
        disk_usage.refresh()
        weights_task.forget_list()

    def notify_ready(self) -> None:
        """Tell the user what to do next, and other Blenders and terminals the data folder."""
        if self.was_missing and environment_problem(choices()) is None:
            state.notice(self.READY)
        try:
            if self.moved_to:
                remember_data_dir(self.moved_to)
        except OSError as error:
            why = f"{error.filename} cannot be written"
            state.notice(f"The Data Folder {self.moved_to} is not shared with other Blender versions: {why}.")

    def failure(self) -> Problem:
        """Return the problem of a failed child, with the buttons for its action."""
        is_told = self.reason in (Reason.REPAIR, Reason.MISSING_PART, Reason.MISSING_RAY)
        fix = self.newest.fix if is_told else FIXES.get(self.reason, self.newest.fix)
        return Problem(f"{self.newest.message.rstrip('.')}.", fix, self.reason)

    def detach(self) -> None:
        """Stop following the child, which finishes its work."""
        disk_usage.detach()
        super().detach()


environment_task = EnvironmentTask()
