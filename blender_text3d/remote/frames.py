# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames: the messages between relay and agent, each a line of JSON that may be followed by bytes.

Both sides treat what they read as untrusted: lines and bytes are limited, and every value is checked.
"""

import json
from typing import Any, BinaryIO, NamedTuple

from ..system.untrusted_files import parse_json

MAX_LINE_BYTES = 2**17
CHUNK_BYTES = 2**17
"""Largest number of bytes after a line."""
PROTOCOL = 1
"""Version of the frames; relay and agent of one connection come from the same package."""


class ProtocolError(Exception):
    """The other side sent something that is not part of the protocol; the message is for the log."""


class Frame(NamedTuple):
    """One message.

    Attributes:
        kind: Its kind.
        values: Its other values, as they were sent.
        payload: The bytes that follow it.
    """

    kind: str
    values: dict[str, Any]
    payload: bytes = b""

    def text(self, name: str) -> str:
        """Return a value that is text, else raise ProtocolError."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise ProtocolError(f"{self.kind} has no text {name}")
        return value

    def count(self, name: str) -> int:
        """Return a value that is an integer from 0, else raise ProtocolError."""
        value = self.values.get(name)
        if type(value) is not int or not 0 <= value < 2**53:
            raise ProtocolError(f"{self.kind} has no number {name}")
        return value

    def texts(self, name: str) -> list[str]:
        """Return a value that is a list of texts, else raise ProtocolError."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise ProtocolError(f"{self.kind} has no list {name}")
        return value


def frame_bytes(kind: str, payload: bytes = b"", **values: Any) -> bytes:
    """Return a frame as it is sent.

    Raises:
        ValueError: It is too long.
    """
    line = json.dumps({"kind": kind, **values, **({"payload": len(payload)} if payload else {})}).encode() + b"\n"
    if len(line) > MAX_LINE_BYTES or len(payload) > CHUNK_BYTES:
        raise ValueError(f"the frame {kind} is too long")
    return line + payload


def read_frame(stream: BinaryIO) -> Frame | None:
    """Read the next frame; None at the end of the stream, also if that cuts a frame.

    Raises:
        ProtocolError: It is no frame.
    """
    line = stream.readline(MAX_LINE_BYTES)
    if not line.endswith(b"\n"):
        if len(line) == MAX_LINE_BYTES:
            raise ProtocolError("a line is too long")
        return None
    try:
        values = parse_json(line.decode())
    except ValueError as error:
        raise ProtocolError(f"a line is not JSON: {line[:80]!r}") from error
    if not isinstance(values, dict) or not isinstance(values.get("kind"), str):
        raise ProtocolError(f"a line has no kind: {line[:80]!r}")
    size = values.pop("payload", 0)
    if type(size) is not int or not 0 <= size <= CHUNK_BYTES:
        raise ProtocolError("a frame has too many bytes")
    payload = stream.read(size)
    return Frame(values.pop("kind"), values, payload) if len(payload) == size else None
