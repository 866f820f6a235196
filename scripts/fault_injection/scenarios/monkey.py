# SPDX-License-Identifier: GPL-3.0-or-later
"""Monkey test: random operators, values and accidents in Blender while jobs run.

    PYTHON scripts/fault_injection/scenarios/monkey.py --seed 1 --steps 500                    with the bpy module
    blender -b -P scripts/fault_injection/scenarios/monkey.py -- --seed 1 --steps 500          in Blender
    ... --scripted                                                          a worker without a model, for many more jobs
    ... --control                                                           the same actions without the add-on

The same seed gives the same actions. It prints a line of JSON with the number of steps and calls, and with every error
that was not a message for the user. The exit code is 1 if there was such an error.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import bpy

import blender_text3d
from scripts.fault_injection.scenarios import deleted_files, user_actions, user_input

REPOSITORY = Path(__file__).resolve().parents[3]
WITH_UNDO_STEP = {user_input.set_any_setting, *user_actions.WITH_UNDO_STEP}
"""Actions after which a window adds an undo step, which a script has to do itself: Blender's undo relies on it."""

SHARES = ((user_input.ACTIONS, 5), (user_actions.ACTIONS, 4), (deleted_files.ACTIONS, 1))
DRAIN_S = 90.0


class Driver:
    """Runs random actions and records errors.

    Attributes:
        calls: The number of calls of each action.
        findings: Errors that were not messages for the user.
    """

    def __init__(self, seed: str, folder: Path, trace: TextIO | None = None) -> None:
        self.trace = trace
        self.shares = SHARES
        self.rng = random.Random(seed)
        self.folder = folder
        self.calls: Counter[str] = Counter()
        self.findings: list[str] = []

    def drive(self, steps: int) -> None:
        """Run a number of random actions, then wait until no job is running."""
        for number in range(steps):
            ((actions, _),) = self.rng.choices(self.shares, [share for _, share in self.shares])
            action = self.rng.choice(actions)
            self.calls[action.__name__] += 1
            if self.trace:
                self.trace.write(f"{number} {action.__name__}\n")
                self.trace.flush()
            self.attempt(number, action)
            if action in WITH_UNDO_STEP:
                self.attempt(number, lambda _: bpy.ops.ed.undo_push(message="a random step"))
        if len(self.shares) == len(SHARES):
            self.attempt(steps, lambda _: drain())

    def attempt(self, number: int, action) -> None:
        """Run one action. An operator that refuses with a message raises RuntimeError, which is not an error here."""
        try:
            action(self)
        except RuntimeError as error:
            if "Traceback" in str(error):
                self.findings.append(f"step {number}, {action.__name__}: {error}")
        except Exception:
            self.findings.append(f"step {number}, {action.__name__}: {traceback.format_exc()}")


def drain() -> None:
    """Leave Edit Mode, in which imports wait, resume a paused queue, and run the timer until every job has ended."""
    from blender_text3d.addon.jobs import poll_timer
    from blender_text3d.addon.state.session_state import state

    if bpy.context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    if bpy.ops.text3d.queue_resume.poll():
        bpy.ops.text3d.queue_resume()
    give_up = time.monotonic() + DRAIN_S
    while state.jobs:
        poll_timer.on_timer()
        time.sleep(0.01)
        if time.monotonic() > give_up:
            raise ValueError(f"{list(state.jobs)} did not end")


def main() -> int:
    """Run the actions and print the findings."""
    options = parse_arguments(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
    folder = Path(tempfile.mkdtemp(prefix="text3d-driver-"))
    os.environ["BLENDER_TEXT3D_HOME"] = str(folder / "home")
    if options.scripted:
        os.environ["TEXT3D_WORKER_PYTHON"] = str(scripted_python(folder))
    errors = folder / "stderr"
    kept = redirect_stderr(errors)
    bpy.ops.wm.read_homefile(app_template="")
    driver = Driver(options.seed, folder, options.trace)
    if options.control:
        driver.shares = ((without(user_actions.ACTIONS, "disable_and_enable"), 1),)
        driver.drive(options.steps)
    else:
        driver.shares = tuple((without(actions, *options.without), share) for actions, share in SHARES)
        blender_text3d.register()
        driver.drive(options.steps)
        blender_text3d.unregister()
    sys.stderr.flush()
    os.dup2(kept, 2)
    stderr = errors.read_text(errors="restart")
    driver.findings += [f"stderr: {stderr[start:][:3000]}" for start in [stderr.find("Traceback")] if start >= 0]
    facts = {"seed": options.seed, "steps": options.steps, "calls": driver.calls, "findings": driver.findings}
    print(json.dumps(facts), flush=True)
    return 1 if driver.findings else 0


def without(actions: tuple, *names: str) -> tuple:
    """Return the actions except some, to find out which of them causes an error."""
    return tuple(action for action in actions if action.__name__ not in names)


def redirect_stderr(path: Path) -> int:
    """Redirect descriptor 2 to a file; returns a copy of the old one."""
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    return kept


def scripted_python(folder: Path) -> Path:
    """Write a replacement for Python that runs the scripted worker of the tests."""
    program, script = folder / "python", REPOSITORY / "tests" / "blender" / "scripted_worker.py"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="monkey.py", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", default="1")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--scripted", action="store_true", help="a worker without a model")
    parser.add_argument(
        "--control", action="store_true", help="run without the add-on, to see which crashes are Blender's own"
    )
    parser.add_argument("--without", nargs="*", default=[], metavar="ACTION", help="actions to leave out")
    parser.add_argument("--trace", type=argparse.FileType("w"), help="file that lists each action before it runs")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    os._exit(exit_code)  # skip the exit handlers of the bpy module
