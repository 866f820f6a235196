#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate a Blender file and an image from a prompt; the first run sets up everything it needs.

    python scripts/demo.py "a red chair"
    python scripts/demo.py "a blue mug" --seed 7 --out here --blender /path/to/blender
    python scripts/demo.py "a yellow bus" --model mini/three-step          a view of the prompt first

The worker's environment, and Blender as a Python module if no Blender is found, are stored in the user's data folder
(BLENDER_TEXT3D_HOME overrides it). Needs Python 3.11 or newer with pip.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.paths import worker_env_dir
from blender_text3d.protocol.models import DEFAULT_MODEL, MODELS
from blender_text3d.system.console import use_lossy_console_encoding
from blender_text3d.system.user_folders import data_dir
from scripts.testing.environments import BLENDERS, REPOSITORY, blender_env, has_python

INSIDE = REPOSITORY / "scripts" / "cli" / "demo_in_blender.py"
# The first with a Python on this machine is used; 5.0 before 5.2, since the worker needs the same Python.
MODULES = ("5.0", "5.2")


def main() -> int:
    """Return exit code 0 if the file holds the object."""
    use_lossy_console_encoding()
    options = _options()
    print(f"environments: {data_dir()}\noutputs:      {options.out.absolute()}", flush=True)
    try:
        create_environment(worker_env_dir(), _show)
        command = _blender_command(options.blender)
    except SetupFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(flush=True)
    return _run(command, options)


def _blender_command(blender: str) -> list[str]:
    """Return the command that runs a script in Blender: an installed one, or the module in its own environment."""
    found = blender or shutil.which("blender")
    if found:
        return [found, "--background", "--factory-startup", "--python-exit-code", "1", "--python", str(INSIDE), "--"]
    version = next((version for version in MODULES if has_python(BLENDERS[version])), MODULES[0])
    return [str(blender_env(data_dir() / "demo-envs", version, _show)), str(INSIDE), "--"]


def _run(command: list[str], options: argparse.Namespace) -> int:
    options.out.mkdir(parents=True, exist_ok=True)
    arguments = [options.prompt, str(options.out.absolute()), str(options.seed), options.quality, options.model]
    # Blender's preferences are neither read nor written.
    own_blender = {"BLENDER_USER_RESOURCES": str(data_dir() / "demo-blender")}
    return subprocess.run([*command, *arguments], env=os.environ | own_blender).returncode


def _show(message: str, share: float) -> None:
    width = shutil.get_terminal_size().columns - 8
    end = "\n" if share == 1.0 or not sys.stdout.isatty() else "\033[K\r"
    print(f"{share:5.0%}  {message[:width]}", end=end, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prompt", help='such as "a red chair"')
    parser.add_argument("--seed", type=int, default=1, help="seed of the object (%(default)s)")
    parser.add_argument("--quality", default="standard", help="draft, standard or exact (%(default)s)")
    models = [name for name in MODELS if name.startswith("mini/")]
    parser.add_argument("--model", choices=models, default=DEFAULT_MODEL, help="one that is included (%(default)s)")
    parser.add_argument("--out", type=Path, default=Path("text3d-out"), help="folder for the outputs (%(default)s)")
    parser.add_argument("--blender", default="", help="path of the Blender program (found on PATH)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
