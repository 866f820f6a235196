# SPDX-License-Identifier: GPL-3.0-or-later
"""The test suites: what each needs, and how it is run."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from blender_text3d.environment.paths import worker_python
from scripts.testing.environments import BLENDERS, REPOSITORY, WORKER_NAME
from scripts.testing.results import Outcome, pytest_outcome

TIMEOUT_S = 1800
REAL_BLENDER = "TEXT3D_REAL_BLENDER"
REFERENCE_PYTHON = "TEXT3D_REFERENCE_PYTHON"
NEED_MORE = ("tests/blender", "tests/extension", "tests/window", "tests/reference")


@dataclass(frozen=True)
class Suite:
    """One run of pytest.

    Attributes:
        name: As in the command line of scripts/test.py.
        environment: Name of the environment whose Python runs it.
        arguments: For pytest.
        variables: Environment variables that its tests read.
    """

    name: str
    environment: str
    arguments: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)


def all_suites(extension_zip: Path) -> list[Suite]:
    """Every suite, the longest first, so that two at a time end together."""
    plain = Suite("plain", WORKER_NAME, ("tests", *(f"--ignore={folder}" for folder in NEED_MORE)))
    inside = [Suite(f"blender-{version}", f"bpy-{version}", ("tests/blender",)) for version in BLENDERS]
    zipped = {"TEXT3D_ZIP": str(extension_zip)}
    installed = [Suite(f"extension-{v}", f"bpy-{v}", ("tests/extension",), zipped) for v in ("4.2", "5.0", "5.2")]
    window = Suite("window", WORKER_NAME, ("tests/window",), zipped)
    reference = Suite("reference", WORKER_NAME, ("tests/reference",))
    return [plain, *inside, *installed, window, reference]


def run_lint(python: Path) -> Outcome:
    """Ruff over the whole repository, counted as one test."""
    start = time.monotonic()
    exit_code = subprocess.run([python, "-m", "ruff", "check", "."], cwd=REPOSITORY).returncode
    return Outcome("lint", passed=int(not exit_code), failed=int(bool(exit_code)), seconds=time.monotonic() - start)


def run_suite(suite: Suite, envs_dir: Path, python_of: Callable[[str], Path]) -> Outcome:
    """Run one suite in its environment, print what pytest says when it has ended, and count."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="text3d-test-") as scratch:
        report = Path(scratch) / "report.xml"
        command = [
            str(python_of(suite.environment)),
            "-m",
            "pytest",
            *suite.arguments,
            "--durations=8",
            f"--junitxml={report}",
        ]
        exit_code, output = _run(command, _variables(suite, envs_dir, scratch))
        print(f"\n===== {suite.name} =====\n{output}", flush=True)
        return pytest_outcome(
            suite.name,
            report,
            exit_code,
            may_crash_at_exit=suite.environment == "bpy-4.2",
            seconds=time.monotonic() - start,
        )


def _run(command: list[str], variables: dict[str, str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        said = late.output or b""
        return 124, f"{said if isinstance(said, str) else said.decode(errors='replace')}\nended after {TIMEOUT_S} s"
    return done.returncode, done.stdout


def _variables(suite: Suite, envs_dir: Path, scratch: str) -> dict[str, str]:
    """A home of its own for every suite: a test never sees the user's jobs, environment or Blender preferences."""
    return (
        os.environ
        | suite.variables
        | {
            "BLENDER_TEXT3D_HOME": f"{scratch}/home",
            "BLENDER_USER_RESOURCES": f"{scratch}/blender",
            "TEXT3D_WORKER_PYTHON": str(worker_python(envs_dir / WORKER_NAME)),
            "OMP_NUM_THREADS": "1",  # two suites run at once, and PyTorch's threads stall each other on few cores
        }
    )
