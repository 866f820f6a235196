# SPDX-License-Identifier: GPL-3.0-or-later
"""FileWriter: completes jobs whose objects are made, in a thread of its own while the next job samples."""

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...protocol.failures import FATAL_REASONS
from .batch_job import BatchJob

if TYPE_CHECKING:
    from ...engine.generate import Result

MAX_WAITING = 16
"""Results that may wait in memory; with more, the jobs wait for the files."""
MAX_DELAY_S = 1.0
"""Time that a job's files wait for other objects of its batch."""
SWITCH_INTERVAL_S = 0.0005
"""Time after which Python lets another thread run. By default it is ten times as long, and the networks, which give way
at each of their thousands of small steps, would wait for the writer so many times."""


class FileWriter:
    """Writer of the files of finished objects, one job after the other.

    Attributes:
        must_restart: True if a job failed in a way that may leave the process unusable.
        journal_error: The reason why a job's last event could not be written, so that the client has to report it.
    """

    def __init__(self, on_failure: Callable[[], None] | None = None) -> None:
        """Create a writer that works at once, or in a thread of its own if it is told how to report a failure.

        Args:
            on_failure: Called in the thread once `must_restart` or `journal_error` is set.
        """
        self.must_restart = False
        self.journal_error: Exception | None = None
        self._on_failure = on_failure
        self._waiting: queue.Queue[tuple[BatchJob, Result]] = queue.Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._may_write = threading.Event()
        self._may_write.set()

    @contextmanager
    def objects_first(self) -> Iterator[None]:
        """Let the thread wait while objects of a batch are made within the context, so that those appear sooner."""
        self._may_write.clear()
        try:
            yield
        finally:
            self._may_write.set()

    def complete(self, job: BatchJob, result: "Result") -> None:
        """Write a made job's files and end the job, now or soon."""
        if self._on_failure is None or not self._has_thread():
            self._complete(job, result)
        else:
            if self._waiting.full():
                self._may_write.set()
            self._waiting.put((job, result))

    def drain(self) -> None:
        """Wait until every job that was given here has ended."""
        if self._thread is not None:
            self._waiting.join()

    def raise_error(self) -> None:
        """Raise the error that kept a job's last event from being written, once."""
        error, self.journal_error = self.journal_error, None
        if error:
            raise error

    def _has_thread(self) -> bool:
        if self._thread is None:
            thread = threading.Thread(target=self._work, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # no memory for a thread
                return False
            self._thread = thread
            sys.setswitchinterval(SWITCH_INTERVAL_S)
        return True

    def _work(self) -> None:
        while True:
            job, result = self._waiting.get()
            self._may_write.wait(MAX_DELAY_S)
            try:
                self._complete(job, result)
            finally:
                del job, result  # their memory is free while the thread waits
                self._waiting.task_done()

    def _complete(self, job: BatchJob, result: "Result") -> None:
        job.write_files(result)
        self.must_restart |= job.reason in FATAL_REASONS
        self.journal_error = self.journal_error or job.journal_error
        if self._on_failure and (self.must_restart or self.journal_error):
            self._on_failure()
