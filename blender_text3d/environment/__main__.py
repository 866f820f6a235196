# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m blender_text3d.environment make`: act on an environment. Prints JSON lines, see progress.py."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from ..system.console import use_lossy_console_encoding
from .actions import ACTIONS
from .errors import SetupFailed
from .optional_parts import PARTS
from .paths import worker_env_dir
from .progress import Progress


def main() -> int:
    """Return exit code 0 if the action succeeded."""
    use_lossy_console_encoding()
    options = _parse_options()
    _exit_on_signals()
    options.env = Path(options.env).expanduser().absolute()
    try:
        return 0 if ACTIONS[options.action](options, _send) else 1
    except SetupFailed as error:
        _send(Progress(error.problem.message, state="failed", fix=error.problem.fix))
    except OSError as error:
        message = f"{error.filename or options.env} cannot be used: {error.strerror or error}."
        _send(Progress(message, state="failed", fix="Choose another folder in the add-on's preferences."))
    return 1


def _exit_on_signals() -> None:
    """Turn a stop signal into SystemExit, so that partial files are removed as after Ctrl+C."""
    for name in ("SIGTERM", "SIGBREAK"):  # the second on Windows
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _exit)


def _exit(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second signal must not interrupt the removal
    sys.exit(128 + number)


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m blender_text3d.environment", description="The Python environment of the worker."
    )
    about = "  ".join(f"{name}: {action.__doc__}" for name, action in ACTIONS.items())
    parser.add_argument("action", choices=ACTIONS, help=about)
    parser.add_argument("--env", default=str(worker_env_dir()), help="folder of the environment (%(default)s)")
    parser.add_argument("--python", default="", help="Python to build on; searched for if not given")
    parser.add_argument("--torch", default="auto", help="PyTorch build: auto, cpu, cu130 ..., default, own")
    parser.add_argument("--torch-index", default="", help="index URL or folder for --torch own")
    parser.add_argument("--kit", default="", help="folder of an offline kit; nothing is downloaded")
    parser.add_argument("--part", default=next(iter(PARTS)), choices=PARTS, help="an optional part (%(default)s)")
    return parser.parse_args()


def _send(progress: Progress) -> None:
    sys.stdout.write(progress.to_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
