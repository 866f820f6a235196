# SPDX-License-Identifier: GPL-3.0-or-later
"""Streams of the simulated device, which run nothing side by side: only which one is in use is followed."""

from typing import Any


class SimulatedStream:
    """A stream.

    Attributes:
        has_run: True once a kernel ran on it, so that libraries have the workspaces that they need there.
        waited_for: the streams that it has waited for.
    """

    def __init__(self, device: Any = None) -> None:
        self.device, self.has_run = device, False
        self.waited_for: list[SimulatedStream] = []

    def wait_stream(self, stream: "SimulatedStream") -> None:
        """Let what comes wait for what another stream has to do."""
        self.waited_for.append(stream)
