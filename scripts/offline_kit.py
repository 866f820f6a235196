#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with all that Set Up would download, for a machine without a network.

    python scripts/offline_kit.py make KIT              packages, and the models' files that are on this machine
    python scripts/offline_kit.py make KIT --no-weights
    python scripts/offline_kit.py check KIT             is everything there, and as it was packed?

On the other machine: Install from Folder in the add-on's preferences, or
`python -m blender_text3d.environment make --kit KIT`. It must have the same system, and a Python of the same version;
Blender brings one (3.11 up to Blender 5.0, 3.13 from 5.1). --python chooses for which one the kit is made, and which
one here is looked at by `check`. What lies in KIT and is not of a kit is left alone.
"""

import argparse
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.install_errors import install_error
from blender_text3d.environment.installers.install_plan import InstallStep, PackageSource, install_steps
from blender_text3d.environment.installers.pip_config import has_custom_source, read_pip_config
from blender_text3d.environment.installers.torch_build import build_to_install
from blender_text3d.environment.interpreters import Interpreter, find_interpreter
from blender_text3d.environment.offline.kit import (  # fmt: skip
    WEIGHTS,
    WHEELS,
    Kit,
    corrupt_files,
    read_kit,
    require_matching_kit,
    system_name,
    write_manifest,
)
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER, Packages
from blender_text3d.system.console import use_lossy_console_encoding
from blender_text3d.system.run_logged import Log, run_logged
from blender_text3d.system.user_folders import data_dir
from scripts.cli.offline_kit_folder import UNFINISHED, copy_weights, empty, packed_files


def main() -> int:
    """Exit code 0 when the kit is whole."""
    use_lossy_console_encoding()
    options = _options()
    try:
        return ACTIONS[options.action](options)
    except (SetupFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def make(options: argparse.Namespace, packages: Packages = WORKER) -> int:
    """Fill the folder and write its manifest, which comes last: a kit that was not finished has none."""
    folder = options.kit.expanduser().absolute()
    interpreter = fitting_python(packages.python_versions, options.python, f"no kit was made in {folder}")
    empty(folder, options.weights)
    print(f"Packages for Python {interpreter.version} on {system_name()}", flush=True)
    notes = download(interpreter.path, packages, build_to_install(options.torch), folder / WHEELS)
    if options.weights:
        copy_weights(options.weights, folder / WEIGHTS)
    kit = Kit(folder, interpreter.version, system_name(), torch_version(folder / WHEELS), packages.sha256, ())
    kit = replace(kit, files=packed_files(folder))
    write_manifest(kit)
    (folder / UNFINISHED).unlink()
    print(*notes, f"{len(kit.files)} files, {kit.size_bytes / 1e9:.2f} GB, in {folder}", sep="\n")
    require_matching_kit(kit, packages)
    return 0


def check(options: argparse.Namespace, packages: Packages = WORKER) -> int:
    """Compare every file with the manifest, and say whether the kit does for this machine."""
    kit = read_kit(options.kit)
    wrong = corrupt_files(kit)
    for line in wrong:
        print(line)
    whole = "damaged" if wrong else "whole"
    print(f"The kit is {whole}: {len(kit.files)} files for Python {kit.python} on {kit.system}, PyTorch {kit.torch}.")
    try:
        require_matching_kit(kit, packages)
        interpreter = fitting_python((kit.python,), options.python, f"the kit in {kit.folder} cannot be installed here")
    except SetupFailed as error:
        print(f"It does not do here: {error}")
        return 1
    print(f"It does for this machine, whose {interpreter.path} is Python {interpreter.version}.")
    return 1 if wrong else 0


ACTIONS = {"make": make, "check": check}


def fitting_python(versions: tuple[str, ...], chosen: str, consequence: str) -> Interpreter:
    """The Python that a kit is for.

    Raises:
        SetupFailed: There is none; the message ends with the consequence.
    """
    try:
        return find_interpreter(versions, chosen)
    except SetupFailed as error:
        fix = f"Install Python {' or '.join(versions)} with its venv module, or name one with --python."
        raise SetupFailed(f"{error.problem.message} So {consequence}.", fix) from error


def download(python: Path, packages: Packages, build: str, wheels: Path) -> list[str]:
    """All wheels, by the pip of a small environment; gives sentences for the user.

    Raises:
        SetupFailed: Something cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="text3d-kit-") as scratch:
        run_logged([python, "-I", "-m", "venv", scratch], Log())
        pip = venv_python(Path(scratch))
        is_custom = has_custom_source(read_pip_config(pip, Log()))
        return [
            note
            for step in install_steps(packages, PackageSource(build, is_custom=is_custom))
            for note in fetch(pip, step, wheels)
        ]


def fetch(pip: Path, step: InstallStep, wheels: Path) -> list[str]:
    """One step's wheels; what is there already is not fetched again."""
    command = [pip, "-I", "-m", "pip", "download", "--no-input", "--progress-bar", "off", "--dest", wheels]
    for attempt, note in zip(step.attempts, step.notes, strict=True):
        print(f"Fetching {step.name}", flush=True)
        here = () if "--require-hashes" in attempt else ("--find-links", wheels)
        ended = run_logged([*command, *here, *attempt], Log())
        if ended.code == 0:
            return [note] if note else []
    raise install_error(ended.output, step.name, folder=wheels)


def torch_version(wheels: Path) -> str:
    """PyTorch's version with the build, as its wheel is called; "" where there is none."""
    names = [path.name for path in wheels.glob("torch-*.whl")]
    return names[0].split("-")[1] if names else ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("kit", type=Path, help="the kit's folder")
    parser.add_argument("--python", default="", help="a Python of the version that the other machine has")
    parser.add_argument("--torch", default="auto", help="PyTorch's build: auto, cpu, cu130 ..., default")
    weights = Path(os.environ.get("BLENDER_TEXT3D_WEIGHTS") or data_dir() / "weights")
    parser.add_argument("--weights", type=Path, default=weights, help="the models' files to pack (%(default)s)")
    parser.add_argument("--no-weights", dest="weights", action="store_const", const=None, help="pack none")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
