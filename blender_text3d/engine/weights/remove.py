# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete a checkpoint from the disk: all variants, partial downloads and quarantined files."""

from pathlib import Path

from ...system.file_lock import FileLock
from .catalogue import Checkpoint, CheckpointFile
from .download.partial_file import PartialFile
from .errors import DownloadFailed
from .store.verified_stamp import quarantine_path, stamp_path


def remove(checkpoint: Checkpoint, weights_dir: Path) -> int:
    """Delete a checkpoint's files.

    Args:
        checkpoint: The checkpoint to delete.
        weights_dir: Folder that contains it.

    Returns:
        Bytes that were freed; 0 if there were none.

    Raises:
        DownloadFailed: Another process is downloading it.
        OSError: A file cannot be deleted.
    """
    files = [file for variant in checkpoint.variants for file in _files_of(variant, weights_dir) if file.is_file()]
    if not files:
        return 0
    lock_path = weights_dir / f"{checkpoint.name}.lock"
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock_path) as lock:
        if not lock.try_acquire():
            raise DownloadFailed(f"{checkpoint.name} is being downloaded by another process. Stop that one first.")
        return sum(_delete(file) for file in files)


def received_bytes(checkpoint: Checkpoint, weights_dir: Path) -> int:
    """Return the bytes of an unfinished download, of the variant that has most."""
    return max(PartialFile(weights_dir / variant.path).size() for variant in checkpoint.variants)


def _files_of(variant: CheckpointFile, weights_dir: Path) -> tuple[Path, ...]:
    path = weights_dir / variant.path
    part = PartialFile(path)
    return path, stamp_path(path), part.path, part.origin_path, quarantine_path(path)


def _delete(file: Path) -> int:
    size = file.stat().st_size
    file.unlink()
    return size
