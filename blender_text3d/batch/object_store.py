# SPDX-License-Identifier: GPL-3.0-or-later
"""ObjectStore: a folder of finished objects, which several processes and machines may fill at once.

objects/ID/ID.glb, ID.json, ID.webp, or packed in shards/NUMBER.tar. An object is made aside, synced and renamed, so
that its folder is complete as soon as it exists; a second finisher gives way.
"""

import errno
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..system.file_lock import FileLock
from ..system.files import replace_with_retry
from .shards import Shards
from .sync import sync, sync_folder

TAKEN_ERRNOS = {errno.ENOTEMPTY, errno.EEXIST, errno.EACCES, errno.EPERM}
"""Errors of renaming a folder to a name that exists, on POSIX and on Windows."""
LOCK_NAME = "in-use"
MAX_FAILURES_BYTES = 2**28


class ObjectStore:
    """The finished objects in a folder.

    Attributes:
        out: The folder.
        failures: A file with a JSON line for each failure.
        shards: The packed objects.
    """

    def __init__(self, out: Path) -> None:
        """Create the folder's parts.

        Raises:
            OSError: They cannot be created.
        """
        self.out = out
        self.failures = out / "failed.jsonl"
        self.shards = Shards(out)
        self._objects = out / "objects"
        self._work = out / ".work"
        for folder in (self._objects, self._work):
            folder.mkdir(parents=True, exist_ok=True)

    def folder_of(self, object_id: str) -> Path:
        """Return the folder of an object, made or not."""
        return self._objects / object_id

    def has(self, object_id: str) -> bool:
        """True if an object is complete, in a folder or a shard."""
        return self._has_folder(object_id) or object_id in self.shards.ids()

    def folders(self) -> list[Path]:
        """Return the folders of finished objects, without those in shards."""
        return [folder for folder in self._objects.iterdir() if self._has_folder(folder.name)]

    def pack(self, size: int, *, has_rest: bool = False) -> int:
        """Move finished objects to shards of `size`, and the rest to a smaller one if wanted; returns their number.

        Raises:
            OSError: The folder cannot be written.
        """
        return self.shards.pack(self.folders, size, has_rest=has_rest)

    def mend(self) -> list[str]:
        """Mend damaged shards; returns sentences for the user.

        Raises:
            OSError: The folder cannot be written.
            BadRequest: An index is of a newer version.
        """
        with self.work_folder() as work:
            return self.shards.mend(lambda object_id, files: self._publish_files(work, object_id, files))

    def _publish_files(self, work: Path, object_id: str, files: dict[str, bytes]) -> bool:
        attempt = work / object_id
        attempt.mkdir()
        for name, content in files.items():
            (attempt / name).write_bytes(content)
        return self.publish(attempt, object_id)

    def _has_folder(self, object_id: str) -> bool:
        return (self.folder_of(object_id) / f"{object_id}.json").is_file()

    def publish(self, attempt: Path, object_id: str) -> bool:
        """Rename a complete folder of files to its place; False if another process was first, and this one is removed.

        Raises:
            OSError: The folder cannot be written.
        """
        sync_folder(attempt)
        target = self.folder_of(object_id)
        if object_id in self.shards.ids():
            shutil.rmtree(attempt, ignore_errors=True)
            return False
        try:
            rename_folder(attempt, target)
        except FileExistsError:
            if self._has_folder(object_id):
                shutil.rmtree(attempt, ignore_errors=True)
                return False
            replace_with_retry(target, attempt.with_name(f"{attempt.name}.damaged"))
            rename_folder(attempt, target)
        sync(self._objects)
        return True

    def record_failure(self, values: dict[str, Any]) -> None:
        """Append a failure as one line.

        Raises:
            OSError: It cannot be written.
        """
        with self.failures.open("ab", buffering=0) as file:
            file.write(json.dumps({**values, "time": time.time()}, ensure_ascii=False).encode() + b"\n")

    def failure_counts(self) -> dict[str, int]:
        """Return how often each object failed so far; lines that cannot be read are left out."""
        counts: dict[str, int] = {}
        with suppress(OSError), self.failures.open("rb") as file:
            for line in file.read(MAX_FAILURES_BYTES).splitlines():
                with suppress(ValueError, KeyError, TypeError):
                    name = str(json.loads(line)["id"])
                    counts[name] = counts.get(name, 0) + 1
        return counts

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """Return a folder on the same disk for unfinished work, which is removed; so are those of dead processes.

        Raises:
            OSError: It cannot be created.
        """
        self._remove_abandoned()
        folder = self._work / f"{os.getpid()}-{secrets.token_hex(4)}"
        folder.mkdir()
        try:
            with FileLock(folder / LOCK_NAME) as lock:
                lock.try_acquire()
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _remove_abandoned(self) -> None:
        for folder in self._work.iterdir():
            with suppress(OSError):
                if not (folder / LOCK_NAME).is_file():
                    continue  # another process has just created it
                with FileLock(folder / LOCK_NAME) as lock:
                    is_abandoned = lock.try_acquire()
                if is_abandoned:
                    shutil.rmtree(folder, ignore_errors=True)


def rename_folder(source: Path, target: Path) -> None:
    """Rename a folder to a name that must not exist.

    Raises:
        FileExistsError: The name exists.
        OSError: It cannot be renamed.
    """
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno in TAKEN_ERRNOS and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "it exists", str(target)) from error
        raise
