# SPDX-License-Identifier: GPL-3.0-or-later
"""events.jsonl is cut, repeated, interleaved, garbled, of a newer version, or a gigabyte, while a job runs."""

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

PING_AFTER_S = 1.0  # the client's own is longer; only the wait differs
GIGABYTE = 10**9
MAX_POLL_MS, MAX_EXTRA_MB = 200.0, 120.0  # of the processor, and of memory: a look at a gigabyte is far from all of it

Corruption = Callable[[Path, random.Random], None]


def appended(journal: Path, content: bytes) -> None:
    """Write at the end, as another program would."""
    with journal.open("ab") as file:
        file.write(content)


def cut(journal: Path, rng: random.Random) -> None:
    """Somewhere, in the middle of a line as a rule."""
    os.truncate(journal, rng.randrange(journal.stat().st_size))


def repeat(journal: Path, rng: random.Random) -> None:
    """Lines that stand there already, but no last one."""
    lines = [
        line for line in journal.read_bytes().splitlines(keepends=True) if b'"stepped"' in line or b'"queued"' in line
    ]
    appended(journal, b"".join(rng.choices(lines, k=rng.randrange(1, 50))))


def interleave(journal: Path, rng: random.Random) -> None:
    """Pieces of lines between the worker's."""
    for _ in range(rng.randrange(1, 40)):
        line = b'{"kind": "stepped", "time": 1.0, "stage": "sample", "index": 1, "of": 8}\n'
        appended(journal, line[: rng.randrange(1, len(line))])
        time.sleep(rng.uniform(0, 0.01))


def garble(journal: Path, rng: random.Random) -> None:
    """Bytes that are no UTF-8, at the end or over what stands there."""
    rubbish = rng.randbytes(rng.randrange(1, 3000))
    with journal.open("r+b") as file:
        file.seek(rng.choice((0, rng.randrange(journal.stat().st_size), journal.stat().st_size)))
        file.write(rubbish)


def renew(journal: Path, rng: random.Random) -> None:
    """Events of a newer version: other kinds, more fields, other values."""
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
    """A gigabyte: a hole, or 64 MB of lines and then a hole."""
    if rng.random() < 0.5:
        appended(journal, b'{"kind": "notice", "time": 1.0, "message": "once more"}\n' * 1_200_000)
    with journal.open("r+b") as file:
        file.truncate(GIGABYTE)


def corrupt_journal(round_: Round, harm: Corruption) -> None:
    """One round: the job ends as what it is, or as interrupted; a look is never long; the next job is right."""
    offers.PING_AFTER_S = PING_AFTER_S
    model = round_.rng.choice(tuple(STAGES))
    request = make_request(model, round_.rng.randrange(4))
    expected, session = round_.harness.expected(request), round_.harness.session
    job = job_with_corrupt_journal(round_, session, request, harm)
    last, slowest_ms, held_mb = follow_to_end(session, job)
    if isinstance(last, Finished) and isinstance(job.last_event(), Finished):
        require(digest(job) == expected, "the object differs")
    else:
        require(isinstance(last, Finished) or last.reason == "interrupted", f"the job ended as {last}")
    require(
        slowest_ms < MAX_POLL_MS and held_mb < MAX_EXTRA_MB,
        f"a look took {slowest_ms:.0f} ms, and {held_mb:.0f} MB more",
    )
    check_next_job(session, request, expected)


def job_with_corrupt_journal(round_: Round, session: Session, request: Request, harm: Corruption) -> JobFolder:
    """A job whose journal was harmed at a random moment, before its end.

    Raises:
        StageNotReached: It was done before, every time.
    """
    stages = [stage for stage in STAGES[request.model] if stage not in (STARTUP, "load")]
    for _ in range(MAX_ATTEMPTS):
        moment = random_moment(round_.rng.choice(stages), request, round_)
        (job,) = session.submit([request])
        with contextlib.suppress(StageNotReached):
            wait_for(moment, job, session)
        if not isinstance(job.last_event(), TERMINAL):
            harm(job.journal, round_.rng)
            return job
        ended(session, [job])
    raise StageNotReached


def follow_to_end(session: Session, job: JobFolder):
    """The last event, the dearest look in milliseconds of the processor, and how many 2**20 bytes it held more."""
    before, give_up, slowest_ms, last = resident_mb(), time.monotonic() + HANG_S, 0.0, None
    while last is None:
        require(time.monotonic() < give_up, "the job never ended")
        began = time.process_time()
        news = session.poll()
        slowest_ms = max(slowest_ms, (time.process_time() - began) * 1000)
        last = next((event for one, event in news if one == job and isinstance(event, TERMINAL)), None)
        time.sleep(0.002)
    return last, slowest_ms, resident_mb() - before


def resident_mb() -> float:
    """Memory that this process holds."""
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
    Fault(f"events.jsonl: {name}, any stage", partial(corrupt_journal, harm=harm)) for name, harm in CORRUPTIONS.items()
]
