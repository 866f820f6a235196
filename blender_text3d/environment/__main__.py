# SPDX-License-Identifier: GPL-3.0-or-later
"""The maker as a program: `python -m blender_text3d.environment make`. Says JSON lines (see progress.py) on stdout."""

import argparse
import signal
import sys
from pathlib import Path

from ..system.console import use_lossy_console_encoding
from .actions import ACTIONS
from .errors import SetupFailed
from .paths import worker_env_dir
from .progress import Progress


def main() -> int:
    """Exit code 0 when it was done and all is well."""
    use_lossy_console_encoding()
    options = _options()
    _clear_away_when_stopped()
    options.env = Path(options.env).expanduser().absolute()
    try:
        return 0 if ACTIONS[options.action](options, _say) else 1
    except SetupFailed as error:
        _say(Progress(error.problem.message, state="failed", fix=error.problem.fix))
    except OSError as error:
        message = f"{error.filename or options.env} cannot be used: {error.strerror or error}."
        _say(Progress(message, state="failed", fix="Choose another folder in the add-on's preferences."))
    return 1


def _clear_away_when_stopped() -> None:
    """Let a stop be an exception, as Ctrl+C is: what was half made is then removed."""
    for name in ("SIGTERM", "SIGBREAK"):  # of Windows the second
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _stop)


def _stop(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second one must not end the clearing away
    sys.exit(128 + number)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m blender_text3d.environment", description="The worker's environment."
    )
    about = "  ".join(f"{name}: {do.__doc__}" for name, do in ACTIONS.items())
    parser.add_argument("action", choices=ACTIONS, help=about)
    parser.add_argument("--env", default=str(worker_env_dir()), help="the environment's folder (%(default)s)")
    parser.add_argument("--python", default="", help="the Python to build on; searched for if not given")
    parser.add_argument("--torch", default="auto", help="PyTorch's build: auto, cpu, cu130 ..., default, own")
    parser.add_argument("--torch-index", default="", help="the index or folder for --torch own")
    parser.add_argument("--kit", default="", help="an offline kit's folder: nothing is downloaded")
    return parser.parse_args()


def _say(progress: Progress) -> None:
    sys.stdout.write(progress.to_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
