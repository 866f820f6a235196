# SPDX-License-Identifier: GPL-3.0-or-later
"""One source's file → verified and in place. Until then it lies beside its place under another name."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from ..catalogue import Checkpoint
from ..errors import BrokenWeights
from ..progress import News
from ..store.first_seen import changed_since_first
from ..store.local_files import LocalCheckpoint
from ..store.quarantine import quarantine
from ..store.verified_stamp import write_stamp
from ..store.verify import verify
from .disk_space import cannot_write
from .local_copy import copy
from .partial_file import Part
from .retry_policy import RetryPolicy, SourceError
from .source import Source
from .transfer import download

Installing = Generator[News, None, LocalCheckpoint]


def install(
    source: Source, weights_dir: Path, news: News, patience: RetryPolicy, *, may_repeat: bool = True
) -> Installing:
    """Gets one source's file. One that was joined and turns out wrong is fetched again, once, from its start.

    Raises:
        SourceError: The source does not give the file, or gives another. DownloadFailed: it cannot be kept here.
    """
    final = weights_dir / source.form.path
    part = Part(final)
    yield from _got(source, part, news, patience)
    try:
        sha256 = yield from verify(part.path, source.form, news)
    except BrokenWeights as error:
        was_joined = part.is_joined
        quarantine(part.path, final)
        part.discard()
        if not (was_joined and may_repeat):
            raise SourceError(f"gave a wrong file: {str(error).rstrip('.')}") from error
        yield replace(news, stage="notice", message=f"{error} It is fetched again, from its start.")
        return (yield from install(source, weights_dir, news, patience, may_repeat=False))
    return (yield from _settled(source, part, weights_dir, sha256, news))


def forget_parts(checkpoint: Checkpoint, weights_dir: Path) -> None:
    """Remove what had come of a checkpoint's other forms, now that one is whole."""
    for form in checkpoint.forms:
        Part(weights_dir / form.path).discard()


def _got(source: Source, part: Part, news: News, patience: RetryPolicy) -> Generator[News, None, None]:
    if source.file is not None:
        return copy(source.file, part, source.form, news, patience)
    return download(source.url, part, source.form, news, patience)


def _settled(source: Source, part: Part, weights_dir: Path, sha256: str, news: News) -> Installing:
    final, size = weights_dir / source.form.path, part.size()
    try:
        changed = changed_since_first(source.form, weights_dir, sha256, size, source.place)
        part.settle(final)
        write_stamp(final, sha256, source.place)
    except OSError as error:
        raise cannot_write(final, error) from error
    if changed:
        yield replace(news, stage="notice", message=changed)
    return LocalCheckpoint(source.form, final, size, sha256)
