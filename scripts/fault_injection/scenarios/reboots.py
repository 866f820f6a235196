# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine goes down: client and worker are gone at once, and afterwards their numbers are other processes'."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from blender_text3d.client import recovery
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request

from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import HANG_S, ended
from ..harness import PROMPTS, digest, make_request
from .blender_killed import blender, line_with, said_by_next
from .concurrent_processes import program
from .worker_killed import made_again

FOLLOWER = CHILDREN / "follow_process.py"


def power_off(round_: Round) -> str:
    """Two jobs are there at a random moment; gives what the first one was. Each is offered, resumed or told as lost."""
    jobs_dir, session = round_.folder / "jobs", round_.bench.session
    client = program(round_, str(FOLLOWER), str(jobs_dir), str(round_.bench.python), "0", "1")
    first = first_of(jobs_dir)
    wait_and_kill(round_, client, first)
    with stranger() as process:
        give_numbers_to(process.pid, jobs_dir)
        requests = {job: asked_in(job) for job in recovery.job_folders(jobs_dir)}
        recovery.interrupted(jobs_dir)
        found = {job: recovery.state(job) for job in requests}
        left = [job for job in recovery.queued(jobs_dir) if recovery.is_orphaned(job)]
        require(left == [job for job in found if found[job] == "queued"], f"left behind are {left} of {found}")
        session.resume(left)
        ended(session, left)
        for job, request in requests.items():
            taken_up(round_, job, found[job])
            if found[job] == "failed":
                made_again(session, request, round_.bench.expected(request))
            else:
                require(digest(job) == round_.bench.expected(request), "another object came out")
        process.kill()
    return found[first]


def taken_up(round_: Round, job: JobFolder, state: str) -> None:
    """See that a job was not forgotten."""
    last = job.last_event()
    if state == "failed":
        require(last.reason == "interrupted" and last.fix, f"the job ended as {last}")
    else:
        require(
            last.kind == "finished" and recovery.should_offer_import(job), f"{state}, the job is not offered: {last}"
        )


def power_off_blender(round_: Round) -> str:
    """The same with a Blender before and after; gives what the job was."""
    maker = blender(round_, "make", "mini/shap-e", "5")
    job = JobFolder(round_.folder / "home" / "jobs" / line_with(maker, "job"))
    wait_and_kill(round_, maker, job)
    with stranger() as process:
        give_numbers_to(process.pid, job.path.parent)
        state, was_imported = recovery.state(job), job.is_imported()
        said, third = said_by_next(round_), said_by_next(round_)
        process.kill()
    offered, left = ([job.job_id] if state == name and not was_imported else [] for name in ("finished", "queued"))
    require(said["offered"] == offered and said["leftovers"] == left, f"{state}, and the next Blender says {said}")
    require(state in ("queued", "interrupted", "finished"), f"all are gone, and the job counts as {state}")
    require(state != "interrupted" or job.last_event().reason == "interrupted", f"it ended as {job.last_event()}")
    require(not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}")
    return state


def asked_in(job: JobFolder) -> Request:
    """The wish of a job."""
    return make_request(number=PROMPTS.index(job.read_request().prompt))


def first_of(jobs_dir: Path) -> JobFolder:
    """The job that is asked for, and made, first."""
    give_up = time.monotonic() + HANG_S
    while not (jobs := recovery.job_folders(jobs_dir)):
        require(time.monotonic() < give_up, "no job came")
        time.sleep(0.01)
    return jobs[0]


def wait_and_kill(round_: Round, client: subprocess.Popen, job: JobFolder) -> None:
    """Kill a client and its worker together, after a random number of events of a job."""
    lines = round_.chance.randint(1, len(round_.bench.events(make_request())))
    give_up = time.monotonic() + HANG_S
    while job.journal.read_bytes().count(b"\n") < lines and time.monotonic() < give_up:
        time.sleep(0.001)
    workers = children(client.pid)
    for pid in (client.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    client.communicate()
    while any(map(lives, workers)):
        time.sleep(0.001)


def children(pid: int) -> list[int]:
    """Of a process."""
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if facts(path)[1:] == [str(pid)]]


def lives(pid: int) -> bool:
    """Whether a process still runs; one that nobody has asked after yet does not."""
    return facts(Path(f"/proc/{pid}/stat"))[0] not in ("", "Z")


def facts(stat: Path) -> list[str]:
    """The state and the parent of a process; an empty state where it is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return [""]


def stranger() -> subprocess.Popen:
    """A process that has nothing to do with us."""
    return subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)


def give_numbers_to(pid: int, jobs_dir: Path) -> None:
    """Let the processes that are named in jobs be this one, which began later."""
    for job in recovery.job_folders(jobs_dir):
        for path in (job.path / "claim.json", job.journal, *job.path.glob("importing-*.json")):
            if path.exists():
                lines = path.read_text(encoding="utf-8").splitlines()
                path.write_text("".join(with_pid(line, pid) + "\n" for line in lines), encoding="utf-8")


def with_pid(line: str, pid: int) -> str:
    """JSON whose process, where it names one, is another; half a line stays as it is."""
    try:
        values = json.loads(line)
    except ValueError:
        return line
    return json.dumps(values | {name: pid for name in ("pid", "parent") if name in values})


FAULTS = [
    Fault("Reboot: client and worker gone, their numbers another's, any stage", power_off, is_dear=True),
    Fault("Reboot: Blender and worker gone, their numbers another's, any stage", power_off_blender, True, needs="bpy"),
]
