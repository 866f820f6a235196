# SPDX-License-Identifier: GPL-3.0-or-later
"""A user without a plan: random operators, values and accidents inside Blender, while jobs run.

    PYTHON scripts/fault_injection/scenarios/monkey.py --seed 1 --steps 500                    with the bpy module
    blender -b -P scripts/fault_injection/scenarios/monkey.py -- --seed 1 --steps 500          in Blender
    ... --scripted                                                          a worker without a model: many more jobs
    ... --control                                                           the same user without the add-on

The same seed does the same things. Prints a line of JSON: how many steps and operator calls there were, and every
error that was no sentence, with its step. The exit code is 1 where there was one.
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

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import bpy

import blender_text3d
from scripts.fault_injection.scenarios import deleted_files, user_actions, user_input

WITH_STEP = {user_input.set_any_setting, *user_actions.WITH_STEP}
"""After these Blender's window makes an undo step. A script that changes objects and makes none, and then undoes, makes
Blender crash, with our add-on or without it: a collection keeps pointing to an object that no step knows."""

SHARES = ((user_input.ACTIONS, 5), (user_actions.ACTIONS, 4), (deleted_files.ACTIONS, 1))
DRAIN_S = 90.0


class Driver:
    """Does one thing after the other and writes down what went wrong.

    Attributes:
        calls: How often each action was taken.
        findings: Errors that were no sentence for the user.
    """

    def __init__(self, seed: str, folder: Path, trace: TextIO | None = None) -> None:
        self.trace = trace
        self.shares = SHARES
        self.chance = random.Random(seed)
        self.folder = folder
        self.calls: Counter[str] = Counter()
        self.findings: list[str] = []

    def drive(self, steps: int) -> None:
        """So many steps, and then until nothing runs any more."""
        for number in range(steps):
            ((actions, _),) = self.chance.choices(self.shares, [share for _, share in self.shares])
            action = self.chance.choice(actions)
            self.calls[action.__name__] += 1
            if self.trace:
                self.trace.write(f"{number} {action.__name__}\n")
                self.trace.flush()
            self.attempt(number, action)
            if action in WITH_STEP:
                self.attempt(number, lambda _: bpy.ops.ed.undo_push(message="a random step"))
        if len(self.shares) == len(SHARES):
            self.attempt(steps, lambda _: drain())

    def attempt(self, number: int, action) -> None:
        """One step. An operator that refuses raises RuntimeError with its sentence, which is as it should be."""
        try:
            action(self)
        except RuntimeError as error:
            if "Traceback" in str(error):
                self.findings.append(f"step {number}, {action.__name__}: {error}")
        except Exception:
            self.findings.append(f"step {number}, {action.__name__}: {traceback.format_exc()}")


def drain() -> None:
    """Tick until every job has ended, out of Edit Mode, where objects wait."""
    from blender_text3d.addon.jobs import poll_timer
    from blender_text3d.addon.state.session_state import state

    if bpy.context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    give_up = time.monotonic() + DRAIN_S
    while state.jobs:
        poll_timer.on_timer()
        time.sleep(0.01)
        if time.monotonic() > give_up:
            raise ValueError(f"{list(state.jobs)} did not end")


def main() -> int:
    """Drive, and tell."""
    options = options_from(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:])
    folder = Path(tempfile.mkdtemp(prefix="text3d-driver-"))
    os.environ["BLENDER_TEXT3D_HOME"] = str(folder / "home")
    if options.scripted:
        os.environ["TEXT3D_WORKER_PYTHON"] = str(scripted_python(folder))
    errors = folder / "stderr"
    kept = heard_in(errors)
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
    said = errors.read_text(errors="replace")
    driver.findings += [f"stderr: {said[place:][:3000]}" for place in [said.find("Traceback")] if place >= 0]
    facts = {"seed": options.seed, "steps": options.steps, "calls": driver.calls, "findings": driver.findings}
    print(json.dumps(facts), flush=True)
    return 1 if driver.findings else 0


def without(actions: tuple, *names: str) -> tuple:
    """Actions but for some, to find out which of them is to blame."""
    return tuple(action for action in actions if action.__name__ not in names)


def heard_in(path: Path) -> int:
    """Send descriptor 2 to a file; gives the old one."""
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
    return kept


def scripted_python(folder: Path) -> Path:
    """A program in a Python's place that runs the worker of the tests, which has no model."""
    program, script = folder / "python", REPOSITORY / "tests" / "blender" / "scripted_worker.py"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def options_from(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="monkey.py", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", default="1")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--scripted", action="store_true", help="a worker without a model")
    parser.add_argument("--control", action="store_true", help="without the add-on: what crashes then is Blender's own")
    parser.add_argument("--without", nargs="*", default=[], metavar="ACTION", help="leave these out")
    parser.add_argument("--trace", type=argparse.FileType("w"), help="file that names each step before it is taken")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    os._exit(exit_code)  # Blender 4.2 as a module may crash at exit, which is not ours
