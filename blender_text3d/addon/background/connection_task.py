# SPDX-License-Identifier: GPL-3.0-or-later
"""The child process that tests the connection to the remote machine."""

import json
import sys
from typing import Any

from ...system.child import Child
from ..settings.choices import Choices
from .followed_child import FollowedChild

OUTPUT_NAME = "connection-test.json"


class ConnectionTask(FollowedChild):
    """At most one test.

    Attributes:
        is_good: True if the newest test has succeeded.
        text: Its result in a sentence or two; "" without one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_good, self.text = False, ""

    def start(self, chosen: Choices) -> None:
        """Start a test of the machine in the preferences.

        Raises:
            OSError: The child cannot be started.
        """
        self.is_good, self.text = False, ""
        output = chosen.jobs_dir.parent / OUTPUT_NAME
        self.follow(Child(sys.executable, "remote", ["--json", *chosen.relay], output))

    def read(self, child: Any) -> bool:
        """Return True if the test has ended."""
        return not child.is_alive()

    def finish(self, child: Any) -> None:
        """Read the result."""
        if self.is_stopped:
            return
        try:
            result = json.loads(child.output.read_text(encoding="utf-8", errors="replace").splitlines()[-1])
            self.is_good, self.text = result["is_good"] is True, str(result["text"])
        except (OSError, ValueError, IndexError, KeyError, TypeError):
            self.text = f"The test could not be run (exit code {child.exit_code()}). Run the diagnostics."

    def detach(self) -> None:
        """End the test and forget the result."""
        if self.child is not None:
            self.child.stop()
            self.child.remove_output()
        self.is_good, self.text = False, ""
        super().detach()


connection_task = ConnectionTask()
