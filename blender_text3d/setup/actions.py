# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with an environment: make it, look at it, test and repair it, remove it, test another Python."""

import argparse
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .check import problems
from .generations import disk_bytes
from .kit import Kit, checked_kit
from .kit_weights import import_weights
from .lock import lock_path
from .make import alone, is_ready, make
from .mark import FILE_NAME as MARK_NAME
from .mark import read_mark
from .packages import WORKER
from .paths import log_path, worker_code_dir, worker_python
from .problem import SetupFailed
from .progress import Progress
from .proof import prove
from .running import Log
from .stamp import FILE_NAME as STAMP_NAME
from .stamp import own_stamp_path, read_stamp, write_stamp
from .telling import Teller
from .torch_build import expected_gb, torch_build

Say = Callable[[Progress], None]
KIT_GROWS = 3.5  # wheels are packed


def make_it(options: argparse.Namespace, say: Say) -> bool:
    """Make the environment, or finish or renew it."""
    _make(options, say)
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


def repair_it(options: argparse.Namespace, say: Say) -> bool:
    """Let the worker test it, and make it anew where it fails."""
    if is_ready(options.env):
        say(Progress("The worker tests the environment", 0.02))
        try:
            _test(options.env)
        except SetupFailed as error:
            say(Progress(f"It is made anew: {error.problem.message}"[:300], 0.05))
            _make(options, say, is_anew=True)
            return True
        _say_ready(options.env, say)
        return True
    return make_it(options, say)


def remove_it(options: argparse.Namespace, say: Say) -> bool:
    """Remove the environment from the disk."""
    if read_mark(options.env) is None:
        raise SetupFailed(f"There is no environment of ours in {options.env}.", "Nothing was removed.")
    with alone(options.env):
        say(Progress("Removing the environment", 0.1))
        _remove(options.env)
    for path in (log_path(options.env), lock_path(options.env)):
        path.unlink(missing_ok=True)
    if options.env.parent == worker_code_dir().parent:
        shutil.rmtree(worker_code_dir(), ignore_errors=True)
    say(Progress(f"The Python environment {options.env} was removed.", 1.0, "ready"))
    return True


def try_it(options: argparse.Namespace, say: Say) -> bool:
    """Let the worker test the Python of --python as it is."""
    say(Progress(f"The worker tests {options.python}", 0.1))
    stamp_path = own_stamp_path(options.env.parent)
    stamp_path.parent.mkdir(parents=True, exist_ok=True)
    stamp_path.unlink(missing_ok=True)
    stamp = prove(Path(options.python), WORKER, _log(options.env))
    write_stamp(stamp_path, replace(stamp, executable=options.python))
    say(Progress(f"{options.python} can run the worker.", 1.0, "ready"))
    return True


ACTIONS = {
    "make": make_it,
    "renew": renew_it,
    "check": check_it,
    "repair": repair_it,
    "remove": remove_it,
    "try": try_it,
}


def _make(options: argparse.Namespace, say: Say, *, is_anew: bool = False) -> None:
    kit = None
    if options.kit:
        kit = checked_kit(Path(options.kit), WORKER, lambda text, share: say(Progress(text, 0.05 * share)))
    with Teller(say, options.env, _of_bytes(options, kit)) as teller:
        make(
            options.env, teller.report, python=options.python, torch=options.torch, torch_index=options.torch_index,
            kit=kit, is_anew=is_anew,
        )  # fmt: skip
        if kit and kit.weights:
            import_weights(options.env, kit.weights, teller.report)
    _say_ready(options.env, say)


def _of_bytes(options: argparse.Namespace, kit: Kit | None) -> int:
    if kit:
        return int(sum(file.size_bytes for file in kit.files if file.path.endswith(".whl")) * KIT_GROWS)
    return int(expected_gb(torch_build(options.torch)) * 1e9)


def _test(env_dir: Path) -> None:
    """Renew the stamp of an environment that is in use."""
    python = worker_python(env_dir)
    folder = python.parent.parent
    with alone(env_dir):
        old = read_stamp(folder / STAMP_NAME)
        stamp = prove(python, WORKER, _log(env_dir))
        kept = {"tool": old.tool, "notes": old.notes} if old else {}
        write_stamp(folder / STAMP_NAME, replace(stamp, disk_bytes=disk_bytes(folder), **kept))


def _remove(env_dir: Path) -> None:
    """All of it, the mark last: what a crash leaves is still known to be ours."""
    try:
        for path in sorted(env_dir.iterdir(), key=lambda path: path.name == MARK_NAME):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, onerror=_writable_then_removed)
            else:
                path.unlink()
        env_dir.rmdir()
    except OSError as error:
        raise SetupFailed(
            f"{error.filename} could not be removed: {error.strerror}.", "Close what uses it, and try again."
        ) from error


def _writable_then_removed(remove: Callable, path: str, _: object) -> None:
    os.chmod(path, stat.S_IRWXU)
    remove(path)


def _log(env_dir: Path) -> Log:
    log_path(env_dir).unlink(missing_ok=True)
    return Log(log_path(env_dir))


def _say_ready(env_dir: Path, say: Say) -> None:
    say(Progress(f"The Python environment {env_dir} is ready.", 1.0, "ready"))
