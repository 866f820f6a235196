# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection: one run of ssh, whose frames arrive in a queue. It ends once, and is not used again."""

import queue
import subprocess
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO

from ..protocol.version import ENGINE_VERSION
from . import trouble
from .frames import PROTOCOL, Frame, ProtocolError, frame_bytes, read_frame
from .greeting import GreetingFailed, greet
from .host import RemoteHost
from .ssh_process import pipe, start_ssh
from .trouble import Trouble

MAX_ERRORS_BYTES = 2**16
MAX_UNREAD_FRAMES = 64
"""Frames that may wait here; the other machine waits with the rest."""
AGENT = "remote.agent_main"
EXIT_WITHIN_S = 5.0


class Connection:
    """A run of ssh with the agent at its other end.

    Attributes:
        host: The other machine.
        frames: What has arrived, at most MAX_UNREAD_FRAMES.
        hello: The agent's first frame, once there is a connection.
        trouble: Why the connection ended, or None.
        heard_at: Time of the last sign of life, by time.monotonic.
        is_broken_off: True if it was ended because of what the other machine sent.
    """

    def __init__(self, host: RemoteHost, arguments: list[str]) -> None:
        """Prepare a connection, and start nothing.

        Args:
            host: The other machine.
            arguments: Command line of the agent.
        """
        self.host = host
        self.frames: queue.Queue[Frame] = queue.Queue(MAX_UNREAD_FRAMES)
        self.hello: Frame | None = None
        self.trouble: Trouble | None = None
        self.is_broken_off = False
        self.heard_at = time.monotonic()
        self._arguments = arguments
        self._outgoing: queue.SimpleQueue[Iterable[bytes] | None] = queue.SimpleQueue()
        self._errors = b""
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start ssh; what comes of it is in `hello` or `trouble` later."""
        try:
            self._process = start_ssh(self.host.ssh_command())
        except OSError as error:
            self.trouble = trouble.not_started(error)
            return
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read_errors, self._read)]
        for thread in self._threads:
            thread.start()

    @property
    def is_open(self) -> bool:
        """True if frames can be sent."""
        return self.hello is not None and self.trouble is None

    def send(self, kind: str, **values: Any) -> None:
        """Send a frame soon, after those before it."""
        self._outgoing.put((frame_bytes(kind, **values),))

    def send_all(self, frames: Iterable[bytes]) -> None:
        """Send frames soon, which are made when it is their turn."""
        self._outgoing.put(frames)

    def close(self, reason: Trouble | None = None) -> None:
        """End ssh; the agent notices, and ends with it."""
        self.trouble = self.trouble or reason or Trouble("The connection was closed.", "")
        self._outgoing.put(None)
        if self._process and self._process.poll() is None:
            self._process.kill()

    def break_off(self, reason: str) -> None:
        """End ssh because of what the other machine sent."""
        self.is_broken_off = True
        message = f"{self.host.label} sent something unexpected ({reason})."
        self.close(Trouble(message, "Generate again, or choose another machine.", is_final=False))

    def finish(self) -> None:
        """Send what waits, then end ssh; waits a few seconds at most."""
        self._outgoing.put(None)
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(EXIT_WITHIN_S)
        self.close()

    def _heard(self) -> None:
        self.heard_at = time.monotonic()

    def _read(self) -> None:
        """Greet the other machine, then read frames to the end."""
        assert self._process is not None
        stdin, stdout = pipe(self._process.stdin), pipe(self._process.stdout)
        try:
            greet(self.host, stdin, stdout, (AGENT, self._arguments), self._heard)
            self._read_hello(stdout)
            threading.Thread(target=self._write, args=(stdin,), daemon=True).start()
            self._read_frames(stdout)
            found = self._end()
        except GreetingFailed as error:
            found = error.trouble or self._end()
        except ProtocolError as error:
            self.break_off(str(error))
            return
        except (OSError, ValueError, MemoryError) as error:
            found = Trouble(f"The connection to {self.host.label} ended ({error}).", "", is_final=False)
        self.close(found)

    def _read_hello(self, stdout: BinaryIO) -> None:
        hello = read_frame(stdout)
        if hello is None:
            raise GreetingFailed(None)
        if (hello.kind, hello.text("version"), hello.count("protocol")) != ("hello", ENGINE_VERSION, PROTOCOL):
            raise GreetingFailed(trouble.other_version(self.host, hello.text("version"), ENGINE_VERSION))
        self._heard()
        self.hello = hello

    def _read_frames(self, stdout: BinaryIO) -> None:
        while self.trouble is None and (frame := read_frame(stdout)):
            self._heard()
            while self.trouble is None:
                with suppress(queue.Full):
                    self.frames.put(frame, timeout=1.0)
                    break
                self._heard()  # it is this side that waits

    def _write(self, stdin: BinaryIO) -> None:
        try:
            while self.trouble is None and (frames := self._outgoing.get()) is not None:
                for frame in frames:
                    stdin.write(frame)
                stdin.flush()
            stdin.close()
        except Exception as error:  # ssh has ended, which the reader notices; or a file cannot be read
            if self._process and self._process.poll() is None and not isinstance(error, BrokenPipeError):
                self.close(Trouble(f"An input of a job cannot be sent ({error}).", "Generate again.", is_final=False))

    def _read_errors(self) -> None:
        assert self._process is not None
        stderr = pipe(self._process.stderr)
        while chunk := stderr.read1(2**12):
            self._errors = (self._errors + chunk)[-MAX_ERRORS_BYTES:]

    def _end(self) -> Trouble:
        """Return the trouble of an ssh whose output has ended."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(EXIT_WITHIN_S)
        self._threads[0].join(EXIT_WITHIN_S)
        return trouble.lost(self.host, self._process.returncode, self._errors.decode("utf-8", "replace"))
