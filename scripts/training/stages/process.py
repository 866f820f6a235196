# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the module of a stage as a process, whose output goes to the terminal and to a log."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from blender_text3d.engine.mini.files import VARIABLE

from .code_version import ROOT
from .stage import Stage

KEEP_FREED_MEMORY = {"MALLOC_TRIM_THRESHOLD_": "8000000000", "MALLOC_MMAP_THRESHOLD_": "8000000000"}
"""Environment variables of glibc, in bytes: freed blocks below these sizes stay with the process.

Otherwise the kernel zeroes fresh pages for the activations of every step. glibc reads the variables at process start.
"""


class StageFailed(Exception):
    """A stage's process ended with an error."""


def environment(folder: Path) -> dict[str, str]:
    """Return the variables of a stage: the models are those of the training, and Python's hashes are the same.

    Those that tune glibc give way to the user's own.
    """
    return (KEEP_FREED_MEMORY | os.environ) | {
        VARIABLE: str(folder / "weights"),
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }


def log_path(folder: Path, stage: Stage) -> Path:
    """Return the path of a stage's log."""
    return folder / "logs" / f"{stage.name}.log"


def run_process(folder: Path, stage: Stage) -> None:
    """Run a stage to its end.

    Raises:
        StageFailed: It ended with an error; the text says with which, and where the log is.
        OSError: It cannot be started, or the log cannot be written.
    """
    for path in [folder / output for output in stage.outputs]:
        path.parent.mkdir(parents=True, exist_ok=True)
    path = log_path(folder, stage)
    path.parent.mkdir(exist_ok=True)
    module = f"scripts.training.{stage.module}"
    start = [sys.executable, "-P", "-m", "scripts.training.stages.run_module", str(os.getpid()), module]
    process = subprocess.Popen(
        [*start, *stage.words], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        start_new_session=sys.platform != "win32",
    )  # fmt: skip
    try:
        last = follow(process, path, stage)
    finally:
        end_group(process)
    if process.returncode:
        raise StageFailed(f"{stage.name} {cause_of(process.returncode)}: {last or 'no output'}. Its log: {path}")


def follow(process: subprocess.Popen[str], path: Path, stage: Stage) -> str:
    """Copy a process's lines to the terminal and to a log until it ends; return the last one."""
    last = ""
    with path.open("a", encoding="utf-8") as log:
        log.write(f"$ {stage.command}\n")
        for line in process.stdout or ():
            print(f"  {line.rstrip()}", flush=True)
            log.write(line)
            log.flush()
            last = line.strip() or last
    process.wait()
    return last


def end_group(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def cause_of(code: int) -> str:
    """Return how a process ended, by its exit code."""
    if code in (-9, 137):
        return "was ended from outside (perhaps it needed more memory than there is)"
    return f"ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
