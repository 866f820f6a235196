# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the files of the worker's environment, and whether a setup hangs."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ...environment.check import find_problems
from ...environment.lock import is_locked
from ...environment.target_folder import contains_other_files
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding

MIN_PYTHON = (3, 11)
STALL_AFTER_S = 15 * 60


def this_python(context: Context) -> Iterator[Finding]:
    """Check the Python that runs the checks, Blender's own or that of a terminal."""
    what = "Blender's Python" if context.blender else "This Python"
    wanted = f"{MIN_PYTHON[0]}.{MIN_PYTHON[1]} or newer"
    version = ".".join(map(str, sys.version_info[:3]))
    state = GOOD if sys.version_info >= MIN_PYTHON else BAD
    yield Finding("python", what, state, version, wanted, f"Run this with Python {wanted}.")


def environment(context: Context) -> Iterator[Finding]:
    """Check that the worker has a Python to run in."""
    what, wanted = "Environment", "created by setup for this version of the add-on"
    if context.own_python:
        yield _override(context.own_python, what)
        return
    problems = find_problems(context.env_dir)
    for problem in problems:
        button = create_button(context.env_dir)
        yield Finding("environment", what, BAD, problem.message.rstrip("."), wanted, problem.fix, button)
    if not problems:
        yield Finding("environment", what, GOOD, f"ready in {context.env_dir}", wanted)


def create_button(env_dir: Path) -> str:
    """Return the button to create an environment: Set Up, unless it would fail at once."""
    if is_locked(env_dir):
        return ""
    return "preferences" if contains_other_files(env_dir) else "setup"


def _override(python: Path, what: str) -> Finding:
    wanted = "an existing Python"
    if os.path.isfile(python):  # also False for an unreadable folder
        return Finding("environment", what, GOOD, f"Python override {python}", wanted)
    fix = "Change Python Override in the preferences, or clear it and press Set Up."
    return Finding("environment", what, BAD, f"{python} does not exist", wanted, fix, "preferences")


def lock(context: Context) -> Iterator[Finding]:
    """Check that no setup hangs; nothing with a Python override, which does not need setup.

    The system releases a lock when its process ends, so a remaining lock file is harmless, and a holder may hang.
    """
    what, wanted = "Setup lock", "free, or held by a running setup"
    if context.own_python:
        return
    if not is_locked(context.env_dir):
        yield Finding("lock", what, GOOD, "free", wanted)
        return
    silent_s = time.time() - last_activity_s(context.env_dir)
    if silent_s < STALL_AFTER_S:
        fix = "Wait until it is done."
        yield Finding("lock", what, WARN, "locked: another process is creating the environment", wanted, fix)
        return
    fix = "End that process (a Python that runs the setup), or restart the machine, and press Check and Repair."
    found = f"held by a process without output for {silent_s / 60:.0f} minutes"
    yield Finding("lock", what, BAD, found, wanted, fix, "repair")


def last_activity_s(env_dir: Path) -> float:
    """Return when a setup last wrote a file, in Unix seconds; 0 if it never did."""
    files = env_dir.parent.glob(f"{env_dir.name}*")
    return max((file.stat().st_mtime for file in files if file.exists() and file.suffix != ".lock"), default=0.0)
