# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk of the jobs is or becomes full or read-only: the job ends with a message and without incomplete files.

Without permission to mount a small disk, there is only a limit of the file size (RLIMIT_FSIZE). If files cannot be made
immutable, their write permissions are removed.
"""

import resource
import shutil
import subprocess
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request

from ..child.tmpfs import can_mount, fill, tmpfs
from ..fault import Fault, Round, require
from ..follow_jobs import ended
from ..harness import digest, make_request
from ..random_moments import STAGES, STARTUP
from .out_of_memory import FREE_MEMORY
from .worker_killed import check_next_job, kill_in_stage

DISK_MB = 24
MAX_FREE_BYTES = 600_000  # about what a job writes


def random_request(round_: Round) -> tuple[Request, str]:
    """Return a request for a random model, and one of its stages."""
    model = round_.rng.choice(tuple(STAGES))
    stages = [stage for stage in STAGES[model] if stage not in (STARTUP, "load")]
    return make_request(model, round_.rng.randrange(4)), round_.rng.choice(stages)


def on_small_disk(round_: Round) -> tuple[Session, Path]:
    """Return a session on a small disk, which is emptied for each round."""

    def make() -> Session:
        disk = round_.harness.stack.enter_context(tmpfs(round_.harness.folder / "disk", DISK_MB))
        return Session(disk / "jobs", round_.harness.python)

    session = round_.harness.other("disk", make)
    for left in session.jobs_dir.glob("*-*-*"):
        shutil.rmtree(left)
    return session, session.jobs_dir.parent


def full_from_the_start(round_: Round) -> None:
    """A disk with random free space, from none to almost enough, so that a random write fails."""
    session, disk = on_small_disk(round_)
    request, _ = random_request(round_)
    expected = round_.harness.expected(request)
    filler = fill(disk, round_.rng.randrange(MAX_FREE_BYTES))
    try:
        (job,) = session.submit([request])
    except InvalidJob as error:
        require("Free some space" in str(error), f"refused with {error}")
    else:
        check_end(job, ended(session, [job])[job], "disk_full", expected)
    filler.unlink()
    check_next_job(session, request, expected)


def fills_up(round_: Round) -> None:
    """The disk becomes full at a random moment."""
    session, disk = on_small_disk(round_)
    request, stage = random_request(round_)
    expected = round_.harness.expected(request)
    filler = disk / "filler"
    job, last = kill_in_stage(
        session, request, stage, round_, lambda pid: fill(disk, 0), lambda pid: filler.unlink(True)
    )
    filler.unlink(missing_ok=True)
    check_end(job, last, "disk_full", expected)
    check_next_job(session, request, expected)


def files_stay_small(round_: Round) -> None:
    """The size of the worker's files is limited at a random moment."""
    session = round_.harness.session
    request, stage = random_request(round_)
    expected, most = round_.harness.expected(request), round_.rng.randrange(3_000)
    limits = (most, resource.RLIM_INFINITY)

    def limit(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    job, last = kill_in_stage(
        session, request, stage, round_, limit, lambda pid: resource.prlimit(pid, resource.RLIMIT_FSIZE, FREE_MEMORY)
    )
    check_end(job, last, "disk_full", expected)
    check_next_job(session, request, expected)


def check_end(job: JobFolder, last, reason: str, expected: str) -> None:
    """Check that the job finished with the right object or failed for this reason, and that its files are complete.

    Raises:
        InvariantViolated: Neither is the case, or a file is incomplete.
    """
    if last.kind == "finished":
        require(digest(job) == expected, "the object differs")
    else:
        require(last.reason == reason and last.fix, f"the job ended as {last}")
    for path in (job.mesh, job.cloud, job.preview):
        if path.exists():
            load_geometry(path)


def becomes_read_only(round_: Round) -> None:
    """The job folder becomes read-only at a random moment."""
    session = round_.harness.session
    request, stage = random_request(round_)
    expected = round_.harness.expected(request)
    locked: list[Path] = []

    def make_read_only(pid: int) -> None:
        locked.append(session.jobs[0].path)
        make_immutable(locked[-1], True)

    try:
        job, last = kill_in_stage(session, request, stage, round_, make_read_only)
    finally:
        for folder in locked:
            make_immutable(folder, False)
    check_end(job, last, "read_only", expected)
    check_next_job(session, request, expected)


def make_immutable(folder: Path, is_immutable: bool) -> None:
    """Make a folder and its files immutable, even for root, or writable again."""
    if (
        shutil.which("chattr")
        and subprocess.run(
            ["chattr", "-R", "+i" if is_immutable else "-i", str(folder)], capture_output=True
        ).returncode
        == 0
    ):
        return
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if is_immutable else 0o755)


def jobs_folder_read_only(round_: Round) -> None:
    """The jobs folder is read-only: submitting is refused with a message, and works afterwards."""
    session, (request, _) = round_.harness.session, random_request(round_)
    expected = round_.harness.expected(request)
    make_immutable(session.jobs_dir, True)
    try:
        session.submit([request])
        require(False, "a job was submitted to a read-only folder")
    except InvalidJob as error:
        require("cannot be written" in str(error), f"refused with {error}")
    finally:
        make_immutable(session.jobs_dir, False)
    check_next_job(session, request, expected)


WITH_TMPFS = (
    Fault("Disk: full, random room left", full_from_the_start),
    Fault("Disk: fills up, any stage", fills_up),
)
FAULTS = [
    *(WITH_TMPFS if can_mount() else ()),
    Fault("Disk: no file may grow (RLIMIT_FSIZE), any stage", files_stay_small),
    Fault("Disk: job folder becomes read-only, any stage", becomes_read_only),
    Fault("Disk: jobs folder is read-only", jobs_folder_read_only),
]
