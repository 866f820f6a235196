# SPDX-License-Identifier: GPL-3.0-or-later
"""An unfinished download on the disk: its bytes, where they came from, and whether the rest has room."""

import errno
import os
import shutil
from io import FileIO
from pathlib import Path

from ....system.files import replace_with_retry
from ..catalogue import CheckpointFile
from ..errors import DownloadFailed
from ..formats.safetensors_header import MAX_HEADER_BYTES
from ..store.verified_stamp import read_json, write_json

SPARE_BYTES = 64_000_000
DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class PartialFile:
    """The file `NAME.part`, with its origin in `NAME.part.json`. Both outlive the process.

    Attributes:
        path: the partial file.
        origin_path: the file with its origin.
        was_resumed: True if its bytes come from more than one response, so they may be of two versions.
    """

    def __init__(self, final: Path):
        """Read the origin of an earlier download, without writing anything.

        Args:
            final: Path that the complete file will have.
        """
        self.path = final.with_name(final.name + ".part")
        self.origin_path = final.with_name(final.name + ".part.json")
        self._origin = read_json(self.origin_path)
        self.was_resumed = False

    def size(self) -> int:
        """The bytes on the disk."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def total(self) -> int:
        """Size of the complete file as its source reported it; 0 if unknown."""
        total = self._origin.get("total")
        return total if isinstance(total, int) else 0

    def validator_for(self, url: str) -> str:
        """Return the ETag or date of the version that the bytes are of, or "" if they are from another URL."""
        return str(self._origin.get("validator", "")) if self._origin.get("url") == url else ""

    def discard_unless_resumable(self, url: str, has_hash: bool) -> None:
        """Delete the bytes unless a source can continue them.

        Args:
            url: The source.
            has_hash: True if the hash of the file is published; then every source has the same bytes.
        """
        if self.size() and not (self._origin.get("url") == url or (has_hash and self._origin)):
            self.discard()

    def start(self, url: str, validator: str, total: int) -> None:
        """Start from the first byte of this source.

        Raises:
            DownloadFailed: The folder cannot be written.
        """
        try:
            self.discard()
            self._origin = {"url": url, "validator": validator, "total": total}
            write_json(self.origin_path, self._origin)
        except OSError as error:
            raise write_error(self.path, error) from error

    def open(self) -> FileIO:
        """Open the file for appending, without a buffer, so that counted bytes are on the disk after a crash.

        Raises:
            DownloadFailed: It cannot be written.
        """
        try:
            return self.path.open("ab", buffering=0)
        except OSError as error:
            raise write_error(self.path, error) from error

    def append(self, file: FileIO, block: bytes) -> None:
        """Append a block to the open file.

        Raises:
            DownloadFailed: The disk is full or the folder cannot be written.
        """
        rest = memoryview(block)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise write_error(self.path, error) from error

    def discard(self) -> None:
        """Delete the bytes and their origin."""
        self.was_resumed = False
        self.path.unlink(missing_ok=True)
        self._forget_origin()

    def commit(self, final: Path) -> None:
        """Rename the complete file to its final path atomically, after its bytes have reached the disk."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        replace_with_retry(self.path, final)
        self._forget_origin()

    def _forget_origin(self) -> None:
        self._origin = {}
        self.origin_path.unlink(missing_ok=True)


def max_bytes(variant: CheckpointFile) -> int:
    """Return the largest size that is accepted for a file, whatever its source reports."""
    return variant.size or 2 * variant.expected_bytes + MAX_HEADER_BYTES


def require_free_space(folder: Path, missing_bytes: int) -> None:
    """Check that a folder's disk has room for a download.

    Raises:
        DownloadFailed: It has not.
    """
    free = shutil.disk_usage(folder).free
    if free < missing_bytes + SPARE_BYTES:
        raise DownloadFailed(
            f"The download needs {missing_bytes / 1e9:.1f} GB, and {folder} has {free / 1e9:.1f} GB free. Free some "
            "space, or choose another folder with BLENDER_TEXT3D_WEIGHTS."
        )


def write_error(path: Path, error: OSError) -> DownloadFailed:
    """Return the error for a file that cannot be written."""
    if error.errno in DISK_FULL_ERRNOS:
        reason = "The disk is full"
    else:
        reason = f"The folder cannot be written ({error.strerror or error})"
    return DownloadFailed(f"{reason}: {path}. The partial download is kept; free some space or choose another folder.")
