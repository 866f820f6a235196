# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that scripts/offline_kit.py fills: what may be cleared away in it, and what lies there."""

import shutil
from pathlib import Path

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.offline.kit import MANIFEST, WEIGHTS, WHEELS, KitFile, file_sha256, read_kit

UNFINISHED = "blender_text3d-kit-unfinished"  # a file that lies in a kit's folder until there is a manifest
NOT_WEIGHTS = (".stamp.json", ".lock", ".part", ".part.json", ".tmp")


def empty(folder: Path, weights: Path | None) -> None:
    """Make the folder one of an unfinished kit without files.

    Args:
        folder: Of the kit.
        weights: Where the models' files are taken from; None for nowhere.

    Raises:
        SetupFailed: Something in it is not of a kit, or is still needed; then all is as it was.
    """
    refuse_strangers(folder)
    if weights and folder.resolve() in (weights.resolve(), *weights.resolve().parents):
        raise SetupFailed(f"The models' files in {weights} lie in the kit itself.", "Name another folder of them.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / UNFINISHED).touch()
    (folder / MANIFEST).unlink(missing_ok=True)
    for part in filter(Path.exists, (folder / WHEELS, folder / WEIGHTS)):
        shutil.rmtree(part)
    (folder / WHEELS).mkdir()


def refuse_strangers(folder: Path) -> None:
    """See that a kit can be made in a folder: it is new, empty, or holds a kit and nothing between its files.

    Raises:
        SetupFailed: It does not.
    """
    if not folder.exists() or not any(folder.iterdir()) or (folder / UNFINISHED).exists():
        return
    try:
        known = {file.path for file in read_kit(folder).files}
    except SetupFailed as error:
        raise SetupFailed(
            f"{folder} holds other files, and they are left alone.", "Choose an empty folder or a new one."
        ) from error
    if strangers := [path for path in packed_paths(folder) if path.relative_to(folder).as_posix() not in known]:
        raise SetupFailed(f"{strangers[0]} is not of the kit there.", "Move it elsewhere, or choose a new folder.")


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
    return tuple(
        KitFile(path.relative_to(folder).as_posix(), path.stat().st_size, file_sha256(path))
        for path in packed_paths(folder)
    )


def packed_paths(folder: Path) -> list[Path]:
    """All files where a kit has its own."""
    return [path for part in (WHEELS, WEIGHTS) for path in sorted((folder / part).rglob("*")) if path.is_file()]
