# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that scripts/offline_kit.py fills: which of its files may be removed, and which are packed."""

import shutil
from pathlib import Path

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.offline.kit import MANIFEST, WEIGHTS, WHEELS, KitFile, read_kit
from blender_text3d.environment.offline.kit_files import file_sha256
from blender_text3d.environment.target_folder import CHOOSE_EMPTY_FOLDER

UNFINISHED = "blender_text3d-kit-unfinished"  # a file in a kit's folder until the manifest is written
NOT_WEIGHTS = (".stamp.json", ".lock", ".part", ".part.json", ".tmp")


def prepare_folder(folder: Path, weights: Path | None) -> None:
    """Mark the folder as an unfinished kit, and remove the files of an earlier one.

    Args:
        folder: The kit's folder.
        weights: The folder of the models' weights to pack, or None.

    Raises:
        SetupFailed: It contains other files, or the weights to pack; nothing was changed.
    """
    _require_no_other_files(folder)
    if weights and folder.resolve() in (weights.resolve(), *weights.resolve().parents):
        raise SetupFailed(
            f"The folder of the models' weights, {weights}, is inside the kit.", "Choose another one with --weights."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()
    (folder / MANIFEST).unlink(missing_ok=True)
    for part in filter(Path.exists, (folder / WHEELS, folder / WEIGHTS)):
        shutil.rmtree(part)
    (folder / WHEELS).mkdir()


def _require_no_other_files(folder: Path) -> None:
    """Check that a folder is new, empty, or contains a kit and no other files in its subfolders.

    Raises:
        SetupFailed: It contains other files.
    """
    if not folder.exists() or not any(folder.iterdir()) or (folder / UNFINISHED).exists():
        return
    try:
        known = {file.path for file in read_kit(folder).files}
    except SetupFailed as error:
        raise SetupFailed(f"{folder} contains other files, which were not changed.", CHOOSE_EMPTY_FOLDER) from error
    if unexpected := [path for path in packed_paths(folder) if path.relative_to(folder).as_posix() not in known]:
        raise SetupFailed(f"{unexpected[0]} does not belong to the kit.", "Move it elsewhere, or choose a new folder.")


def copy_weights(source: Path, target: Path) -> None:
    """Copy the complete files of weights, without stamps, locks and partial downloads."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        if path.is_file() and not path.name.endswith(NOT_WEIGHTS):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            print(f"Copying {path.name}", flush=True)
            shutil.copyfile(path, copy)


def packed_files(folder: Path) -> tuple[KitFile, ...]:
    """Return the size and hash of every packed file."""
    return tuple(
        KitFile(path.relative_to(folder).as_posix(), path.stat().st_size, file_sha256(path))
        for path in packed_paths(folder)
    )


def packed_paths(folder: Path) -> list[Path]:
    """Return all files in the kit's subfolders."""
    return [path for part in (WHEELS, WEIGHTS) for path in sorted((folder / part).rglob("*")) if path.is_file()]
