# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking a checkpoint off the disk: its files in every form, what had come of them, what was put aside."""

from pathlib import Path

from ...system.file_lock import Lock
from .catalogue import Checkpoint, CheckpointFile
from .download.partial_file import Part
from .errors import DownloadFailed
from .store.quarantine import quarantine_path
from .store.verified_stamp import stamp_path


def remove(checkpoint: Checkpoint, weights_dir: Path) -> int:
    """Remove a checkpoint; whoever needs it has to fetch it again.

    Args:
        checkpoint: What to remove.
        weights_dir: The folder that keeps it.

    Returns:
        Bytes that are free now; 0 where nothing was here.

    Raises:
        DownloadFailed: Another process is fetching it just now. OSError: a file cannot be removed.
    """
    files = [file for form in checkpoint.forms for file in _files_of(form, weights_dir) if file.is_file()]
    if not files:
        return 0
    with Lock(weights_dir / f"{checkpoint.name}.lock") as lock:
        if not lock.take():
            raise DownloadFailed(f"{checkpoint.name} is being fetched by another process. Stop that one first.")
        return sum(_freed(file) for file in files)


def received_bytes(checkpoint: Checkpoint, weights_dir: Path) -> int:
    """Bytes that an interrupted download left, and the next goes on from; of the form that has most."""
    return max(Part(weights_dir / form.path).size() for form in checkpoint.forms)


def _files_of(form: CheckpointFile, weights_dir: Path) -> tuple[Path, ...]:
    path = weights_dir / form.path
    part = Part(path)
    return path, stamp_path(path), part.path, part.facts_path, quarantine_path(path)


def _freed(file: Path) -> int:
    size = file.stat().st_size
    file.unlink()
    return size
