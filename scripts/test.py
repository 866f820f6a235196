#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test everything: lint, plain tests, the add-on inside several Blender versions, the built extension.

    python scripts/test.py                          everything; the first run creates the environments
    python scripts/test.py lint plain               only these suites
    python scripts/test.py fast                     lint, and the tests of the subpackages with uncommitted changes
    python scripts/test.py fast engine/diffusion    lint, and the tests of these subpackages
    python scripts/test.py --all-in-each-blender    all tests inside each Blender, not in the newest alone
    python scripts/test.py --envs FOLDER            environments in FOLDER instead of the user's data folder

Needs only Python 3.11 or newer and pip. The last line is `N passed, N failed[, N skipped]`.
"""

import argparse
import os
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.system.user_folders import data_dir
from scripts.build_extension import build
from scripts.testing.changed_packages import changed_packages, tests_of
from scripts.testing.environments import BLENDERS, REPOSITORY, WORKER_NAME, blender_env, has_python, worker_env
from scripts.testing.results import Outcome
from scripts.testing.suites import REAL_BLENDER, REFERENCE_PYTHON, TRAIN, Suite, all_suites, run_lint, run_suite

DOWNLOADS_AT_ONCE = 3
MIN_AT_ONCE, MAX_AT_ONCE = 3, 6  # three on two cores: tests wait for other processes half of their time
LONG_SUITES = 4  # those that are started before the linters
FAST_BLENDERS = ("5.2", "5.0")


def main() -> int:
    """Return exit code 0 if something passed and nothing failed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs, and their children, ignore it
    options = _options()
    is_fast = options.suites[:1] == ["fast"]
    suites = fast_suites(options.suites[1:]) if is_fast else _wanted_suites(options)
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as makers, ThreadPoolExecutor(suites_at_once()) as runners:
        names = {WORKER_NAME, *(suite.environment for suite in suites)}
        pythons = {name: makers.submit(_environment, options.envs, name) for name in sorted(names, reverse=True)}
        runs = [partial(_outcome, suite, options.envs, pythons) for suite in suites]
        if is_fast or _is_wanted("lint", options):
            runs.insert(LONG_SUITES, partial(_lint, pythons))
        running = [runners.submit(run) for run in runs]
        outcomes = [future.result() for future in running]
    return _summary(outcomes)


def suites_at_once() -> int:
    """Return the number of suites to run at once on this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(max(MIN_AT_ONCE, cores * 3 // 2), MAX_AT_ONCE)


def fast_suites(packages: list[str]) -> list[Suite]:
    """Return the suites for a change in one subpackage: its tests without the slow ones, in one Blender if needed.

    Args:
        packages: Folders below blender_text3d; if empty, those with uncommitted changes.
    """
    plain, blender = tests_of(packages or changed_packages())
    suites = [Suite("fast", WORKER_NAME, (*plain, "-m", "not slow"))]
    if blender:
        version = next((version for version in FAST_BLENDERS if has_python(BLENDERS[version])), FAST_BLENDERS[0])
        suites.append(Suite(f"fast-{version}", f"bpy-{version}", (*blender, "-m", "not slow")))
    return suites


def _wanted_suites(options: argparse.Namespace) -> list[Suite]:
    suites = all_suites(build(REPOSITORY / "dist"), all_in_each_blender=options.all_in_each_blender)
    return [suite for suite in suites if _is_wanted(suite.name, options)]


def _environment(envs_dir: Path, name: str) -> Path:
    start = time.monotonic()
    python = worker_env(envs_dir, _quiet) if name == WORKER_NAME else blender_env(envs_dir, name[4:], _quiet)
    print(f"environment {name} ready after {time.monotonic() - start:.0f} s", flush=True)
    return python


def _outcome(suite: Suite, envs_dir: Path, pythons: dict[str, Future]) -> Outcome:
    blender = BLENDERS.get(suite.environment.removeprefix("bpy-"))
    if blender and not has_python(blender):
        version = " or ".join(blender.python_versions)
        return Outcome(suite.name, skipped=1, note=f"NOT RUN: no Python {version} on this machine")
    if suite.name == "window" and not os.environ.get(REAL_BLENDER):
        return Outcome(suite.name, skipped=1, note=f"NOT RUN: {REAL_BLENDER} names no Blender with a window")
    if suite.name == "training" and not os.environ.get(TRAIN):
        return Outcome(suite.name, skipped=1, note=f"NOT RUN: {TRAIN} is not set; it takes half an hour")
    official = os.environ.get(REFERENCE_PYTHON)
    if suite.name == "reference":
        note = f"NOT RUN: {REFERENCE_PYTHON} names no Python with point_e, shap_e and clip"
        return run_suite(suite, envs_dir, lambda _: Path(official)) if official else Outcome("reference", 0, 0, 1, note)
    try:
        pythons[WORKER_NAME].result()  # tests inside Blender start a real worker
        return run_suite(suite, envs_dir, lambda name: pythons[name].result())
    except SetupFailed as error:
        return Outcome(suite.name, failed=1, note=str(error))


def _lint(pythons: dict[str, Future]) -> Outcome:
    try:
        return run_lint(pythons[WORKER_NAME].result())
    except SetupFailed as error:
        return Outcome("lint", failed=1, note=str(error))


def _summary(outcomes: list[Outcome]) -> int:
    print("\n" + "\n".join(map(str, outcomes)) + "\n")
    passed, failed, skipped = (sum(getattr(o, key) for o in outcomes) for key in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


def _is_wanted(name: str, options: argparse.Namespace) -> bool:
    return not options.suites or any(name == suite or name.startswith(suite + "-") for suite in options.suites)


def _quiet(_message: str, _share: float) -> None:
    """Ignore progress: several environments are created at once, and their messages would mix."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "suites",
        nargs="*",
        help="lint, plain, blender, blender-5.0, extension, window, reference, training; all if none; or fast",
    )
    parser.add_argument("--all-in-each-blender", action="store_true", help="all tests inside each Blender")
    parser.add_argument("--envs", type=Path, default=data_dir() / "test-envs", help="environments (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
