#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with all that Set Up would download, for a machine without a network.

    python scripts/offline_kit.py make KIT              packages, and the models' files that are on this machine
    python scripts/offline_kit.py make KIT --no-weights
    python scripts/offline_kit.py check KIT             is everything there, and as it was packed?

On the other machine: Install from Folder in the add-on's preferences, or
`python -m blender_text3d.setup make --kit KIT`. It must have the same system, and a Python of the same version; Blender
brings one (3.11 up to Blender 5.0, 3.13 from 5.1). --python chooses for which one the kit is made.
"""

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from blender_text3d.protocol.letters import print_any_letter  # noqa: E402
from blender_text3d.setup.kit import (  # noqa: E402
    WEIGHTS,
    WHEELS,
    Kit,
    KitFile,
    file_sha256,
    misfit,
    read_kit,
    refuse_misfit,
    system_name,
    write_manifest,
    wrong_files,
)  # fmt: skip
from blender_text3d.setup.packages import WORKER, Packages  # noqa: E402
from blender_text3d.setup.paths import data_dir, python_in  # noqa: E402
from blender_text3d.setup.pip_errors import explain  # noqa: E402
from blender_text3d.setup.pip_settings import has_own_source, pip_settings  # noqa: E402
from blender_text3d.setup.problem import SetupFailed  # noqa: E402
from blender_text3d.setup.pythons import find_interpreter  # noqa: E402
from blender_text3d.setup.running import Log, run_to_end  # noqa: E402
from blender_text3d.setup.steps import Source, Step, steps  # noqa: E402
from blender_text3d.setup.torch_build import build_to_install  # noqa: E402

NOT_WEIGHTS = (".stamp.json", ".lock", ".part", ".part.json", ".tmp")


def main() -> int:
    """Exit code 0 when the kit is whole."""
    print_any_letter()
    options = _options()
    try:
        return ACTIONS[options.action](options)
    except (SetupFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def make(options: argparse.Namespace, packages: Packages = WORKER) -> int:
    """Fill the folder and write its manifest, which comes last: a kit that was not finished has none."""
    folder = options.kit.expanduser().absolute()
    if folder.exists() and any(folder.iterdir()) and not (folder / WHEELS).is_dir():
        raise SetupFailed(
            f"{folder} holds other files, and they are left alone.", "Choose an empty folder or a new one."
        )
    shutil.rmtree(folder / WHEELS, ignore_errors=True)
    (folder / WHEELS).mkdir(parents=True)
    interpreter = find_interpreter(packages.python_versions, options.python)
    print(f"Packages for Python {interpreter.version} on {system_name()}", flush=True)
    notes = download(interpreter.path, packages, build_to_install(options.torch), folder / WHEELS)
    if options.weights:
        copy_weights(options.weights, folder / WEIGHTS)
    kit = Kit(folder, interpreter.version, system_name(), torch_version(folder / WHEELS), packages.sha256, ())
    kit = replace(kit, files=packed_files(folder))
    write_manifest(kit)
    print(*notes, f"{len(kit.files)} files, {kit.size_bytes / 1e9:.2f} GB, in {folder}", sep="\n")
    refuse_misfit(kit, packages)
    return 0


def check(options: argparse.Namespace, packages: Packages = WORKER) -> int:
    """Compare every file with the manifest, and say whether the kit does for this machine."""
    kit = read_kit(options.kit)
    wrong = wrong_files(kit)
    for line in wrong:
        print(line)
    problem = misfit(kit, packages)
    whole = "damaged" if wrong else "whole"
    print(f"The kit is {whole}: {len(kit.files)} files for Python {kit.python} on {kit.system}, PyTorch {kit.torch}.")
    if problem:
        print(f"It does not do here: {problem}")
    return 1 if wrong or problem else 0


ACTIONS = {"make": make, "check": check}


def download(python: Path, packages: Packages, build: str, wheels: Path) -> list[str]:
    """All wheels, by the pip of a small environment; gives sentences for the user.

    Raises:
        SetupFailed: Something cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="text3d-kit-") as scratch:
        run_to_end([python, "-I", "-m", "venv", scratch], Log())
        pip = python_in(Path(scratch))
        is_own = has_own_source(pip_settings(pip, Log()))
        return [note for step in steps(packages, Source(build, is_own=is_own)) for note in fetch(pip, step, wheels)]


def fetch(pip: Path, step: Step, wheels: Path) -> list[str]:
    """One step's wheels; what is there already is not fetched again."""
    command = [pip, "-I", "-m", "pip", "download", "--no-input", "--progress-bar", "off", "--dest", wheels]
    for attempt, note in zip(step.attempts, step.notes, strict=True):
        print(f"Fetching {step.what}", flush=True)
        here = () if "--require-hashes" in attempt else ("--find-links", wheels)
        ended = run_to_end([*command, *here, *attempt], Log())
        if ended.code == 0:
            return [note] if note else []
    raise explain(ended.output, step.what)


def torch_version(wheels: Path) -> str:
    """PyTorch's version with the build, as its wheel is called; "" where there is none."""
    names = [path.name for path in wheels.glob("torch-*.whl")]
    return names[0].split("-")[1] if names else ""


def copy_weights(source: Path, target: Path) -> None:
    """The models' files that are whole; marks, locks and parts of downloads stay."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        if path.is_file() and not path.name.endswith(NOT_WEIGHTS):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            print(f"Copying {path.name}", flush=True)
            shutil.copyfile(path, copy)


def packed_files(folder: Path) -> tuple[KitFile, ...]:
    """Size and hash of everything that was packed."""
    paths = [path for part in (WHEELS, WEIGHTS) for path in sorted((folder / part).rglob("*")) if path.is_file()]
    return tuple(KitFile(path.relative_to(folder).as_posix(), path.stat().st_size, file_sha256(path)) for path in paths)


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
