# SPDX-License-Identifier: GPL-3.0-or-later
"""Import checkpoints from a local folder: find, copy and verify them, without a network."""

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..catalogue import Checkpoint, CheckpointFile
from ..errors import DownloadFailed, NoSource
from ..progress import ProgressUpdate
from ..store.local_files import LocalCheckpoint, find_local
from .fetch import fetch_from
from .retry_policy import RetryPolicy
from .source import Source

MAX_FILES = 50_000


def import_folder(
    folder: Path, checkpoints: Iterable[Checkpoint], weights_dir: Path
) -> Generator[ProgressUpdate, None, list[LocalCheckpoint]]:
    """Import the files of checkpoints from a folder, such as another program's cache or a USB drive.

    Args:
        folder: Folder to search, with its subfolders.
        checkpoints: Checkpoints to search for; those that are here already are skipped.
        weights_dir: Folder to store them in.

    Returns:
        The imported files.

    Raises:
        DownloadFailed: The folder cannot be read, or the files cannot be stored.
    """
    files = _files_under(folder)
    imported = []
    for checkpoint in checkpoints:
        candidates = list(_candidates(checkpoint, files))
        if not candidates or _is_verified(checkpoint, weights_dir):
            continue
        try:
            imported.append((yield from fetch_from(checkpoint, weights_dir, candidates, RetryPolicy())))
        except NoSource:
            continue
    return imported


def _is_verified(checkpoint: Checkpoint, weights_dir: Path) -> bool:
    local = find_local(checkpoint, weights_dir)
    return local is not None and bool(local.sha256)


def _files_under(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DownloadFailed(f"There is no folder {folder}. Choose the one that contains the files.")
    files = []
    for path in folder.rglob("*"):
        if path.is_file():
            files.append(path)
        if len(files) > MAX_FILES:
            raise DownloadFailed(f"{folder} contains more than {MAX_FILES:,} files. Choose a smaller subfolder.")
    return sorted(files)


def _candidates(checkpoint: Checkpoint, files: list[Path]) -> Iterator[Source]:
    for variant in checkpoint.variants:
        hub_names = _hub_names(variant)
        for file in files:
            if file.name == variant.name or (file.name in hub_names and file.stat().st_size >= variant.expected_bytes):
                yield Source(variant, "the folder", file=file)


def _hub_names(variant: CheckpointFile) -> set[str]:
    """Return the file's names on the hub; other files have the same names, so sizes are compared too."""
    return {urlsplit(address.url).path.rpartition("/")[2] for address in variant.addresses}
