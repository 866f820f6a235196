# SPDX-License-Identifier: GPL-3.0-or-later
"""ObjectStore: a folder of finished objects, which several processes and machines may fill at once.

objects/ID/ID.glb, ID.json, ID.webp, or packed in shards/NUMBER.tar. An object is made aside, synced and renamed, so
that its folder is complete as soon as it exists; a second finisher gives way.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ..system.files import replace_with_retry
from .failures import Failures
from .object_facts import ROW_FILE, write_row_values
from .shards import Shards
from .sync import sync, sync_folder
from .work_folders import work_folder

TAKEN_ERRNOS = {errno.ENOTEMPTY, errno.EEXIST, errno.EACCES, errno.EPERM}
"""Errors of renaming a folder to a name that exists, on POSIX and on Windows."""


class ObjectStore:
    """The finished objects in a folder.

    Attributes:
        out: The folder.
        failures: The failures of objects that are not made yet.
        shards: The packed objects.
        work: A folder on the same disk for unfinished work.
    """

    def __init__(self, out: Path) -> None:
        """Create the folder's parts.

        Raises:
            OSError: They cannot be created.
        """
        self.out = out
        self.shards = Shards(out)
        self._objects = out / "objects"
        self.work = out / ".work"
        self.failures = Failures(out / "failed.jsonl", self.work / "failures")
        for folder in (self._objects, self.work):
            folder.mkdir(parents=True, exist_ok=True)

    def folder_of(self, object_id: str) -> Path:
        """Return the folder of an object, made or not."""
        return self._objects / object_id

    def has(self, object_id: str) -> bool:
        """True if an object is complete, in a folder or a shard."""
        return self.shards.is_known(object_id) or self._has_folder(object_id) or object_id in self.shards.ids()

    def folders(self) -> list[Path]:
        """Return the folders of finished objects, without those in shards."""
        return [folder for folder in self._objects.iterdir() if self._has_folder(folder.name)]

    def pack(self, size: int, *, has_rest: bool = False) -> int:
        """Move finished objects to shards of `size`, and the rest to a smaller one if wanted; returns their number.

        Raises:
            OSError: The folder cannot be written.
        """
        return self.shards.pack(self.folders, size, has_rest=has_rest)

    def repair(self) -> list[str]:
        """Repair damaged shards; returns sentences for the user.

        Raises:
            OSError: The folder cannot be written.
            BadRequest: An index is of a newer version.
        """
        with self.work_folder() as work:
            return self.shards.repair(partial(self._publish_files, work))

    def _publish_files(self, work: Path, object_id: str, files: dict[str, bytes], row: dict[str, Any]) -> bool:
        attempt = work / object_id
        attempt.mkdir()
        for name, content in files.items():
            (attempt / name).write_bytes(content)
        write_row_values(attempt, row)
        return self.publish(attempt, object_id)

    def _has_folder(self, object_id: str) -> bool:
        return (self.folder_of(object_id) / f"{object_id}.json").is_file()

    def publish(self, attempt: Path, object_id: str) -> bool:
        """Rename a complete folder of files to its place; False if another process was first, and this one is removed.

        Raises:
            OSError: The folder cannot be written.
        """
        sync_folder(attempt, without=ROW_FILE)
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

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """Return a folder on the same disk for unfinished work, which is removed; so are those of dead processes.

        Raises:
            OSError: It cannot be created.
        """
        with work_folder(self.work) as folder:
            yield folder


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
