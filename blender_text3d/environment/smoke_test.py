# SPDX-License-Identifier: GPL-3.0-or-later
"""The smoke test of an environment: import its modules, and generate a small object with the worker."""

import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from ..protocol.create_job import create_job
from ..protocol.events import Failed, Finished, Started
from ..protocol.job_folder import JobFolder
from ..protocol.request import make_requests
from ..system.run_logged import Log, clean_environment, run_logged
from ..system.run_module import python_options
from .errors import SetupFailed
from .requirements import Packages
from .smoke_test_result import SmokeTestResult

TIMEOUT_S = 600
SMALL_JOB: dict[str, Any] = {"model": "mini/shap-e", "quality": "draft", "steps": 2, "grid": 32, "seed": 1}
RETRY = "Press Set Up again. If the problem persists, choose another Python, another PyTorch build or another folder."
PACKAGE = Path(__file__).absolute().parents[1]

# The result is the last line, after anything that the imported packages print.
PROBE = """
import json, platform, sys, {modules}
from importlib.metadata import version, PackageNotFoundError
def version_of(name):
    try: return version(name)
    except PackageNotFoundError: return ""
torch = sys.modules.get("torch")
print()
is_rocm = bool(getattr(getattr(torch, "version", None), "hip", None))
print(json.dumps(dict(python=platform.python_version(), executable=sys.executable, torch=version_of("torch"),
                      rerun=version_of("rerun-sdk"), is_rocm=is_rocm)))
"""


class SmokeTestFailed(SetupFailed):
    """A Python failed the smoke test."""


def run_smoke_test(python: Path, packages: Packages, log: Log) -> SmokeTestResult:
    """Run the smoke test of a Python and return its result.

    Raises:
        SmokeTestFailed: An import or the worker's job failed.
    """
    facts = _import_modules(python, packages.modules, log)
    is_rocm = facts.pop("is_rocm")
    if not packages.is_worker:
        return SmokeTestResult(**facts)
    start_s = time.monotonic()
    started = _generate_small_object(python, log)
    seconds = round(time.monotonic() - start_s, 1)
    return SmokeTestResult(
        **facts, device=_device_type(started.device, is_rocm), device_name=started.device_name, seconds=seconds
    )


def _import_modules(python: Path, modules: tuple[str, ...], log: Log) -> dict[str, Any]:
    command: list[str | Path] = [python, "-I", "-c", PROBE.format(modules=", ".join(modules))]
    try:
        result = run_logged(command, log)
        if result.code == 0:
            facts: dict[str, Any] = json.loads(result.last_line)
            return facts
        details = result.last_line
    except (OSError, ValueError) as error:
        details = str(error)
    raise SmokeTestFailed(f"The packages of {python} are installed but do not work. {details}", RETRY)


def _generate_small_object(python: Path, log: Log) -> Started:
    """Generate an object and return the event of its start."""
    with tempfile.TemporaryDirectory(prefix="text3d-test-", ignore_cleanup_errors=True) as scratch:
        (request,) = make_requests("a red chair", **SMALL_JOB)
        job = create_job(Path(scratch), request)
        details = _run_worker(python, job, log)
        events = job.events()
        log.add(job.log.read_text(encoding="utf-8", errors="replace") if job.log.exists() else "")
    log.add("\n".join(str(event) for event in events))
    last = events[-1]
    if isinstance(last, Finished):
        return next(event for event in events if isinstance(event, Started))
    if isinstance(last, Failed):
        details = f"{last.message} {last.fix}"
    raise SmokeTestFailed(f"{python} could not generate a test object. {details}".strip(), RETRY)


def _run_worker(python: Path, job: JobFolder, log: Log) -> str:
    """Run one job in a worker, and return its last line of output or why there is none."""
    command = [str(python), "-B", "-u", *python_options(PACKAGE, "worker")]
    log.add("$ " + " ".join(command))
    offer = json.dumps({"do": [str(job.path)]}) + "\n"
    try:
        done = subprocess.run(
            command, input=offer, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            errors="replace", cwd=PACKAGE.parent, env=clean_environment(), timeout=TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"It did not finish within {TIMEOUT_S / 60:.0f} minutes."
    except OSError as error:
        return f"It could not be started: {error.strerror}."
    log.add(done.stdout)
    return next((line.strip() for line in reversed(done.stdout.splitlines()) if line.strip()), "It produced no output.")


def _device_type(device: str, is_rocm: bool) -> str:
    name = device.partition(":")[0].upper()
    return "ROCm" if name == "CUDA" and is_rocm else name
