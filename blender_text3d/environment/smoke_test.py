# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's own test of an environment: its modules are imported, and it makes one small object as ever."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from ..protocol.create_job import create_job
from ..protocol.events import Failed, Finished, Started
from ..protocol.job_folder import JobFolder
from ..protocol.request import make_requests
from ..system.run_logged import Log, clean_environment, run_logged
from ..system.run_module import python_options
from .errors import SetupFailed
from .requirements import Packages
from .test_result import SmokeTestResult

TIMEOUT_S = 600
SMALL = {"model": "mini/shap-e", "quality": "draft", "steps": 2, "grid": 32, "seed": 1}
RETRY = "Press Set Up again; if it stays, choose another Python, another build of PyTorch or another folder."
PACKAGE = Path(__file__).absolute().parents[1]

# Said after everything was imported; what a package prints by itself stands before it.
PROBE = """
import json, platform, sys, {modules}
from importlib.metadata import version, PackageNotFoundError
def of(name):
    try: return version(name)
    except PackageNotFoundError: return ""
torch = sys.modules.get("torch")
print()
print(json.dumps(dict(python=platform.python_version(), executable=sys.executable, torch=of("torch"),
                      rerun=of("rerun-sdk"), is_rocm=bool(getattr(getattr(torch, "version", None), "hip", None)))))
"""


class SmokeTestFailed(SetupFailed):
    """A Python cannot do what its packages are for."""


def run_smoke_test(python: Path, packages: Packages, log: Log) -> SmokeTestResult:
    """See that a Python can do what its packages are for.

    Raises:
        SmokeTestFailed: It cannot; the message says what failed.
    """
    facts = _imports(python, packages.modules, log)
    is_rocm = facts.pop("is_rocm")
    if not packages.is_worker:
        return SmokeTestResult(**facts)
    begun = time.monotonic()
    started = _small_object(python, log)
    seconds = round(time.monotonic() - begun, 1)
    return SmokeTestResult(
        **facts, device=_kind(started.device, is_rocm), device_name=started.device_name, seconds=seconds
    )


def _imports(python: Path, modules: tuple[str, ...], log: Log) -> dict:
    command = [python, "-I", "-c", PROBE.format(modules=", ".join(modules))]
    try:
        ended = run_logged(command, log)
        if ended.code == 0:
            return json.loads(ended.last_line)
        said = ended.last_line
    except (OSError, ValueError) as error:
        said = str(error)
    raise SmokeTestFailed(f"The packages of {python} are installed but do not work. {said}", RETRY)


def _small_object(python: Path, log: Log) -> Started:
    """How the worker began, once it has made the object."""
    with tempfile.TemporaryDirectory(prefix="text3d-test-", ignore_cleanup_errors=True) as scratch:
        (request,) = make_requests("a red chair", **SMALL)
        job = create_job(Path(scratch), request)
        said = _run_worker(python, job, log)
        events = job.events()
        log.add(job.log.read_text(encoding="utf-8", errors="replace") if job.log.exists() else "")
    log.add("\n".join(str(event) for event in events))
    last = events[-1]
    if isinstance(last, Finished):
        return next(event for event in events if isinstance(event, Started))
    if isinstance(last, Failed):
        said = f"{last.message} {last.fix}"
    raise SmokeTestFailed(f"The worker of {python} could not make an object to test itself. {said}".strip(), RETRY)


def _run_worker(python: Path, job: JobFolder, log: Log) -> str:
    """Let the worker make one job; gives its last line, in case it did not."""
    command = [str(python), "-B", "-u", *python_options(PACKAGE, "worker")]
    log.add("$ " + " ".join(command))
    offer = json.dumps({"do": [str(job.path)]}) + "\n"
    try:
        done = subprocess.run(
            command, input=offer, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            errors="replace", cwd=PACKAGE.parent, env=clean_environment(), timeout=TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"It was not done after {TIMEOUT_S / 60:.0f} minutes."
    except OSError as error:
        return f"It cannot be started: {error.strerror}."
    log.add(done.stdout)
    return next((line.strip() for line in reversed(done.stdout.splitlines()) if line.strip()), "It said nothing.")


def _kind(device: str, is_rocm: bool) -> str:
    name = device.partition(":")[0].upper()
    return "ROCm" if name == "CUDA" and is_rocm else name
