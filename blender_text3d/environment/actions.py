# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with an environment: make it, look at it, test and repair it, remove it, test another Python."""

import argparse
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..system.run_logged import Log
from .check import problems
from .create import alone, is_ready, make
from .errors import SetupFailed
from .installers.torch_build import expected_gb, torch_build
from .manifest import read_mark
from .offline.kit import Kit, checked_kit
from .offline.kit_weights import import_weights
from .paths import log_path, worker_code_dir, worker_python
from .progress import Progress
from .progress_reporter import ProgressReporter
from .remove import remove
from .requirements import WORKER
from .smoke_test import SmokeTestFailed, run_smoke_test
from .test_result import FILE_NAME as STAMP_NAME
from .test_result import own_stamp_path, read_stamp, write_stamp
from .versions import disk_bytes

Say = Callable[[Progress], None]
FIELDS_SET_ON_CREATE = ("tool", "notes", "wish", "build", "wished_python")  # facts that no test finds out
UNPACK_RATIO = 3.5  # wheels are packed
FIX = (
    "Press Check and Repair with online access allowed (`python -m blender_text3d.environment repair`), or install "
    "from the folder of an offline kit."
)


def make_it(options: argparse.Namespace, say: Say) -> bool:
    """Make the environment, or finish or renew it; anew from a kit, which may hold another build."""
    _make(options, say, is_anew=bool(options.kit))
    return True


def renew_it(options: argparse.Namespace, say: Say) -> bool:
    """Make it anew though it works, for another build of PyTorch; the old one stays until the new one passes."""
    _make(options, say, is_anew=True)
    return True


def check_it(options: argparse.Namespace, say: Say) -> bool:
    """Say whether it is ready, by its files."""
    found = problems(options.env)
    for problem in found:
        say(Progress(problem.message, state="failed", fix=problem.fix))
    if not found:
        _say_ready(options.env, say)
    return not found


def test_it(options: argparse.Namespace, say: Say) -> bool:
    """Let the worker test it; nothing is installed and no network is needed."""
    if not is_ready(options.env):
        return check_it(options, say)
    try:
        _test(options.env, say)
    except SmokeTestFailed as error:
        raise SetupFailed(error.problem.message, FIX) from error
    _say_ready(options.env, say)
    return True


def repair_it(options: argparse.Namespace, say: Say) -> bool:
    """Let the worker test it, and make it anew where it fails."""
    if not is_ready(options.env):
        return make_it(options, say)
    try:
        _test(options.env, say)
    except SmokeTestFailed as error:
        say(Progress(f"It is made anew: {error.problem.message}"[:300], 0.05))
        return renew_it(options, say)
    _say_ready(options.env, say)
    return True


def remove_it(options: argparse.Namespace, say: Say) -> bool:
    """Remove the environment from the disk."""
    env_dir = options.env
    if read_mark(env_dir) is None:
        raise SetupFailed(f"There is no environment of ours in {env_dir}.", "Nothing was removed.")
    with alone(env_dir):
        say(Progress("Removing the environment", 0.1))
        remove(env_dir)
    log_path(env_dir).unlink(missing_ok=True)
    if env_dir.parent == worker_code_dir().parent:
        shutil.rmtree(worker_code_dir(), ignore_errors=True)
    say(Progress(f"The Python environment {env_dir} was removed.{_left_in(env_dir)}", 1.0, "ready"))
    return True


def try_it(options: argparse.Namespace, say: Say) -> bool:
    """Let the worker test the Python of --python as it is."""
    say(Progress(f"The worker tests {options.python}", 0.1))
    stamp_path = own_stamp_path(options.env.parent)
    stamp_path.parent.mkdir(parents=True, exist_ok=True)
    stamp_path.unlink(missing_ok=True)
    stamp = run_smoke_test(Path(options.python), WORKER, _log(options.env))
    write_stamp(stamp_path, replace(stamp, executable=options.python))
    say(Progress(f"{options.python} can run the worker.", 1.0, "ready"))
    return True


ACTIONS = {
    "make": make_it,
    "renew": renew_it,
    "check": check_it,
    "test": test_it,
    "repair": repair_it,
    "remove": remove_it,
    "try": try_it,
}


def _make(options: argparse.Namespace, say: Say, *, is_anew: bool = False) -> None:
    kit = None
    if options.kit:
        kit = checked_kit(Path(options.kit), WORKER, lambda text, share: say(Progress(text, 0.05 * share)))
    with ProgressReporter(say, options.env, _of_bytes(options, kit)) as teller:
        make(
            options.env, teller.report, python=options.python, torch=options.torch, torch_index=options.torch_index,
            kit=kit, is_anew=is_anew,
        )  # fmt: skip
        if kit and kit.weights:
            import_weights(options.env, kit.weights, teller.report)
    _say_ready(options.env, say)


def _of_bytes(options: argparse.Namespace, kit: Kit | None) -> int:
    if kit:
        return int(sum(file.size_bytes for file in kit.files if file.path.endswith(".whl")) * UNPACK_RATIO)
    return int(expected_gb(torch_build(options.torch)) * 1e9)


def _test(env_dir: Path, say: Say) -> None:
    """Renew the stamp of an environment that is in use."""
    say(Progress("The worker tests the environment", 0.02))
    python = worker_python(env_dir)
    folder = python.parent.parent
    with alone(env_dir):
        old = read_stamp(folder / STAMP_NAME)
        stamp = run_smoke_test(python, WORKER, _log(env_dir))
        kept = {name: getattr(old, name) for name in FIELDS_SET_ON_CREATE} if old else {}
        write_stamp(folder / STAMP_NAME, replace(stamp, disk_bytes=disk_bytes(folder), **kept))


def _left_in(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" Other files in it were left alone: {', '.join(names[:3])}{more}." if names else ""


def _log(env_dir: Path) -> Log:
    log_path(env_dir).unlink(missing_ok=True)
    return Log(log_path(env_dir))


def _say_ready(env_dir: Path, say: Say) -> None:
    say(Progress(f"The Python environment {env_dir} is ready.", 1.0, "ready"))
