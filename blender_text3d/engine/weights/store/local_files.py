# SPDX-License-Identifier: GPL-3.0-or-later
"""Which checkpoints are here. Looks at names, sizes and stamps only, so a panel may ask as often as it likes."""

from collections.abc import Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_ISREG

from ..catalogue import CHECKPOINTS, Checkpoint, CheckpointFile
from ..errors import BrokenWeights
from ..progress import News
from .first_seen import changed_since_first
from .quarantine import quarantine
from .verified_stamp import valid_stamp, write_stamp
from .verify import verify

PUT_THERE = "found in the weights folder"


@dataclass(frozen=True)
class LocalCheckpoint:
    """A checkpoint's file that is here.

    Attributes:
        form: which of the checkpoint's forms it is.
        path: the file.
        size: its bytes.
        sha256: of its contents; "" where it has not been verified, or has changed since.
    """

    form: CheckpointFile
    path: Path
    size: int
    sha256: str


def find(checkpoint: Checkpoint, weights_dir: Path) -> LocalCheckpoint | None:
    """The best form of a checkpoint that is here; one that was verified before one that was not."""
    held = [found for form in checkpoint.forms if (found := _held(form, weights_dir))]
    return next((found for found in held if found.sha256), held[0] if held else None)


def missing(names: Iterable[str], weights_dir: Path) -> tuple[Checkpoint, ...]:
    """Of the named checkpoints, those that are not here.

    Raises:
        KeyError: The catalogue has no such name.
    """
    return tuple(CHECKPOINTS[name] for name in names if find(CHECKPOINTS[name], weights_dir) is None)


def ensure_verified(held: LocalCheckpoint, name: str) -> Generator[News, None, LocalCheckpoint]:
    """A file that may be used: at once where its stamp holds, else after reading it once.

    Args:
        held: The file.
        name: The checkpoint's, for the news.

    Raises:
        BrokenWeights: It is not what it should be; it has been put aside.
    """
    if held.sha256:
        return held
    try:
        sha256 = yield from verify(held.path, held.form, News("verify", name))
    except BrokenWeights as error:
        raise BrokenWeights(f"{error} {quarantine_message(held.path)} fetch {name} again.") from error
    changed = None
    with suppress(OSError):  # a shared folder may be read-only: then it is verified once a process
        changed = changed_since_first(held.form, _folder_of(held), sha256, held.size, PUT_THERE)
        write_stamp(held.path, sha256, PUT_THERE)
    if changed:
        yield News("notice", name, changed)
    return replace(held, sha256=sha256)


def quarantine_message(path: Path) -> str:
    """Put a bad file aside, and say so in half a sentence."""
    try:
        return f"It was put aside as {quarantine(path).name};"
    except OSError as error:
        return f"It could not be put aside ({error.strerror}): remove it,"


def _folder_of(held: LocalCheckpoint) -> Path:
    return held.path.parents[held.form.path.count("/")]


def _held(form: CheckpointFile, weights_dir: Path) -> LocalCheckpoint | None:
    path = weights_dir / form.path
    try:
        status = path.stat()
    except OSError:
        return None
    if not S_ISREG(status.st_mode):  # a pipe would be read without end
        return None
    stamp = valid_stamp(path)
    return LocalCheckpoint(form, path, status.st_size, stamp.sha256 if stamp else "")
