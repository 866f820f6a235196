# SPDX-License-Identifier: GPL-3.0-or-later
"""A child process that a timer follows, so that Blender never waits for it."""

import time
from typing import Any

import bpy

from ...system.child import Child
from .. import redraw


class FollowedChild:
    """At most one child process, and the timer that polls it. Subclasses read the output.

    Not generic: typing caches subscripted classes beyond the end of bpy 4.2, which then crashes at exit.

    Attributes:
        child: The process, or None once it has ended.
        is_stopped: True if the newest child was asked to end.
    """

    INTERVAL_S = 0.3

    def __init__(self) -> None:
        self.child: Any = None
        self.is_stopped = False
        self._timer = self.poll  # Blender compares timers by identity, and each `self.poll` is a new object

    def follow(self, child: Child) -> None:
        """Start a child and poll it until it ends. In background mode timers never fire: call wait.

        Raises:
            OSError: It cannot be started.
        """
        child.start()
        self.child, self.is_stopped = child, False
        if not bpy.app.background and not bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.register(self._timer, first_interval=self.INTERVAL_S, persistent=True)

    def read(self, child: Any) -> bool:
        """Read the child's new output. Return True if it has ended."""
        raise NotImplementedError

    def finish(self, child: Any) -> None:
        """Act on the end of the child, before its output is removed. Called for a stopped one too."""

    def is_running(self) -> bool:
        """True if there is a child that was not asked to end."""
        return self.child is not None and not self.is_stopped

    def is_stopping(self) -> bool:
        """True if a child that was asked to end has not ended yet. Kills one that takes too long."""
        if self.is_stopped:
            self._update()
        return self.child is not None and self.is_stopped

    def poll(self) -> float | None:
        """Read the child's new output. Return the time until the next poll in seconds, or None without a child."""
        self._update()
        redraw.panels()
        return self.INTERVAL_S if self.child else None

    def wait(self) -> None:
        """Block until the child has ended, for background mode."""
        while self.poll() is not None:
            time.sleep(self.INTERVAL_S / 3)

    def stop(self) -> None:
        """Ask the child to end, and wait a moment for it."""
        if self.child is not None:
            self.child.stop()
            self.is_stopped = True
            self.poll()

    def detach(self) -> None:
        """Stop following the child, which keeps running."""
        self.child, self.is_stopped = None, False
        if bpy.app.timers.is_registered(self._timer):
            bpy.app.timers.unregister(self._timer)

    def _update(self) -> None:
        child = self.child
        if child is None:
            return
        has_ended = not child.is_alive() if self.is_stopped else self.read(child)
        if has_ended:
            self.child = None
            self.finish(child)
            child.remove_output()
