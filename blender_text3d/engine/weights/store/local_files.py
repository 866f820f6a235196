# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the checkpoints on this machine. Reads names, sizes and stamps only, so a panel may call it on every redraw."""

from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG

from ..catalogue import CHECKPOINTS, Checkpoint, CheckpointFile
from ..errors import BrokenWeights
from ..progress import ProgressUpdate
from .first_seen import changed_since_first_seen
from .verified_stamp import quarantine, valid_stamp, write_stamp
from .verify import verify

FOUND_IN_FOLDER = "found in the weights folder"
"""The source in stamps and records of files that were not downloaded here."""


@dataclass(frozen=True)
class LocalCheckpoint:
    """A checkpoint's file on this machine.

    Attributes:
        variant: the checkpoint's variant that it is.
        path: the file.
        size: its bytes.
        sha256: hash of its contents; "" if it was not verified or has changed since.
    """

    variant: CheckpointFile
    path: Path
    size: int
    sha256: str


def find_local(checkpoint: Checkpoint, weights_dir: Path) -> LocalCheckpoint | None:
    """Return the best variant of a checkpoint on this machine; a verified one wins over one that is not."""
    found = [local for variant in checkpoint.variants if (local := _find_variant(variant, weights_dir))]
    return next((local for local in found if local.sha256), found[0] if found else None)


def missing(names: Iterable[str], weights_dir: Path) -> tuple[Checkpoint, ...]:
    """Return those of the named checkpoints that are not on this machine.

    Raises:
        KeyError: The catalogue has no such name.
    """
    return tuple(CHECKPOINTS[name] for name in names if find_local(CHECKPOINTS[name], weights_dir) is None)


def ensure_verified(local: LocalCheckpoint, name: str) -> Generator[ProgressUpdate, None, LocalCheckpoint]:
    """Return a file that may be used: immediately if its stamp is valid, else after it was read once.

    Args:
        local: The file.
        name: The checkpoint's name, for the updates.

    Raises:
        BrokenWeights: It is not the file that it should be; it was quarantined.
    """
    if local.sha256:
        return local
    try:
        sha256 = yield from verify(local.path, local.variant, ProgressUpdate("verify", name))
    except BrokenWeights as error:
        raise BrokenWeights(f"{error} {quarantine_message(local.path)} download {name} again.") from error
    changed = None
    with suppress(OSError):  # a shared folder may be read-only: then the file is verified once per process
        changed = changed_since_first_seen(local.variant, _folder_of(local), sha256, local.size, FOUND_IN_FOLDER)
        write_stamp(local.path, sha256, FOUND_IN_FOLDER)
    if changed:
        yield ProgressUpdate("notice", name, changed)
    return replace(local, sha256=sha256)


def quarantine_message(path: Path) -> str:
    """Quarantine a bad file and return half a sentence about it."""
    try:
        return f"Moved to {quarantine(path).name};"
    except OSError as error:
        return f"It could not be renamed ({error.strerror}): delete it,"


def _folder_of(local: LocalCheckpoint) -> Path:
    return local.path.parents[local.variant.path.count("/")]


def _find_variant(variant: CheckpointFile, weights_dir: Path) -> LocalCheckpoint | None:
    path = weights_dir / variant.path
    try:
        status = path.stat()
    except OSError:
        return None
    if not S_ISREG(status.st_mode):  # reading a pipe would never end
        return None
    stamp = valid_stamp(path)
    return LocalCheckpoint(variant, path, status.st_size, stamp.sha256 if stamp else "")
