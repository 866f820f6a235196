# SPDX-License-Identifier: GPL-3.0-or-later
"""The maker as a program: `python -m blender_text3d.setup make`. Says JSON lines (see progress.py) on stdout."""

import argparse
import sys
from pathlib import Path

from .check import problems
from .make import make
from .paths import worker_env_dir
from .problem import SetupFailed
from .progress import Progress


def main() -> int:
    """Exit code 0 when the environment is ready."""
    options = _options()
    env_dir = Path(options.env).expanduser().absolute()
    return (_make if options.action == "make" else _check)(env_dir, options)


def _make(env_dir: Path, options: argparse.Namespace) -> int:
    try:
        make(env_dir, lambda text, share: _say(Progress(text, share)), python=options.python, torch=options.torch)
    except SetupFailed as error:
        _say(Progress(error.problem.message, state="failed", fix=error.problem.fix))
        return 1
    _say(Progress(f"The Python environment {env_dir} is ready.", 1.0, "ready"))
    return 0


def _check(env_dir: Path, options: argparse.Namespace) -> int:
    found = problems(env_dir)
    for problem in found:
        _say(Progress(problem.message, state="failed", fix=problem.fix))
    if not found:
        _say(Progress(f"The Python environment {env_dir} is ready.", 1.0, "ready"))
    return 1 if found else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m blender_text3d.setup", description="The worker's environment.")
    parser.add_argument("action", choices=("make", "check"))
    parser.add_argument("--env", default=str(worker_env_dir()), help="the environment's folder (%(default)s)")
    parser.add_argument("--python", default="", help="the Python to build on; searched for if not given")
    parser.add_argument("--torch", default="auto", help="PyTorch's build: auto, cpu, cu130 ..., default")
    return parser.parse_args()


def _say(progress: Progress) -> None:
    sys.stdout.write(progress.to_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
