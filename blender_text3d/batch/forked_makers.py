# SPDX-License-Identifier: GPL-3.0-or-later
"""Makers that are forked from one process, which imports PyTorch once for all of them; see `maker_template`."""

import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from ..client.worker_process import PACKAGE, process_group_options, worker_environment, worker_options
from ..protocol.request import Request
from .core_groups import THREAD_VARIABLES

MAX_MESSAGE_BYTES = 2**16


class MakerInput:
    """The end of a maker's input to write to."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, content: bytes) -> None:
        """Write all of it.

        Raises:
            OSError: The maker has ended.
        """
        self._connection.sendall(content)

    def close(self) -> None:
        """End the input."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)


class ForkedMaker:
    """A maker that was forked for this process by another one, with the part of `subprocess.Popen` that is used of one.

    Attributes:
        stdin: Its input.
        has_begun: True once it runs.
        returncode: None: only the process that forked it could learn it.
    """

    returncode = None

    def __init__(self, connection: socket.socket) -> None:
        self.stdin = MakerInput(connection)
        self.has_begun = False
        self._connection = connection
        self._process = -1  # its descriptor, which no other process can get, unlike its ID

    @property
    def stdout(self) -> Iterator[bytes]:
        """Lines that it writes, until it has ended."""
        descriptors = socket.recv_fds(self._connection, 1, 1)[1]
        if descriptors:
            self._process, self.has_begun = descriptors[0], True
            yield from self._connection.makefile("rb")

    def kill(self) -> None:
        """Kill it; one that has not begun yet ends without input."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        if self._process >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended, if it has begun.

        Raises:
            TimeoutExpired: It has not ended after so many seconds.
        """
        if self._process < 0:
            return
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        if not poll.poll(None if timeout is None else 1000 * timeout):
            raise subprocess.TimeoutExpired("maker", timeout or 0.0)
        descriptor, self._process = self._process, -1
        os.close(descriptor)


class MakerTemplate:
    """The process that makers are forked from. It starts at once and loads the model of a request.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, python: Path, request: Request) -> None:
        self._control, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._process = subprocess.Popen(
                [str(python), *worker_options("batch.maker_template")],
                stdin=other.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=PACKAGE.parent,
                env=worker_environment() | dict.fromkeys(THREAD_VARIABLES, "1"),
                **process_group_options(),
            )
        with suppress(ConnectionError):  # it has ended
            self._control.send(json.dumps(request.to_values()).encode())

    def fork(self, variables: Mapping[str, str]) -> ForkedMaker:
        """Ask for a maker with these environment variables; it begins once the model is loaded.

        Raises:
            OSError: The process has ended.
        """
        connection, other = socket.socketpair()
        message = {"folder": os.getcwd(), "variables": dict(variables)}
        with other:
            socket.send_fds(self._control, [json.dumps(message).encode()], [other.fileno()])
        return ForkedMaker(connection)

    def close(self) -> None:
        """End it. Makers do not need it any more."""
        self._control.close()
        self._process.kill()
        self._process.wait()
