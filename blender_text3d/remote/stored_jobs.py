# SPDX-License-Identifier: GPL-3.0-or-later
"""The job folders of other machines on this one: they arrive aside, and old ones are removed."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from ..client.recovery import is_abandoned
from ..protocol.events import TERMINAL, Queued
from ..protocol.job_folder import JobFolder
from ..system.files import replace_with_retry
from ..system.machine import machine_id
from ..system.process import own_start_token
from .frames import Frame, ProtocolError
from .job_files import KEY, PART_SUFFIX, IncomingFile, is_input_name

FOLDER = "remote-jobs"
MAX_AGE_S = 7 * 24 * 3600.0
"""Age of folders whose owner never came back."""


class StoredJobs:
    """All job folders of other machines."""

    def __init__(self, folder: Path) -> None:
        """Remove old folders, logs and notes.

        Raises:
            OSError: The folder cannot be created.
        """
        self.path = folder
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            with suppress(OSError):
                if time.time() - path.stat(follow_symlinks=False).st_mtime > MAX_AGE_S:
                    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def folder(self, key: str) -> JobFolder:
        """Return the folder of a job, which need not exist.

        Raises:
            ProtocolError: The key is none.
        """
        if not KEY.fullmatch(key):
            raise ProtocolError(f"the key {key[:80]!r}")
        return JobFolder(self.path / key)

    def is_present(self, key: str) -> bool:
        """True if a job is complete, and waits, runs or has ended; a broken one is removed."""
        job = self.folder(key)
        if not job.path.exists():
            return False
        if is_abandoned(job) and not isinstance(job.last_event(), TERMINAL):
            self.remove(key)
            return False
        return True

    def begin_file(self, frame: Frame) -> IncomingFile:
        """Return an input file that arrives.

        Raises:
            ProtocolError: It is no input of a job.
            OSError: It cannot be written.
        """
        if not is_input_name(frame.text("name")):
            raise ProtocolError(f"the file {frame.text('name')[:80]!r}")
        part = self._part(frame.text("key"))
        part.mkdir(exist_ok=True)
        return IncomingFile(frame, part)

    def create(self, key: str) -> None:
        """Complete a job whose files have arrived.

        Raises:
            OSError: It cannot be written.
        """
        part = JobFolder(self._part(key))
        part.append(Queued(machine=machine_id(), started=own_start_token(), is_for_blender=False))
        replace_with_retry(part.path, self.folder(key).path)

    def remove(self, key: str) -> None:
        """Remove a job, with what has arrived of it."""
        shutil.rmtree(self.folder(key).path, ignore_errors=True)
        shutil.rmtree(self._part(key), ignore_errors=True)

    def _part(self, key: str) -> Path:
        return self.path / f".{self.folder(key).job_id}{PART_SUFFIX}"
