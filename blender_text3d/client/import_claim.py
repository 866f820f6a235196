# SPDX-License-Identifier: GPL-3.0-or-later
"""The import claim: of all Blenders, one imports a finished job, so that its object is in one scene alone."""

from contextlib import suppress
from pathlib import Path

from ..protocol.claim import Claim, read_claim, write_claim
from ..protocol.job_folder import JobFolder
from ..system.process import is_alive
from .recovery import is_old


def claim_import(job: JobFolder) -> bool:
    """Claim the import of a finished job for this process.

    The claim of a process that died is not removed, which two processes could do at once: the next claim gets the next
    number. In a folder that cannot be written no process can claim, and each may import.

    Returns:
        False if another process has the claim, or the job was imported.
    """
    try:
        return _write_claim(job)
    except OSError:
        return True


def release_import(job: JobFolder) -> None:
    """Let other processes import the job, since this one failed."""
    number = 0
    while claim := read_claim(claim_path(job, number)):
        if claim.is_own_process():
            with suppress(OSError):
                claim_path(job, number).unlink()
        number += 1


def mark_imported(job: JobFolder) -> None:
    """Never offer the job again. In a folder that cannot be written it will be offered again."""
    with suppress(OSError):
        job.mark_imported()


def claim_path(job: JobFolder, number: int) -> Path:
    """Return the file of a claim; the first one has the number 0."""
    return job.path / f"importing-{number}.json"


def _write_claim(job: JobFolder) -> bool:
    number = 0
    while not (is_written := write_claim(claim_path(job, number))):
        claim = read_claim(claim_path(job, number))
        if claim and claim.is_own_process():
            break
        if claim and not _is_abandoned(claim, claim_path(job, number)):
            return False
        number += claim is not None
    if is_written and job.is_imported():  # the claim before this one was done in the meantime
        release_import(job)
    return not job.is_imported()


def _is_abandoned(claim: Claim, path: Path) -> bool:
    """True if the claiming process is gone; one of another machine may be alive."""
    if claim.pid == 0:  # incomplete: its process is writing it, or died while writing
        return is_old(path)
    return claim.is_on_this_machine() and not is_alive(claim.pid, claim.started)
