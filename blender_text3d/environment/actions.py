# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of `python -m blender_text3d.environment`: create, test, repair and remove an environment."""

import argparse
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..system.run_logged import Log
from .check import find_problems, is_ready
from .create import create_environment
from .errors import SetupFailed
from .installers.torch_build import expected_gb, torch_build
from .lock import require_lock
from .manifest import read_manifest
from .offline.kit import Kit, import_weights
from .offline.kit_files import load_verified_kit
from .optional_parts import PARTS
from .part_actions import add_part, remove_part
from .paths import log_path, worker_code_dir, worker_python
from .progress import Progress
from .progress_reporter import ProgressReporter
from .remove import remove_environment
from .requirements import WORKER
from .smoke_test import SmokeTestFailed, run_smoke_test
from .smoke_test_result import FILE_NAME as TEST_RESULT_NAME
from .smoke_test_result import override_result_path, read_test_result, write_test_result
from .versions import disk_bytes

Send = Callable[[Progress], None]
FIELDS_SET_ON_CREATE = ("tool", "notes", "requested_build", "build", "requested_python")  # kept by a later test
UNPACK_RATIO = 3.5  # size of installed packages to that of their wheels
FIX = (
    "Press Check and Repair with online access allowed (`python -m blender_text3d.environment repair`), or install "
    "from an offline kit."
)


def make(options: argparse.Namespace, send: Send) -> bool:
    """Create the environment if it is not ready; always from an offline kit, which may contain another build."""
    _create(options, send, force=bool(options.kit))
    return True


def renew(options: argparse.Namespace, send: Send) -> bool:
    """Replace the environment even if it is ready; the old one stays in use until the new one passes its test."""
    _create(options, send, force=True)
    return True


def check(options: argparse.Namespace, send: Send) -> bool:
    """Report whether the environment is ready, from its files."""
    problems = find_problems(options.env)
    for problem in problems:
        send(Progress(problem.message, state="failed", fix=problem.fix))
    if not problems:
        _send_ready(options.env, send)
    return not problems


def test(options: argparse.Namespace, send: Send) -> bool:
    """Generate a small object with the environment; installs nothing and needs no network."""
    if not is_ready(options.env):
        return check(options, send)
    try:
        _test(options.env, send)
    except SmokeTestFailed as error:
        raise SetupFailed(error.problem.message, FIX) from error
    _send_ready(options.env, send)
    return True


def repair(options: argparse.Namespace, send: Send) -> bool:
    """Test the environment, and replace it if the test fails."""
    if not is_ready(options.env):
        return make(options, send)
    try:
        _test(options.env, send)
    except SmokeTestFailed as error:
        send(Progress(f"Replacing the environment: {error.problem.message}"[:300], 0.05))
        return renew(options, send)
    _send_ready(options.env, send)
    return True


def remove(options: argparse.Namespace, send: Send) -> bool:
    """Remove the environment from the disk."""
    env_dir = options.env
    if read_manifest(env_dir) is None:
        raise SetupFailed(f"{env_dir} is not an environment of the add-on.", "Nothing was removed.")
    with require_lock(env_dir):
        send(Progress("Removing the environment", 0.1))
        remove_environment(env_dir)
    log_path(env_dir).unlink(missing_ok=True)
    if env_dir.parent == worker_code_dir().parent:
        shutil.rmtree(worker_code_dir(), ignore_errors=True)
    send(Progress(f"The Python environment {env_dir} was removed.{_remaining_files(env_dir)}", 1.0, "ready"))
    return True


def test_other(options: argparse.Namespace, send: Send) -> bool:
    """Generate a small object with the Python of --python, and change nothing in it."""
    send(Progress(f"Testing {options.python}", 0.1))
    result_path = override_result_path(options.env.parent)
    result_path.parent.mkdir(parents=True, exist_ok=True)
    result_path.unlink(missing_ok=True)
    result = run_smoke_test(Path(options.python), WORKER, _new_log(options.env))
    write_test_result(result_path, replace(result, executable=options.python))
    send(Progress(f"{options.python} can generate objects.", 1.0, "ready"))
    return True


def add_optional_part(options: argparse.Namespace, send: Send) -> bool:
    """Install the optional part --part."""
    part = PARTS[options.part]
    with ProgressReporter(send, options.env, part.size_bytes) as reporter:
        add_part(options.env, part, reporter.report)
    send(Progress(f"The optional part {part.label} is installed.", 1.0, "ready"))
    return True


def remove_optional_part(options: argparse.Namespace, send: Send) -> bool:
    """Remove the optional part --part."""
    part = PARTS[options.part]
    remove_part(options.env, part, lambda text, share: send(Progress(text, share)))
    send(Progress(f"The optional part {part.label} was removed.", 1.0, "ready"))
    return True


ACTIONS = {
    "make": make,
    "renew": renew,
    "check": check,
    "test": test,
    "repair": repair,
    "remove": remove,
    "try": test_other,
    "add-part": add_optional_part,
    "remove-part": remove_optional_part,
}


def _create(options: argparse.Namespace, send: Send, *, force: bool) -> None:
    kit = None
    if options.kit:
        kit = load_verified_kit(Path(options.kit), WORKER, lambda text, share: send(Progress(text, 0.05 * share)))
    with ProgressReporter(send, options.env, _expected_bytes(options, kit)) as reporter:
        create_environment(
            options.env, reporter.report, python=options.python, torch=options.torch, torch_index=options.torch_index,
            kit=kit, force=force,
        )  # fmt: skip
        if kit and kit.weights:
            import_weights(options.env, kit.weights, reporter.report)
    _send_ready(options.env, send)


def _expected_bytes(options: argparse.Namespace, kit: Kit | None) -> int:
    if kit:
        return int(sum(file.size_bytes for file in kit.files if file.path.endswith(".whl")) * UNPACK_RATIO)
    return int(expected_gb(torch_build(options.torch)) * 1e9)


def _test(env_dir: Path, send: Send) -> None:
    """Replace the test result of an environment in use."""
    send(Progress("Testing the environment", 0.02))
    python = worker_python(env_dir)
    folder = python.parent.parent
    with require_lock(env_dir):
        old = read_test_result(folder / TEST_RESULT_NAME)
        result = run_smoke_test(python, WORKER, _new_log(env_dir))
        kept = {name: getattr(old, name) for name in FIELDS_SET_ON_CREATE} if old else {}
        write_test_result(folder / TEST_RESULT_NAME, replace(result, disk_bytes=disk_bytes(folder), **kept))


def _remaining_files(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" Other files in it were not removed: {', '.join(names[:3])}{more}." if names else ""


def _new_log(env_dir: Path) -> Log:
    log_path(env_dir).unlink(missing_ok=True)
    return Log(log_path(env_dir))


def _send_ready(env_dir: Path, send: Send) -> None:
    send(Progress(f"The Python environment {env_dir} is ready.", 1.0, "ready"))
