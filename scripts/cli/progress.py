# SPDX-License-Identifier: GPL-3.0-or-later
"""What a shell sees of jobs at work: one line that moves, or JSON lines."""

import json
import shutil
from pathlib import Path
from typing import TextIO

from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.system.plain_words import sanitized

BAR_WIDTH = 24


class JsonLines:
    """Every event and every result as one JSON object a line, and nothing else."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def event(self, job: JobFolder, event: Event) -> None:
        """One event, with the job's folder."""
        self._write({"job": str(job.path), **json.loads(event.to_json())})

    def result(self, job: JobFolder, last: Finished, files: dict[str, Path]) -> None:
        """A finished job's request and where its files are."""
        paths = {name: str(path) for name, path in files.items()}
        request = json.loads(job.read_request().to_json())
        self._write({"job": str(job.path), "kind": "result", "request": request, "files": paths})

    def _write(self, values: dict) -> None:
        self._out.write(json.dumps(values) + "\n")
        self._out.flush()


class ProgressLine:
    """A bar that moves in place on a terminal; elsewhere a line whenever a stage begins."""

    def __init__(self, err: TextIO, out: TextIO) -> None:
        self._err = err
        self._out = out
        self._shown = ""
        self._stages: dict[JobFolder, str] = {}

    def event(self, job: JobFolder, event: Event) -> None:
        """Move the bar, or say what happened above it."""
        if isinstance(event, Progress):
            self._move(job, event)
        elif isinstance(event, Notice):
            self._say(event.message)
        elif isinstance(event, Failed):
            self._say(f"{name_of(job)} failed: {event.message} {event.fix}")
        elif isinstance(event, Cancelled):
            self._say(f"{name_of(job)} was cancelled.")
        elif isinstance(event, Finished):
            self._say(f"{name_of(job)} was made in {event.elapsed_s:.1f} s.")

    def result(self, job: JobFolder, last: Finished, files: dict[str, Path]) -> None:
        """Where the files are: the folder if they are still in the job's, else each."""
        places = {path.parent for path in files.values()}
        for path in [job.path] if places == {job.path} else files.values():
            self._out.write(f"{path}\n")
        self._out.flush()

    def _move(self, job: JobFolder, step: Progress) -> None:
        if self._err.isatty():
            line = sanitized(bar(name_of(job), step))[: shutil.get_terminal_size().columns - 1]
            self._err.write("\r" + line.ljust(len(self._shown)))
            self._shown = line
        elif self._stages.get(job) != step.stage:
            self._err.write(sanitized(f"{name_of(job)}: {step.stage}") + "\n")
        self._stages[job] = step.stage
        self._err.flush()

    def _say(self, sentence: str) -> None:
        if self._shown:
            self._err.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
        self._err.write(sanitized(sentence) + "\n")
        self._err.flush()


def bar(name: str, step: Progress) -> str:
    """One line: name, bar, stage, what is left."""
    filled = BAR_WIDTH * step.index // max(step.of, 1)
    left = "" if step.eta_s is None else f"  {step.eta_s:.0f} s left"
    return f"{name} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {step.stage} {step.index}/{step.of}{left}"


def name_of(job: JobFolder) -> str:
    """Prompt and seed, shortened; the folder's name where it cannot be read."""
    try:
        request = job.read_request()
    except InvalidJob:
        return job.job_id
    prompt = request.prompt if len(request.prompt) <= 32 else request.prompt[:31] + "…"
    return f"{prompt} ({request.seed})"
