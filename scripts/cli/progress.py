# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of jobs in a shell: one updating line, or JSON lines."""

import json
import shutil
from pathlib import Path
from typing import TextIO

from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.system.console import sanitized

BAR_WIDTH = 24


class JsonLines:
    """Every event and result as one JSON object per line."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def event(self, job: JobFolder, event: Event) -> None:
        """Write one event with its job folder."""
        self._write({"job": str(job.path), **json.loads(event.to_json())})

    def result(self, job: JobFolder, last: Finished, files: dict[str, Path]) -> None:
        """Write a finished job's request and the paths of its files."""
        paths = {name: str(path) for name, path in files.items()}
        request = json.loads(job.read_request().to_json())
        self._write({"job": str(job.path), "kind": "result", "request": request, "files": paths})

    def _write(self, values: dict) -> None:
        self._out.write(json.dumps(values) + "\n")
        self._out.flush()


class ProgressLine:
    """A progress bar on a terminal; otherwise one line per stage."""

    def __init__(self, err: TextIO, out: TextIO) -> None:
        self._err = err
        self._out = out
        self._shown = ""
        self._stages: dict[JobFolder, str] = {}

    def event(self, job: JobFolder, event: Event) -> None:
        """Update the bar, or print a message above it."""
        if isinstance(event, Progress):
            self._update(job, event)
        elif isinstance(event, Notice):
            self._print(event.message)
        elif isinstance(event, Failed):
            self._print(f"{name_of(job)} failed: {event.message} {event.fix}")
        elif isinstance(event, Cancelled):
            self._print(f"{name_of(job)} was cancelled.")
        elif isinstance(event, Finished):
            self._print(f"{name_of(job)} finished in {event.elapsed_s:.1f} s.")

    def result(self, job: JobFolder, last: Finished, files: dict[str, Path]) -> None:
        """Print the job folder if the files are still there, else each path."""
        places = {path.parent for path in files.values()}
        for path in [job.path] if places == {job.path} else files.values():
            self._out.write(f"{path}\n")
        self._out.flush()

    def _update(self, job: JobFolder, step: Progress) -> None:
        if self._err.isatty():
            line = sanitized(bar(name_of(job), step))[: shutil.get_terminal_size().columns - 1]
            self._err.write("\r" + line.ljust(len(self._shown)))
            self._shown = line
        elif self._stages.get(job) != step.stage:
            self._err.write(sanitized(f"{name_of(job)}: {step.stage}") + "\n")
        self._stages[job] = step.stage
        self._err.flush()

    def _print(self, sentence: str) -> None:
        if self._shown:
            self._err.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
        self._err.write(sanitized(sentence) + "\n")
        self._err.flush()


def bar(name: str, step: Progress) -> str:
    """Return one line: name, bar, stage, time left."""
    filled = BAR_WIDTH * step.index // max(step.total, 1)
    left = "" if step.eta_s is None else f"  {step.eta_s:.0f} s left"
    return f"{name} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {step.stage} {step.index}/{step.total}{left}"


def name_of(job: JobFolder) -> str:
    """Return prompt and seed, shortened, or the job ID if the request cannot be read."""
    try:
        request = job.read_request()
    except InvalidJob:
        return job.job_id
    prompt = request.prompt if len(request.prompt) <= 32 else request.prompt[:31] + "…"
    return f"{prompt} ({request.seed})"
