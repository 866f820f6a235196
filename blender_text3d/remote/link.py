# SPDX-License-Identifier: GPL-3.0-or-later
"""Link: the connection to the other machine over its whole life: made, watched, lost and made again."""

import queue
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from .connection import Connection
from .frames import Frame
from .host import RemoteHost
from .trouble import Trouble

FIRST_RETRY_S = 0.5
MAX_GREETING_S = 120.0
PINGS_PER_SILENCE = 3
STABLE_S = 10.0
"""Time after which a connection counts as good, even if no event has arrived."""
MAX_BROKEN_OFF = 3
"""Connections over which something unexpected arrived; another one would not be better."""


class Patience(NamedTuple):
    """Seconds until the relay gives up.

    Attributes:
        first_s: On a machine that was not reached at all.
        lost_s: On one whose connection was lost.
        silent_s: On a connection over which nothing arrives, although that was asked for.
        retry_s: Longest time between two attempts.
        idle_s: Without a job.
    """

    first_s: float = 30.0
    lost_s: float = 600.0
    silent_s: float = 45.0
    retry_s: float = 20.0
    idle_s: float = 900.0


class Link:
    """At most one connection at a time.

    Attributes:
        host: The other machine.
        connection: The connection while frames can be sent, or None.
        clock_offset_s: Seconds by which the clock here is ahead of the one there.
        was_connected: True once there was a connection.
        has_given_up: True if no further attempt should be made.
    """

    def __init__(self, host: RemoteHost, patience: Patience) -> None:
        """Make no connection yet."""
        self.host = host
        self.connection: Connection | None = None
        self.clock_offset_s = 0.0
        self.was_connected = self.has_given_up = False
        self._patience = patience
        self._session = secrets.token_hex(8)
        self._newest: Connection | None = None
        self._lost_at: float | None = None
        self._retry_at, self._retry_s = 0.0, FIRST_RETRY_S
        self._pinged_at = self._connected_at = 0.0
        self._broken_off = 0

    def connect(self) -> None:
        """Make a connection if there is none and an attempt is due."""
        if self._newest is None and time.monotonic() >= self._retry_at:
            self._newest = Connection(self.host, ["--session", self._session])
            self._newest.start()

    def has_connected(self) -> bool:
        """True once for each new connection."""
        newest = self._newest
        if self.connection or newest is None or not newest.is_open or newest.hello is None:
            return False
        there = newest.hello.values.get("time")
        self.clock_offset_s = time.time() - there if isinstance(there, float) else 0.0
        self.connection, self.was_connected = newest, True
        self._connected_at = time.monotonic()
        return True

    def confirm(self) -> None:
        """Forget earlier troubles, because the connection is good."""
        self._lost_at, self._retry_s = None, FIRST_RETRY_S

    def frames(self) -> Iterator[Frame]:
        """Yield the frames that have arrived."""
        with suppress(queue.Empty):
            while self.connection:
                yield self.connection.frames.get_nowait()

    def watch(self) -> None:
        """Ask for a sign of life, and end a connection that gives none."""
        newest, now = self._newest, time.monotonic()
        if newest is None:
            return
        limit_s = self._patience.silent_s if self.connection else MAX_GREETING_S
        if now - newest.heard_at > limit_s:
            newest.close(Trouble(f"{self.host.label} no longer answers.", "Check the network.", is_final=False))
        elif self.connection and now - self._pinged_at > limit_s / PINGS_PER_SILENCE:
            self._pinged_at = now
            self.connection.send("ping")
        if self.connection and now - self._connected_at > STABLE_S:
            self.confirm()

    def take_trouble(self, *, is_wanted: bool) -> Trouble | None:
        """Return why the connection ended, once, after the last frame.

        Args:
            is_wanted: True if there is a job that waits for a connection.
        """
        newest = self._newest
        if newest is None or newest.trouble is None or not newest.frames.empty():
            return None
        self._newest = self.connection = None
        now = time.monotonic()
        self._lost_at = (self._lost_at or now) if is_wanted else None
        limit_s = self._patience.lost_s if self.was_connected else self._patience.first_s
        is_late = self._lost_at is not None and now - self._lost_at >= limit_s
        self._broken_off += newest.is_broken_off
        trouble = newest.trouble._replace(is_final=newest.trouble.is_final or self._broken_off >= MAX_BROKEN_OFF)
        self.has_given_up = trouble.is_final or is_late
        self._retry_at = now + self._retry_s
        self._retry_s = min(2 * self._retry_s, self._patience.retry_s)
        return trouble

    def break_off(self, reason: str) -> None:
        """End the connection because of what the other machine sent; another one is made."""
        if self._newest:
            self._newest.break_off(reason)

    def close(self) -> None:
        """Send what waits and end the connection."""
        if self.connection:
            self.connection.finish()
        elif self._newest:
            self._newest.close()
