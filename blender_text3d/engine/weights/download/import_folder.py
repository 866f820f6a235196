# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints that the user has already, anywhere under a folder: copied, verified, put in place. No network."""

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..catalogue import Checkpoint, CheckpointFile
from ..errors import DownloadFailed, NoSource
from ..progress import News
from ..store.local_files import LocalCheckpoint, find
from .fetch import gather
from .retry_policy import RetryPolicy
from .source import Source

MAX_FILES = 50_000


def import_folder(
    folder: Path, checkpoints: Iterable[Checkpoint], weights_dir: Path
) -> Generator[News, None, list[LocalCheckpoint]]:
    """Looks for the files of checkpoints under a folder, such as another program's cache or a USB stick.

    Args:
        folder: Where to look, folders inside it included.
        checkpoints: What to look for; those that are here already are passed over.
        weights_dir: Where to keep them.

    Returns:
        What was imported.

    Raises:
        DownloadFailed: The folder cannot be read, or our own cannot take the files.
    """
    files = _files_under(folder)
    imported = []
    for checkpoint in checkpoints:
        places = list(_candidates(checkpoint, files))
        if not places or _is_here(checkpoint, weights_dir):
            continue
        try:
            imported.append((yield from gather(checkpoint, weights_dir, places, RetryPolicy())))
        except NoSource:
            continue
    return imported


def _is_here(checkpoint: Checkpoint, weights_dir: Path) -> bool:
    held = find(checkpoint, weights_dir)
    return held is not None and bool(held.sha256)


def _files_under(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise DownloadFailed(f"There is no folder {folder}. Name the one that holds the files.")
    files = []
    for path in folder.rglob("*"):
        if path.is_file():
            files.append(path)
        if len(files) > MAX_FILES:
            raise DownloadFailed(f"{folder} holds more than {MAX_FILES:,} files. Name a smaller folder inside it.")
    return sorted(files)


def _candidates(checkpoint: Checkpoint, files: list[Path]) -> Iterator[Source]:
    for form in checkpoint.forms:
        for file in files:
            if file.name == form.name or (file.name in _hub_names(form) and file.stat().st_size >= form.about_bytes):
                yield Source(form, "the folder", file=file)


def _hub_names(form: CheckpointFile) -> set[str]:
    """Names under which the hub gives the file; many others have the same ones there, so sizes are compared too."""
    return {urlsplit(address.url).path.rpartition("/")[2] for address in form.addresses}
