# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a training: a marker says that it is one and which, and a lock keeps a second run out."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from blender_text3d.engine.mini import files
from blender_text3d.system.file_lock import FileLock
from blender_text3d.system.files import replace_content

from .code_version import ROOT
from .stage import Choices

MARKER, LOCK = "training.json", "training.lock"
SPARE_GIGABYTES = 0.5
INSTALLED = ROOT / "blender_text3d/engine/mini"


class Unusable(Exception):
    """The folder or its content cannot be used; the text says why and what to do."""


def prepare_folder(folder: Path, choices: Choices) -> None:
    """Create the folder, or check that it is of a training with the same scale and seed.

    Raises:
        Unusable: it has other files, is of another training, lies in the repository, or cannot be written.
    """
    check_folder(folder, choices)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_content(folder / MARKER, (json.dumps(identity(choices)) + "\n").encode())
    except OSError as error:
        raise Unusable(f"{folder} cannot be written ({error.strerror}). Choose another folder.") from error


def check_folder(folder: Path, choices: Choices) -> None:
    """Check a folder as `prepare_folder` does, without writing."""
    if folder.is_relative_to(ROOT):
        raise Unusable(f"{folder} is inside the repository. Choose a folder outside, with space for gigabytes.")
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder} is a file. Choose a folder.")
    marker = folder / MARKER
    if not marker.is_file():
        if folder.exists() and any(folder.iterdir()):
            raise Unusable(f"{folder} has files that are not of a training. Choose a new or empty folder.")
        return
    try:
        found = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unusable(f"{marker} cannot be read ({error}). Choose another folder.") from error
    if found != identity(choices):
        options = " ".join(f"--{name} {value}" for name, value in sorted(dict(found).items()))
        raise Unusable(f"{folder} is of a training with {options}. Continue it with these, or choose another folder.")


def identity(choices: Choices) -> dict[str, object]:
    """Return what one folder cannot mix."""
    return {"scale": choices.of("full", "tiny"), "seed": choices.seed}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder.

    Raises:
        Unusable: another run works in it.
    """
    with FileLock(folder / LOCK) as lock:
        if not lock.try_acquire(timeout_s=2.0):
            raise Unusable(f"Another run of train_all works in {folder}. Wait for it, or end it first.")
        yield


def check_space(folder: Path, gigabytes: float) -> None:
    """Check that the disk has space for what is still to be written.

    Raises:
        Unusable: it has not.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free / 2**30
    if free < gigabytes + SPARE_GIGABYTES:
        raise Unusable(
            f"The disk of {folder} has {free:.1f} GB of free space, and the stages to run need about "
            f"{gigabytes + SPARE_GIGABYTES:.1f} GB. Free some, or choose a folder on another disk."
        )


def is_full(folder: Path) -> bool:
    """True if the disk has hardly any free space."""
    return shutil.disk_usage(folder).free < 2**24


def install(folder: Path) -> list[str]:
    """Copy the weights of a training into the add-on; return the names of the files.

    Raises:
        Unusable: they are of toy size, or they do not fit together with the files that stay.
    """
    weights, names = folder / "weights", sorted(Path(path).name for path in vars(files).values() if is_model_file(path))
    trained = [name for name in names if (weights / name).is_file()]
    if json.loads((folder / MARKER).read_text(encoding="utf-8"))["scale"] != "full":
        raise Unusable("Models of --scale tiny only show that all stages run. Nothing was installed.")
    shared = ("vocabulary.json", "words.safetensors")
    same = [name for name in shared if name not in trained or is_same(weights / name, INSTALLED / name)]
    if trained != names and len(same) < len(shared):
        missing = ", ".join(name for name in names if name not in trained)
        raise Unusable(
            f"The trained models have another vocabulary or word encoder than the installed ones, and {missing} would "
            f"stay as they are. Train all models, then install them. Nothing was installed."
        )
    for name in trained:
        replace_content(INSTALLED / name, (weights / name).read_bytes())
    return trained


def is_model_file(value: object) -> bool:
    """True for the path of a file of the small models."""
    return isinstance(value, Path) and value.suffix in (".json", ".safetensors")


def is_same(one: Path, other: Path) -> bool:
    """True if two files have the same content."""
    return other.is_file() and one.read_bytes() == other.read_bytes()
