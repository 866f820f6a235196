#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt in, a Blender file and a picture out; makes everything that it needs on its first run.

    python scripts/demo.py "a red chair"
    python scripts/demo.py "a blue mug" --seed 7 --out here --blender /path/to/blender

The worker's environment, and Blender as a Python module where no Blender is found, lie in the user's data folder
(BLENDER_TEXT3D_HOME moves it). Needs Python 3.11 or newer with pip.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.environment.create import make
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.paths import data_dir, worker_env_dir
from blender_text3d.system.console import use_lossy_console_encoding
from scripts.testing.environments import BLENDERS, REPOSITORY, blender_env, has_python

INSIDE = REPOSITORY / "scripts" / "cli" / "demo_in_blender.py"
# The first whose Python is on this machine; 5.0 before 5.2, because the worker needs that Python too.
MODULES = ("5.0", "5.2")


def main() -> int:
    """Exit code 0 when the object stands in the file."""
    use_lossy_console_encoding()
    options = _options()
    print(f"environments: {data_dir()}\noutputs:      {options.out.absolute()}", flush=True)
    try:
        make(worker_env_dir(), _show)
        command = _blender_command(options.blender)
    except SetupFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(flush=True)
    return _run(command, options)


def _blender_command(blender: str) -> list[str]:
    """The command that runs a script inside Blender: a real one, or the module in an environment of its own."""
    found = blender or shutil.which("blender")
    if found:
        return [found, "--background", "--factory-startup", "--python-exit-code", "1", "--python", str(INSIDE), "--"]
    version = next((version for version in MODULES if has_python(BLENDERS[version])), MODULES[0])
    return [str(blender_env(data_dir() / "demo-envs", version, _show)), str(INSIDE), "--"]


def _run(command: list[str], options: argparse.Namespace) -> int:
    options.out.mkdir(parents=True, exist_ok=True)
    arguments = [options.prompt, str(options.out.absolute()), str(options.seed), options.quality]
    # Blender's preferences are neither read nor written.
    own_blender = {"BLENDER_USER_RESOURCES": str(data_dir() / "demo-blender")}
    return subprocess.run([*command, *arguments], env=os.environ | own_blender).returncode


def _show(message: str, share: float) -> None:
    width = shutil.get_terminal_size().columns - 8
    end = "\n" if share == 1.0 or not sys.stdout.isatty() else "\033[K\r"
    print(f"{share:5.0%}  {message[:width]}", end=end, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompt", help='what to make, such as "a red chair"')
    parser.add_argument("--seed", type=int, default=1, help="another number gives another object (%(default)s)")
    parser.add_argument("--quality", default="standard", help="draft, standard or exact (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("text3d-out"), help="folder for the outputs (%(default)s)")
    parser.add_argument("--blender", default="", help="a Blender's program file; one on PATH is found")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
