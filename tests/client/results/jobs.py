# SPDX-License-Identifier: GPL-3.0-or-later
"""Job folders made without a worker."""

import json
from pathlib import Path

from blender_text3d.protocol.create_job import request_file
from blender_text3d.protocol.events import Event, Finished, Queued
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests

FINISHED = Finished(elapsed_s=1.0, files={"mesh": "mesh.npz"}, vertices=8, faces=12)


def write_job(jobs_dir: Path, name: str, prompt: str = "a red chair", *events: Event, **choices) -> JobFolder:
    """Write a job folder; without other events, of a finished job."""
    job = JobFolder(jobs_dir / name)
    job.path.mkdir(parents=True)
    (request,) = make_requests(prompt, **{"seed": 5} | choices)
    job.request.write_text(json.dumps(request_file(name, request)), encoding="utf-8")
    for event in (Queued(), *(events or (FINISHED,))):
        job.append(event)
    return job


def write_many_jobs(jobs_dir: Path, count: int) -> None:
    """Write finished jobs as cheaply as possible; number 0 is the oldest, and its prompt "a red chair number 0"."""
    (request,) = make_requests("a red chair", seed=5)
    content = json.dumps(request_file("x", request))
    end = FINISHED.to_json() + "\n"
    for number in range(count):
        folder = jobs_dir / f"20260101-{number:06d}-a-red-chair-abcdef"
        folder.mkdir(parents=True)
        (folder / "request.json").write_text(content.replace("a red chair", f"a red chair number {number}"))
        (folder / "events.jsonl").write_text(end)
