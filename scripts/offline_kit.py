#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make or check an offline kit: a folder with everything that Set Up would download.

    python scripts/offline_kit.py make KIT              packages, and the models' weights on this machine
    python scripts/offline_kit.py make KIT --no-weights
    python scripts/offline_kit.py check KIT             verify the files, and whether the kit can be installed here

On the other machine, use Install Offline Kit in the add-on's preferences, or run
`python -m blender_text3d.environment make --kit KIT`. It must have the same system and a Python of the same version;
Blender includes one (3.11 up to Blender 5.0, 3.13 from 5.1). --python chooses the version that the kit is made for, and
the Python that `check` tests. Other files in KIT are not changed.
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
    read_kit,
    require_matching_kit,
    system_name,
    write_manifest,
)
from blender_text3d.environment.offline.kit_files import corrupt_files
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER, Packages
from blender_text3d.system.console import use_lossy_console_encoding
from blender_text3d.system.run_logged import Log, run_logged
from blender_text3d.system.user_folders import data_dir
from scripts.cli.offline_kit_contents import UNFINISHED, copy_weights, packed_files, prepare_folder


def main() -> int:
    """Return exit code 0 if the kit is complete."""
    use_lossy_console_encoding()
    options = _options()
    try:
        return ACTIONS[options.action](options)
    except (SetupFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def make(options: argparse.Namespace, packages: Packages = WORKER) -> int:
    """Fill the folder, and write its manifest last: an unfinished kit has none."""
    folder = options.kit.expanduser().absolute()
    interpreter = matching_python(packages.python_versions, options.python, f"no kit was made in {folder}")
    prepare_folder(folder, options.weights)
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
    """Compare every file with the manifest, and print whether the kit can be installed on this machine."""
    kit = read_kit(options.kit)
    errors = corrupt_files(kit)
    for line in errors:
        print(line)
    condition = "corrupt" if errors else "complete"
    print(
        f"The kit is {condition}: {len(kit.files)} files for Python {kit.python} on {kit.system}, PyTorch {kit.torch}."
    )
    try:
        require_matching_kit(kit, packages)
        interpreter = matching_python(
            (kit.python,), options.python, f"the kit in {kit.folder} cannot be installed here"
        )
    except SetupFailed as error:
        print(f"It cannot be installed here: {error}")
        return 1
    print(f"It can be installed here with {interpreter.path}, Python {interpreter.version}.")
    return 1 if errors else 0


ACTIONS = {"make": make, "check": check}


def matching_python(versions: tuple[str, ...], chosen: str, consequence: str) -> Interpreter:
    """Return a Python of a version that a kit is for.

    Raises:
        SetupFailed: There is none; the message ends with `consequence`.
    """
    try:
        return find_interpreter(versions, chosen)
    except SetupFailed as error:
        fix = f"Install Python {' or '.join(versions)} with its venv module, or choose one with --python."
        raise SetupFailed(f"{error.problem.message} So {consequence}.", fix) from error


def download(python: Path, packages: Packages, build: str, wheels: Path) -> list[str]:
    """Download all wheels with the pip of a temporary environment, and return notes for the user.

    Raises:
        SetupFailed: A package cannot be downloaded.
    """
    with tempfile.TemporaryDirectory(prefix="text3d-kit-") as scratch:
        run_logged([python, "-I", "-m", "venv", scratch], Log())
        pip = venv_python(Path(scratch))
        is_custom = has_custom_source(read_pip_config(pip, Log()))
        return [
            note
            for step in install_steps(packages, PackageSource(build, is_custom=is_custom))
            for note in download_step(pip, step, wheels)
        ]


def download_step(pip: Path, step: InstallStep, wheels: Path) -> list[str]:
    """Download the wheels of one step that are not in the folder yet, and return notes for the user."""
    command = [pip, "-I", "-m", "pip", "download", "--no-input", "--progress-bar", "off", "--dest", wheels]
    for attempt, note in zip(step.attempts, step.notes, strict=True):
        print(f"Downloading {step.name}", flush=True)
        here = () if "--require-hashes" in attempt else ("--find-links", wheels)
        result = run_logged([*command, *here, *attempt], Log())
        if result.code == 0:
            return [note] if note else []
    raise install_error(result.output, step.name, folder=wheels)


def torch_version(wheels: Path) -> str:
    """Return the version of PyTorch with its build from the name of its wheel, or "" if there is none."""
    names = [path.name for path in wheels.glob("torch-*.whl")]
    return names[0].split("-")[1] if names else ""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("kit", type=Path, help="folder of the kit")
    parser.add_argument("--python", default="", help="Python of the version on the other machine")
    parser.add_argument("--torch", default="auto", help="PyTorch build: auto, cpu, cu130 ..., default")
    weights = Path(os.environ.get("BLENDER_TEXT3D_WEIGHTS") or data_dir() / "weights")
    parser.add_argument(
        "--weights", type=Path, default=weights, help="folder of the models' weights to pack (%(default)s)"
    )
    parser.add_argument("--no-weights", dest="weights", action="store_const", const=None, help="pack no weights")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
