# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that reads a pipeline's card on the hub: its license and size, before anything is downloaded."""

from typing import Any

from ...protocol.failures import Reason
from ..state.problem import Problem
from ..state.session_state import state
from .followed_child import FollowedChild
from .weights_task import exit_message, new_child


class HubCardTask(FollowedChild):
    """At most one reading of a card.

    Attributes:
        cards: The cards that were read, by hub name, as engine/weights/cli_output.py writes them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[str, dict[str, Any]] = {}
        self._errors: list[str] = []

    def start(self, name: str) -> None:
        """Read the card of a pipeline.

        Raises:
            OSError: The child cannot be started.
        """
        self._errors.clear()
        self.follow(new_child("card", f"hub:{name}"))

    def read(self, child: Any) -> bool:
        """Read the output. Return True if the child has ended."""
        has_ended = not child.is_alive()  # checked first: its last line is then in the file
        for line in child.new_messages():
            if line.get("stage") == "card" and isinstance(line.get("name"), str):
                self.cards[line["name"]] = line
            elif line.get("stage") == "failed":
                self._errors.append(str(line.get("message", "")))
        return has_ended

    def finish(self, child: Any) -> None:
        """Report a failure."""
        self.read(child)
        exit_code = child.exit_code() or 0
        if exit_code and not self.is_stopped:
            message = " ".join(self._errors) or exit_message("Reading the license", exit_code, child.last_line())
            state.problem = Problem(message, reason=Reason.BAD_PIPELINE)


hub_card_task = HubCardTask()
