# SPDX-License-Identifier: GPL-3.0-or-later
"""Relay: the process that runs in the place of a worker, and has another machine do the work.

It reads the commands of a worker and claims jobs as one does; events and files come from the other machine. A broken
connection is made again, and the jobs go on there in the meantime.
"""

import json
import time
from contextlib import suppress

from ..protocol.failures import IDLE, RESTART_WORKER
from .arrivals import Arrivals
from .connection import Connection
from .frames import ProtocolError
from .host import RemoteHost
from .link import Link, Patience
from .relayed_job import ASKED, THERE, WITHOUT
from .relayed_jobs import RelayedJobs
from .trouble import Trouble

LOST_FIX = "Generate again when {} can be reached: what was made there in the meantime is kept and fetched."


class Relay:
    """All jobs on their way, and the connection.

    Attributes:
        exit_code: The exit code once the relay is done, as that of a worker; None before.
    """

    def __init__(self, host: RemoteHost, patience: Patience) -> None:
        """Make no connection yet; the first job or an early start does."""
        self.exit_code: int | None = None
        self._host, self._idle_s = host, patience.idle_s
        self._link = Link(host, patience)
        self._jobs = RelayedJobs()
        self._arrivals = Arrivals(self._jobs, self._link)
        self._at_once: int | None = None
        self._is_offered = False
        self._preload: dict[str, str] | None = None
        self._is_closing = False
        self._used_at = time.monotonic()

    def command(self, line: str) -> None:
        """Act on a command of the client, or on the end of its input, which is ""."""
        if not line:
            self._is_closing = True
            self._jobs.drop_unclaimed()
            return
        with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
            values = json.loads(line)
            if "do" in values:
                self._take(values["do"], values.get("at_once"))
            elif "preload" in values:
                self._preload = {"model": str(values["preload"]), "device": str(values["device"])}
            self._used_at = time.monotonic()

    def _take(self, paths: list[str], at_once: int | None) -> None:
        first = self._jobs.take(paths)
        if first:
            self._at_once, self._is_offered = at_once, False
            first.begin(self._host.label, is_connected=self._link.connection is not None)

    def tick(self) -> None:
        """Do what is due.

        Raises:
            OSError: A job folder cannot be written.
        """
        self._follow_link()
        self._end_cancelled()
        if self._link.connection:
            self._send_due(self._link.connection)
        if self._jobs.claimed:
            self._used_at = time.monotonic()
        elif self._is_closing and not (self._link.connection and not self._jobs.is_empty):
            self.exit_code = 0
        elif time.monotonic() - self._used_at > self._idle_s:
            self.exit_code = IDLE

    def close(self) -> None:
        """Send what waits and end the connection."""
        if self._link.connection:
            self._send_forgotten(self._link.connection)
        self._link.close()

    def _follow_link(self) -> None:
        """Receive what has arrived, and make a connection if one is needed."""
        if self._jobs.claimed or self._preload:
            self._link.connect()
        had_connection = self._link.was_connected
        if self._link.has_connected():
            self._is_offered = False
            for job in self._jobs.claimed if had_connection else ():
                job.report_found()
        self._receive()
        self._link.watch()
        if trouble := self._link.take_trouble(is_wanted=bool(self._jobs.claimed)):
            self._lose(trouble)

    def _receive(self) -> None:
        connection = self._link.connection
        if connection is None:
            return
        try:
            for frame in self._link.frames():
                self._arrivals.act(frame, connection)
        except ProtocolError as error:
            self._link.break_off(str(error))

    def _lose(self, trouble: Trouble) -> None:
        """Have the jobs wait for another connection, or fail if there will be none."""
        self._arrivals.drop_partial()
        self._preload = None
        self._jobs.lose_connection()
        for job in self._jobs.claimed:
            if self._link.has_given_up:
                fix = LOST_FIX.format(self._host.label) if self._link.was_connected else trouble.fix
                job.fail(trouble.message, trouble.fix if trouble.is_final else fix)
            elif self._link.was_connected:
                job.report_lost(self._host.label)
        if self._link.has_given_up:
            self.exit_code = RESTART_WORKER

    def _end_cancelled(self) -> None:
        for job in self._jobs.claimed:
            if job.has_cancelled or not job.folder.is_cancel_requested():
                continue
            if self._link.connection and job.step == THERE and self._is_offered:
                self._link.connection.send("cancel", key=job.key)
                job.has_cancelled = True
            else:
                job.cancel_here()
                self._jobs.forget(job)

    def _send_due(self, connection: Connection) -> None:
        self._send_forgotten(connection)
        if self._preload:
            connection.send("preload", **self._preload)
            self._preload = None
        wanted = self._jobs.wanted
        for job in wanted:
            if job.step == WITHOUT:
                job.step = ASKED
                connection.send("open", key=job.key)
        if wanted and not self._is_offered and all(job.step == THERE for job in wanted):
            self._is_offered = True
            jobs = [{"key": job.key, "seen": job.seen} for job in wanted]
            connection.send("do", jobs=jobs, at_once=self._at_once)
        for job in self._jobs.claimed:
            if job.step == THERE and job.folder.is_watched() != job.was_watched:
                job.was_watched = not job.was_watched
                connection.send("watch", key=job.key, watched=job.was_watched)

    def _send_forgotten(self, connection: Connection) -> None:
        for key in self._jobs.forgotten:
            connection.send("forget", key=key)
        self._jobs.forgotten.clear()
