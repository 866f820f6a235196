# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a job on their way between two machines: which are allowed, how they are sent, and how they arrive."""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ..protocol.create_job import INPUT_STEMS, MAX_INPUT_BYTES
from ..protocol.job_folder import LATENT_NAME, MAX_REQUEST_BYTES, STEPS_NAME
from ..system.files import replace_with_retry
from ..system.untrusted_files import is_plain_name
from .frames import CHUNK_BYTES, Frame, ProtocolError, frame_bytes

REQUEST_NAME = "request.json"
THUMBNAIL_NAME = "thumbnail.png"
PREVIEW_NAME = "preview.npz"
LOG_NAME = "worker.log"
SEEN_NAME = "seen_image.png"
RESULT_NAMES = frozenset(
    {PREVIEW_NAME, "cloud.npz", "mesh.npz", LATENT_NAME, STEPS_NAME, "step_meshes.npz", "job.rrd", LOG_NAME}
    | {THUMBNAIL_NAME, SEEN_NAME, "view.png", "views.npz"}
)
"""Files that a worker makes in a job folder, besides those of the patterns below."""
RESULT_PATTERN = re.compile(r"view_[0-9]{1,3}\.png|views/[A-Za-z0-9_-]{1,40}\.png", re.ASCII)
MAX_RESULT_BYTES = 2**30
MAX_JOB_BYTES = 2**32
"""Largest number of bytes that is accepted of one job."""
KEY = re.compile(r"[0-9a-f]{32}(-[0-9]{1,3})?", re.ASCII)
"""Name of a job on the other machine, made of its recipe."""
PART_SUFFIX = ".part"


def is_result_name(name: str) -> bool:
    """True if a worker makes a file of this name; only one folder is allowed, that of the images of views."""
    return name in RESULT_NAMES or bool(RESULT_PATTERN.fullmatch(name))


def is_input_name(name: str) -> bool:
    """True if a job folder that waits for a worker may have a file of this name."""
    return is_plain_name(name) and (name == REQUEST_NAME or Path(name).stem in INPUT_STEMS.values())


def max_bytes(name: str) -> int:
    """Return the largest size of an input or a result."""
    if name == REQUEST_NAME:
        return MAX_REQUEST_BYTES
    return MAX_INPUT_BYTES if is_input_name(name) else MAX_RESULT_BYTES


def result_names(folder: Path) -> list[str]:
    """Return the names of all files that a worker made in a job folder, images of views among them."""
    names = [name for name in _names(folder) if is_result_name(name)]
    return names + [name for image in _names(folder / "views") if is_result_name(name := f"views/{image}")]


def content_frames(key: str, name: str, content: bytes) -> Iterator[bytes]:
    """Yield the frames of a file with this content."""
    yield frame_bytes("file", key=key, name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    for start in range(0, len(content), CHUNK_BYTES):
        yield frame_bytes("chunk", content[start : start + CHUNK_BYTES])


def file_frames(key: str, name: str, path: Path) -> Iterator[bytes]:
    """Yield the frames of a file as it is when the first one is taken.

    Raises:
        OSError: It cannot be read, or is a link.
    """
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest = hashlib.sha256()
        for chunk in _chunks(file, size):
            digest.update(chunk)
        yield frame_bytes("file", key=key, name=name, size=size, sha256=digest.hexdigest())
        file.seek(0)
        for chunk in _chunks(file, size):
            yield frame_bytes("chunk", chunk)


def _chunks(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        chunk = file.read(min(size, CHUNK_BYTES))
        if not chunk:
            raise OSError("a file became shorter while it was read")
        size -= len(chunk)
        yield chunk


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


class IncomingFile:
    """A file that arrives: it is written under another name, and renamed once its size and hash are right.

    Attributes:
        key: The job that it belongs to.
        name: Its name in the job folder.
        size: Its size in bytes.
    """

    def __init__(self, frame: Frame, folder: Path) -> None:
        """Open the file under another name.

        Args:
            frame: Its announcement, whose name the caller has checked.
            folder: The job folder.

        Raises:
            ProtocolError: It is too large.
            OSError: The folder cannot be written.
        """
        self.key, self.name, self.size = frame.text("key"), frame.text("name"), frame.count("size")
        if self.size > max_bytes(self.name):
            raise ProtocolError(f"{self.name} has {self.size} bytes")
        self._sha256, self._digest, self._received = frame.text("sha256"), hashlib.sha256(), 0
        self._path = folder / self.name
        self._part = self._path.with_name(self._path.name + PART_SUFFIX)
        if self._path.parent != folder:
            self._path.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            self._part.unlink()
        self._file = self._part.open("xb")

    def add(self, chunk: bytes) -> None:
        """Append bytes.

        Raises:
            ProtocolError: They are too many.
            OSError: They cannot be written.
        """
        self._received += len(chunk)
        if self._received > self.size:
            raise ProtocolError(f"{self.name} is longer than announced")
        self._digest.update(chunk)
        self._file.write(chunk)

    def is_complete(self) -> bool:
        """True once all bytes have arrived."""
        return self._received == self.size

    def keep(self) -> None:
        """Give the complete file its name.

        Raises:
            ProtocolError: Its content is not what was announced.
            OSError: It cannot be written.
        """
        self._file.close()
        if self._digest.hexdigest() != self._sha256:
            self.discard()
            raise ProtocolError(f"{self.name} was damaged on its way")
        replace_with_retry(self._part, self._path)

    def discard(self) -> None:
        """Remove what has arrived."""
        with suppress(OSError):
            self._file.close()
            self._part.unlink()
