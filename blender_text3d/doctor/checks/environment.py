# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's environment as files: made, broken, too old, or being made by something that hangs."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ...environment.check import find_problems
from ...environment.lock import is_being_made
from ...environment.manifest import read_manifest
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding

OLDEST = (3, 11)
SILENT_TOO_LONG_S = 15 * 60


def this_python(case: Context) -> Iterator[Finding]:
    """The Python that asks, Blender's own or a terminal's."""
    what = "Blender's Python" if case.blender else "This Python"
    wanted = f"{OLDEST[0]}.{OLDEST[1]} or newer"
    version = ".".join(map(str, sys.version_info[:3]))
    state = GOOD if sys.version_info >= OLDEST else BAD
    yield Finding("python", what, state, version, wanted, f"Run this with Python {wanted}.")


def environment(case: Context) -> Iterator[Finding]:
    """Whether the worker has a Python to run in."""
    what, wanted = "Worker's environment", "made for this version of the add-on"
    if case.own_python:
        yield from _own(case.own_python, what)
        return
    found = find_problems(case.env_dir)
    for problem in found:
        button = create_button(case.env_dir)
        yield Finding("environment", what, BAD, problem.message.rstrip("."), wanted, problem.fix, button)
    if not found:
        yield Finding("environment", what, GOOD, f"ready in {case.env_dir}", wanted)


def create_button(env_dir: Path) -> str:
    """What leads to an environment where there is none: Set Up, unless it would be refused at once."""
    if is_being_made(env_dir):
        return ""
    is_of_others = read_manifest(env_dir) is None and env_dir.is_dir() and any(env_dir.iterdir())
    return "preferences" if is_of_others else "setup"


def _own(python: Path, what: str) -> Iterator[Finding]:
    if os.path.isfile(python):  # False, too, where one may not look
        yield Finding("environment", what, GOOD, f"the Python that you named, {python}", "a Python that is there")
    else:
        fix = "Choose another one in the preferences, or none, and press Set Up."
        yield Finding(
            "environment", what, BAD, f"{python} does not exist", "a Python that is there", fix, "preferences"
        )


def lock(case: Context) -> Iterator[Finding]:
    """Whether some process has been making the environment for long without a word; it matters to ours alone.

    A lock outlives no process: the system takes it back. So a file that was left is harmless, and a holder may hang.
    """
    what, wanted = "Lock of the set-up", "free, or held by a set-up that goes on"
    if case.own_python:  # such a worker waits for no set-up
        return
    if not is_being_made(case.env_dir):
        yield Finding("lock", what, GOOD, "free", wanted)
        return
    silent_s = time.time() - last_activity_s(case.env_dir)
    if silent_s < SILENT_TOO_LONG_S:
        fix = "Wait until it is done."
        yield Finding("lock", what, WARN, "held: another process makes the environment just now", wanted, fix)
        return
    fix = "End that process (a Python that runs the set-up), or start the machine again, and press Check and Repair."
    found = f"held for {silent_s / 60:.0f} minutes by a process that says nothing"
    yield Finding("lock", what, BAD, found, wanted, fix, "repair")


def last_activity_s(env_dir: Path) -> float:
    """When the set-up last said something, in Unix seconds; 0 where nothing was ever said."""
    files = env_dir.parent.glob(f"{env_dir.name}*")
    return max((file.stat().st_mtime for file in files if file.exists() and file.suffix != ".lock"), default=0.0)
