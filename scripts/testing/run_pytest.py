# SPDX-License-Identifier: GPL-3.0-or-later
"""A test process, ended when it is silent for too long and never for its age: a slow machine may take its time."""

import os
import signal
import subprocess
import time
from pathlib import Path

MAX_SILENCE_S = 900
POLL_EVERY_S = 0.5
TIMED_OUT = 124


def run_until_silent(
    command: list[str], log: Path, *, cwd: Path, env: dict[str, str], max_silence_s: float = MAX_SILENCE_S
) -> int:
    """Run a command with its output in a file, and end it with its children when the file stops growing.

    Args:
        command: Program and arguments.
        log: File for stdout and stderr together.
        cwd: Working directory.
        env: Environment variables.
        max_silence_s: Longest time without output, in seconds.

    Returns:
        The exit code, or TIMED_OUT.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=env | {"PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        size, changed_at = 0, time.monotonic()
        while (exit_code := process.poll()) is None:
            time.sleep(POLL_EVERY_S)
            if log.stat().st_size != size:
                size, changed_at = log.stat().st_size, time.monotonic()
            elif time.monotonic() - changed_at > max_silence_s:
                _kill_group(process)
                output.write(f"\nended after {max_silence_s:g} s without output\n".encode())
                return TIMED_OUT
    return exit_code


def _kill_group(process: subprocess.Popen) -> None:
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
