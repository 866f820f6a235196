# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching a checkpoint, as a generator of news: whoever stops pulling cancels, and what has come is kept."""

import time
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

from ....system.file_lock import Lock
from ..catalogue import Checkpoint
from ..errors import BrokenWeights, NoSource
from ..progress import News
from ..store.local_files import LocalCheckpoint, ensure_verified, find
from .disk_space import cannot_write
from .install import Installing, forget_parts, install
from .partial_file import Part
from .retry_policy import RetryPolicy, SourceError
from .source import Source, sources

POLL_S = 0.2


def fetch(
    checkpoint: Checkpoint, weights_dir: Path, *, mirror: str = "", patience: RetryPolicy | None = None
) -> Installing:
    """Gets a checkpoint from the first source that has it. One that is here already, and whole, is left alone.

    Args:
        checkpoint: What to fetch.
        weights_dir: Where to keep it.
        mirror: The user's own source, an address or a folder, asked first.
        patience: How long to wait for what.

    Yields:
        News.

    Returns:
        The file, verified and in place.

    Raises:
        NoSource: Nobody had it. DownloadFailed: it cannot be kept here.
    """
    return gather(checkpoint, weights_dir, sources(checkpoint, mirror), patience or RetryPolicy())


def gather(checkpoint: Checkpoint, weights_dir: Path, places: Iterable[Source], patience: RetryPolicy) -> Installing:
    """The same from given sources, by one process at a time: the others wait and then find it."""
    news = News("connect", checkpoint.name)
    with _lock_of(checkpoint, weights_dir) as lock:
        while not lock.take():
            come = max(Part(weights_dir / form.path).size() for form in checkpoint.forms)
            yield replace(news, stage="wait", message="another process is fetching it", done_bytes=come)
            time.sleep(POLL_S)
        held = yield from _here(checkpoint, weights_dir, news)
        if held is None:
            held = yield from _first(checkpoint, weights_dir, places, patience)
            forget_parts(checkpoint, weights_dir)
    yield replace(news, stage="ready", message=str(held.path), done_bytes=held.size, of_bytes=held.size)
    return held


def _lock_of(checkpoint: Checkpoint, weights_dir: Path) -> Lock:
    path = weights_dir / f"{checkpoint.name}.lock"
    try:
        return Lock(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def _here(checkpoint: Checkpoint, weights_dir: Path, news: News) -> Generator[News, None, LocalCheckpoint | None]:
    """The file that is here, verified if it was not yet; a broken one is put aside, and that is said."""
    found = find(checkpoint, weights_dir)
    try:
        return found and (yield from ensure_verified(found, checkpoint.name))
    except BrokenWeights as error:
        yield replace(news, stage="notice", message=str(error))
        return None


def _first(checkpoint: Checkpoint, weights_dir: Path, places: Iterable[Source], patience: RetryPolicy) -> Installing:
    failures = []
    for source in places:
        news = News("connect", checkpoint.name, f"asking {source.owner} for {source.form.name}")
        yield news
        try:
            return (yield from install(source, weights_dir, replace(news, message="", stage="download"), patience))
        except SourceError as error:
            failures.append(f"{source.owner} {error}")
            yield replace(news, stage="refused", message=f"{failures[-1]}.")
    files = " or ".join(form.name for form in checkpoint.forms)
    raise NoSource(
        f"{checkpoint.name} could not be fetched: {'; '.join(failures) or 'no source was named'}. If you have {files}, "
        "import the folder that holds it, or name a mirror in BLENDER_TEXT3D_MIRROR."
    )
