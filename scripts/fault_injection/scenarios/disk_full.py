# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk of the jobs is full, becomes full, or becomes read-only: a sentence, no half files, and then all is well.

Where nobody may mount a small disk, the worker's files are limited instead (RLIMIT_FSIZE); where files cannot be made
immutable, their permissions are taken away.
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

from ..child.tmpfs import fill, may_mount, small_disk
from ..fault import Fault, Round, require
from ..follow_jobs import ended
from ..harness import digest, make_request
from ..random_moments import STAGES, WAKE
from .out_of_memory import FREE_MEMORY
from .worker_killed import kill_in_stage, made_again

DISK_MB = 24
MAX_FREE_BYTES = 600_000  # about what a job writes


def any_wish(round_: Round) -> tuple[Request, str]:
    """A request of any model, and a stage of it."""
    model = round_.chance.choice(tuple(STAGES))
    stages = [stage for stage in STAGES[model] if stage not in (WAKE, "load")]
    return make_request(model, round_.chance.randrange(4)), round_.chance.choice(stages)


def on_small_disk(round_: Round) -> tuple[Session, Path]:
    """A session whose jobs lie on a small disk, which is emptied for each round."""

    def make() -> Session:
        disk = round_.bench.stack.enter_context(small_disk(round_.bench.folder / "disk", DISK_MB))
        return Session(disk / "jobs", round_.bench.python)

    session = round_.bench.other("disk", make)
    for left in session.jobs_dir.glob("*-*-*"):
        shutil.rmtree(left)
    return session, session.jobs_dir.parent


def full_from_the_start(round_: Round) -> None:
    """A disk with random room, from none to almost enough: some write fails, any of them."""
    session, disk = on_small_disk(round_)
    request, _ = any_wish(round_)
    expected = round_.bench.expected(request)
    filler = fill(disk, round_.chance.randrange(MAX_FREE_BYTES))
    try:
        (job,) = session.submit([request])
    except InvalidJob as error:
        require("Free some space" in str(error), f"refused with {error}")
    else:
        told_as(job, ended(session, [job])[job], "disk_full", expected)
    filler.unlink()
    made_again(session, request, expected)


def fills_up(round_: Round) -> None:
    """The disk becomes full at a random moment."""
    session, disk = on_small_disk(round_)
    request, stage = any_wish(round_)
    expected = round_.bench.expected(request)
    filler = disk / "filler"
    job, last = kill_in_stage(
        session, request, stage, round_, lambda pid: fill(disk, 0), lambda pid: filler.unlink(True)
    )
    filler.unlink(missing_ok=True)
    told_as(job, last, "disk_full", expected)
    made_again(session, request, expected)


def files_stay_small(round_: Round) -> None:
    """No file of the worker may grow beyond a random size."""
    session = round_.bench.session
    request, stage = any_wish(round_)
    expected, most = round_.bench.expected(request), round_.chance.randrange(3_000)
    limits = (most, resource.RLIM_INFINITY)

    def limit(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)

    job, last = kill_in_stage(
        session, request, stage, round_, limit, lambda pid: resource.prlimit(pid, resource.RLIMIT_FSIZE, FREE_MEMORY)
    )
    told_as(job, last, "disk_full", expected)
    made_again(session, request, expected)


def told_as(job: JobFolder, last, reason: str, expected: str) -> None:
    """Finished with the right object, or failed for this reason; every file there is whole.

    Raises:
        Lost: Neither, or half a file lies under a whole one's name.
    """
    if last.kind == "finished":
        require(digest(job) == expected, "another object came out")
    else:
        require(last.reason == reason and last.fix, f"the job ended as {last}")
    for path in (job.mesh, job.cloud, job.preview):
        if path.exists():
            load_geometry(path)


def becomes_read_only(round_: Round) -> None:
    """The job's folder can no longer be written from a random moment on."""
    session = round_.bench.session
    request, stage = any_wish(round_)
    expected = round_.bench.expected(request)
    locked: list[Path] = []

    def lock(pid: int) -> None:
        locked.append(session.jobs[0].path)
        make_immutable(locked[-1], True)

    try:
        job, last = kill_in_stage(session, request, stage, round_, lock)
    finally:
        for folder in locked:
            make_immutable(folder, False)
    told_as(job, last, "read_only", expected)
    made_again(session, request, expected)


def make_immutable(folder: Path, is_immutable: bool) -> None:
    """Let nobody, not even root, write a folder and what is in it; or let them again."""
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
    """The folder of all jobs cannot be written: asking is refused in a sentence, and then works."""
    session, (request, _) = round_.bench.session, any_wish(round_)
    expected = round_.bench.expected(request)
    make_immutable(session.jobs_dir, True)
    try:
        session.submit([request])
        require(False, "a job was begun in a folder that cannot be written")
    except InvalidJob as error:
        require("cannot be written" in str(error), f"refused with {error}")
    finally:
        make_immutable(session.jobs_dir, False)
    made_again(session, request, expected)


ON_A_DISK = (
    Fault("Disk: full, random room left", full_from_the_start),
    Fault("Disk: fills up, any stage", fills_up),
)
FAULTS = [
    *(ON_A_DISK if may_mount() else ()),
    Fault("Disk: no file may grow (RLIMIT_FSIZE), any stage", files_stay_small),
    Fault("Disk: job folder becomes read-only, any stage", becomes_read_only),
    Fault("Disk: jobs folder is read-only", jobs_folder_read_only),
]
