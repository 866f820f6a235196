# SPDX-License-Identifier: GPL-3.0-or-later
"""The beginning of a connection: the bootstrap runs there, gets what it lacks of the package, and runs a module."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from . import bootstrap, trouble
from .host import NO_PYTHON, RemoteHost
from .package_files import bootstrap_program, package_files
from .trouble import Trouble

MAX_GREETING_BYTES = 2**18
"""Limit on the output of login scripts before the greeting of the bootstrap."""
MAX_ANSWER_BYTES = 2**20
CHUNK_BYTES = 2**16


class GreetingFailed(Exception):
    """The module does not run.

    Attributes:
        trouble: Why; None if ssh ended, which then tells why.
    """

    def __init__(self, found: Trouble | None) -> None:
        super().__init__(str(found))
        self.trouble = found


def greet(
    host: RemoteHost,
    stdin: BinaryIO,
    stdout: BinaryIO,
    task: tuple[str, list[str]],
    on_sign: Callable[[], None] = lambda: None,
) -> None:
    """Have the other machine run a module of this package.

    Args:
        host: The other machine.
        stdin, stdout: The pipes of ssh.
        task: Name of the module, and its command line.
        on_sign: Called with each sign of life.

    Raises:
        GreetingFailed: It does not run.
        OSError: The package cannot be read here.
    """
    package = package_files()
    with suppress(OSError):  # ssh has ended, as the next line of its output tells
        stdin.write(bootstrap_program())
        stdin.flush()
    _read_greeting(host, stdout)
    on_sign()
    with suppress(OSError):
        stdin.write(package.order(*task))
        stdin.flush()
    answer = stdout.readline(MAX_ANSWER_BYTES)
    needed = _needed(host, answer, package.paths)
    on_sign()
    with suppress(OSError):
        for path in needed:
            _send(path, stdin, on_sign)
        stdin.flush()
    answer = stdout.readline(MAX_ANSWER_BYTES)
    if answer.strip() != b'{"ready": true}':
        raise GreetingFailed(trouble.refused(host, answer) if answer else None)
    on_sign()


def _read_greeting(host: RemoteHost, stdout: BinaryIO) -> None:
    read = 0
    while line := stdout.readline(MAX_GREETING_BYTES):
        read += len(line)
        if line.rstrip() == bootstrap.MARK:
            return
        if line.rstrip() == NO_PYTHON.encode():
            raise GreetingFailed(trouble.no_python(host))
        if read >= MAX_GREETING_BYTES:
            raise GreetingFailed(trouble.refused(host, b""))
    raise GreetingFailed(None)


def _needed(host: RemoteHost, answer: bytes, paths: dict[str, Path]) -> list[Path]:
    try:
        return [paths[sha256] for sha256 in json.loads(answer)["need"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise GreetingFailed(trouble.refused(host, answer) if answer else None) from None


def _send(path: Path, stdin: BinaryIO, on_sign: Callable[[], None]) -> None:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            stdin.write(chunk)
            on_sign()
