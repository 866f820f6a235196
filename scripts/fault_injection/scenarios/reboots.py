# SPDX-License-Identifier: GPL-3.0-or-later
"""A reboot: client and worker are killed at once, and afterwards other processes have their process IDs."""

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
from .blender_killed import blender, next_blender_report, read_value
from .concurrent_processes import program
from .worker_killed import check_next_job

FOLLOWER = CHILDREN / "follow_process.py"


def power_off(round_: Round) -> str:
    """Run one round with two jobs, each of which is offered, resumed or failed; returns the state of the first one."""
    jobs_dir, session = round_.folder / "jobs", round_.harness.session
    client = program(round_, str(FOLLOWER), str(jobs_dir), str(round_.harness.python), "0", "1")
    first = first_of(jobs_dir)
    wait_and_kill(round_, client, first)
    with unrelated_process() as process:
        reuse_pids(process.pid, jobs_dir)
        requests = {job: request_of(job) for job in recovery.job_folders(jobs_dir)}
        recovery.interrupted(jobs_dir)
        found = {job: recovery.state(job) for job in requests}
        left = [job for job in recovery.queued(jobs_dir) if recovery.is_orphaned(job)]
        require(left == [job for job in found if found[job] == "queued"], f"orphaned are {left} of {found}")
        session.resume(left)
        ended(session, left)
        for job, request in requests.items():
            check_recovered(round_, job, found[job])
            if found[job] == "failed":
                check_next_job(session, request, round_.harness.expected(request))
            else:
                require(digest(job) == round_.harness.expected(request), "the object differs")
        process.kill()
    return found[first]


def check_recovered(round_: Round, job: JobFolder, state: str) -> None:
    """Check that a job was offered, resumed or failed."""
    last = job.last_event()
    if state == "failed":
        require(last.reason == "interrupted" and last.fix, f"the job ended as {last}")
    else:
        require(
            last.kind == "finished" and recovery.should_offer_import(job), f"{state}, the job is not offered: {last}"
        )


def power_off_blender(round_: Round) -> str:
    """Run one round with a Blender before and after; returns the state of the job."""
    maker = blender(round_, "make", "mini/shap-e", "5")
    job = JobFolder(round_.folder / "home" / "jobs" / read_value(maker, "job"))
    wait_and_kill(round_, maker, job)
    with unrelated_process() as process:
        reuse_pids(process.pid, job.path.parent)
        state, was_imported = recovery.state(job), job.is_imported()
        report, third = next_blender_report(round_), next_blender_report(round_)
        process.kill()
    offered, left = ([job.job_id] if state == name and not was_imported else [] for name in ("finished", "queued"))
    require(
        report["offered"] == offered and report["leftovers"] == left, f"{state}, and the next Blender reported {report}"
    )
    require(state in ("queued", "interrupted", "finished"), f"all processes are gone, and the job is {state}")
    require(state != "interrupted" or job.last_event().reason == "interrupted", f"it ended as {job.last_event()}")
    require(not third["offered"] and not third["leftovers"], f"a third Blender was offered {third}")
    return state


def request_of(job: JobFolder) -> Request:
    """Return the request of a job."""
    return make_request(number=PROMPTS.index(job.read_request().prompt))


def first_of(jobs_dir: Path) -> JobFolder:
    """Return the first job that appears in a folder."""
    give_up = time.monotonic() + HANG_S
    while not (jobs := recovery.job_folders(jobs_dir)):
        require(time.monotonic() < give_up, "no job was submitted")
        time.sleep(0.01)
    return jobs[0]


def wait_and_kill(round_: Round, client: subprocess.Popen, job: JobFolder) -> None:
    """Kill a client and its worker at once, after a random number of events of a job."""
    lines = round_.rng.randint(1, len(round_.harness.events(make_request())))
    give_up = time.monotonic() + HANG_S
    while job.journal.read_bytes().count(b"\n") < lines and time.monotonic() < give_up:
        time.sleep(0.001)
    workers = children(client.pid)
    for pid in (client.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    client.communicate()
    while any(map(is_running, workers)):
        time.sleep(0.001)


def children(pid: int) -> list[int]:
    """Return the IDs of the child processes of a process."""
    return [
        int(path.parent.name) for path in Path("/proc").glob("[0-9]*/stat") if state_and_parent(path)[1:] == [str(pid)]
    ]


def is_running(pid: int) -> bool:
    """True if a process is running and not a zombie."""
    return state_and_parent(Path(f"/proc/{pid}/stat"))[0] not in ("", "Z")


def state_and_parent(stat: Path) -> list[str]:
    """Return the state and the parent of a process; an empty state if it has exited."""
    try:
        return stat.read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return [""]


def unrelated_process() -> subprocess.Popen:
    """Start an unrelated process."""
    return subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)


def reuse_pids(pid: int, jobs_dir: Path) -> None:
    """Replace the process IDs in all jobs by the ID of a process that started later."""
    for job in recovery.job_folders(jobs_dir):
        for path in (job.path / "claim.json", job.journal, *job.path.glob("importing-*.json")):
            if path.exists():
                lines = path.read_text(encoding="utf-8").splitlines()
                path.write_text("".join(with_pid(line, pid) + "\n" for line in lines), encoding="utf-8")


def with_pid(line: str, pid: int) -> str:
    """Replace the process IDs in a line of JSON; an incomplete line is unchanged."""
    try:
        values = json.loads(line)
    except ValueError:
        return line
    return json.dumps(values | {name: pid for name in ("pid", "parent") if name in values})


FAULTS = [
    Fault("Reboot: client and worker gone, their numbers another's, any stage", power_off, is_slow=True),
    Fault("Reboot: Blender and worker gone, their numbers another's, any stage", power_off_blender, True, needs="bpy"),
]
