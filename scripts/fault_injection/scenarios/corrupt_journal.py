# SPDX-License-Identifier: GPL-3.0-or-later
"""events.jsonl is cut, repeated, interleaved, overwritten, of a newer version, or a gigabyte, while a job runs."""

import contextlib
import os
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from blender_text3d.client import offers
from blender_text3d.client.session import Session
from blender_text3d.protocol.events import TERMINAL, Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request

from ..fault import Fault, Round, StageNotReached, require
from ..follow_jobs import HANG_S, ended
from ..harness import digest, make_request
from ..random_moments import MAX_ATTEMPTS, STAGES, STARTUP, random_moment, wait_for
from .worker_killed import check_next_job

PING_AFTER_S = 1.0  # shorter than the default, which only shortens the wait
GIGABYTE = 10**9
MAX_POLL_MS, MAX_EXTRA_MB = 200.0, 120.0  # CPU time and memory; far less than for reading the complete journal

Corruption = Callable[[Path, random.Random], None]


def appended(journal: Path, content: bytes) -> None:
    """Append bytes, as another program would."""
    with journal.open("ab") as file:
        file.write(content)


def cut(journal: Path, rng: random.Random) -> None:
    """Truncate at a random byte, usually in the middle of a line."""
    os.truncate(journal, rng.randrange(journal.stat().st_size))


def repeat(journal: Path, rng: random.Random) -> None:
    """Append existing lines except the last event."""
    lines = [
        line for line in journal.read_bytes().splitlines(keepends=True) if b'"stepped"' in line or b'"queued"' in line
    ]
    appended(journal, b"".join(rng.choices(lines, k=rng.randrange(1, 50))))


def interleave(journal: Path, rng: random.Random) -> None:
    """Append incomplete lines between those of the worker."""
    for _ in range(rng.randrange(1, 40)):
        line = b'{"kind": "stepped", "time": 1.0, "stage": "sample", "index": 1, "of": 8}\n'
        appended(journal, line[: rng.randrange(1, len(line))])
        time.sleep(rng.uniform(0, 0.01))


def garble(journal: Path, rng: random.Random) -> None:
    """Write invalid UTF-8 at the end or over existing lines."""
    garbage = rng.randbytes(rng.randrange(1, 3000))
    with journal.open("r+b") as file:
        file.seek(rng.choice((0, rng.randrange(journal.stat().st_size), journal.stat().st_size)))
        file.write(garbage)


def renew(journal: Path, rng: random.Random) -> None:
    """Append events of a newer version: unknown kinds, fields and values."""
    known = '{"kind": "stepped", "time": 1.0, "stage": "dream", "index": 1, "of": 8, "mood": ["calm"], "preview": %s}\n'
    lines = [
        '{"kind": "dreamt", "time": 1.0}\n',
        '{"kind": {"of": "a newer version"}}\n',
        '{"kind": "finished", "time": "today", "elapsed_s": null, "files": 7}\n',
        '{"kind": "failed", "message": 5}\n',
        "[" * 50_000 + "\n",
        known % "true",
        known % '"perhaps"',
    ]
    appended(journal, "".join(rng.choices(lines, k=rng.randrange(1, 12))).encode())


def grow(journal: Path, rng: random.Random) -> None:
    """Grow to a gigabyte by a hole, or by 64 MB of lines and a hole."""
    if rng.random() < 0.5:
        appended(journal, b'{"kind": "notice", "time": 1.0, "message": "once more"}\n' * 1_200_000)
    with journal.open("r+b") as file:
        file.truncate(GIGABYTE)


def corrupt_journal(round_: Round, corrupt: Corruption) -> None:
    """Run one round: the job ends correctly or as interrupted, no poll takes long, and the next object is right."""
    offers.PING_AFTER_S = PING_AFTER_S
    model = round_.rng.choice(tuple(STAGES))
    request = make_request(model, round_.rng.randrange(4))
    expected, session = round_.harness.expected(request), round_.harness.session
    job = job_with_corrupt_journal(round_, session, request, corrupt)
    last, slowest_ms, held_mb = follow_to_end(session, job)
    if isinstance(last, Finished) and isinstance(job.last_event(), Finished):
        require(digest(job) == expected, "the object differs")
    else:
        require(isinstance(last, Finished) or last.reason == "interrupted", f"the job ended as {last}")
    require(
        slowest_ms < MAX_POLL_MS and held_mb < MAX_EXTRA_MB,
        f"a poll took {slowest_ms:.0f} ms and {held_mb:.0f} MB",
    )
    check_next_job(session, request, expected)


def job_with_corrupt_journal(round_: Round, session: Session, request: Request, corrupt: Corruption) -> JobFolder:
    """Return a job whose journal was corrupted at a random moment before its end.

    Raises:
        StageNotReached: The job ended before that moment in every attempt.
    """
    stages = [stage for stage in STAGES[request.model] if stage not in (STARTUP, "load")]
    for _ in range(MAX_ATTEMPTS):
        moment = random_moment(round_.rng.choice(stages), request, round_)
        (job,) = session.submit([request])
        with contextlib.suppress(StageNotReached):
            wait_for(moment, job, session)
        if not isinstance(job.last_event(), TERMINAL):
            corrupt(job.journal, round_.rng)
            return job
        ended(session, [job])
    raise StageNotReached


def follow_to_end(session: Session, job: JobFolder):
    """Return the last event, the longest poll in milliseconds of CPU time, and the added memory in 2**20 bytes."""
    before, give_up, slowest_ms, last = resident_mb(), time.monotonic() + HANG_S, 0.0, None
    while last is None:
        require(time.monotonic() < give_up, "the job never ended")
        start = time.process_time()
        news = session.poll()
        slowest_ms = max(slowest_ms, (time.process_time() - start) * 1000)
        last = next((event for one, event in news if one == job and isinstance(event, TERMINAL)), None)
        time.sleep(0.002)
    return last, slowest_ms, resident_mb() - before


def resident_mb() -> float:
    """Return the resident memory of this process in 2**20 bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


CORRUPTIONS: dict[str, Corruption] = {
    "cut": cut,
    "repeated": repeat,
    "interleaved": interleave,
    "broken UTF-8": garble,
    "a newer version's": renew,
    "a gigabyte": grow,
}
FAULTS = [
    Fault(f"events.jsonl: {name}, any stage", partial(corrupt_journal, corrupt=corrupt))
    for name, corrupt in CORRUPTIONS.items()
]
