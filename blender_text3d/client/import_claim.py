# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Blender brings a finished object in: the first that says so, so that the object stands in one scene alone."""

from contextlib import suppress
from pathlib import Path

from ..protocol.claim import Claim, read_claim, write_claim
from ..protocol.job_folder import JobFolder
from ..system.alive import is_alive
from .recovery import is_old


def claim_import(job: JobFolder) -> bool:
    """Take a job's import for this process; False where another one has it, or has brought the object in.

    A claim of a process that died before it was done is not taken away, which two could do at once: the next one is
    written beside it.

    Raises:
        OSError: The folder cannot be written.
    """
    number = 0
    while not (is_written := write_claim(place(job, number))):
        claim = read_claim(place(job, number))
        if claim and claim.is_ours():
            break
        if claim and not is_given_up(claim, place(job, number)):
            return False
        number += claim is not None
    if is_written and job.is_imported():  # its owner was done, and left, while we looked
        release_import(job)
    return not job.is_imported()


def release_import(job: JobFolder) -> None:
    """Let others bring the object in, since this process could not."""
    number = 0
    while claim := read_claim(place(job, number)):
        if claim.is_ours():
            with suppress(OSError):
                place(job, number).unlink()
        number += 1


def place(job: JobFolder, number: int) -> Path:
    """Where the claims to bring a job in lie, the first one's number being 0."""
    return job.path / f"importing-{number}.json"


def is_given_up(claim: Claim, path: Path) -> bool:
    """Whether the process that took an import is gone; one of another machine may always live."""
    if claim.pid == 0:  # half-written: by a process that is just writing it, or by one that died then
        return is_old(path)
    return claim.is_here() and not is_alive(claim.pid, claim.started)
