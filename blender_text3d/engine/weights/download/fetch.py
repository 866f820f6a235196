# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch a checkpoint from the first source that has it, verify it and rename it to its final path.

The generators yield progress updates. Closing one cancels the download; the partial file is kept and resumed later.
"""

import time
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path

from ....system.file_lock import FileLock
from ..catalogue import Checkpoint
from ..errors import BrokenWeights, NoSource
from ..progress import ProgressUpdate
from ..store.first_seen import changed_since_first_seen
from ..store.local_files import LocalCheckpoint, ensure_verified, find_local
from ..store.verified_stamp import quarantine, write_stamp
from ..store.verify import verify
from .partial_file import PartialFile, write_error
from .retry_policy import RetryPolicy, SourceError
from .source import Source, sources
from .transfer import copy, download

FetchSteps = Generator[ProgressUpdate, None, LocalCheckpoint]
LOCK_POLL_S = 0.2


def fetch(
    checkpoint: Checkpoint, weights_dir: Path, *, mirror: str = "", policy: RetryPolicy | None = None
) -> FetchSteps:
    """Fetch a checkpoint from the first source that has it, unless it is here and verified.

    Args:
        checkpoint: The checkpoint to fetch.
        weights_dir: Folder to store it in.
        mirror: The user's own source, a URL or a folder, tried first.
        policy: Timeouts and retries.

    Yields:
        Progress updates.

    Returns:
        The file, verified and at its final path.

    Raises:
        NoSource: No source has it.
        DownloadFailed: It cannot be stored.
    """
    return fetch_from(checkpoint, weights_dir, sources(checkpoint, mirror), policy or RetryPolicy())


def fetch_from(
    checkpoint: Checkpoint, weights_dir: Path, candidates: Iterable[Source], policy: RetryPolicy
) -> FetchSteps:
    """Fetch from the given sources, in one process at a time: others wait and then find the file."""
    update = ProgressUpdate("connect", checkpoint.name)
    with _open_lock(checkpoint, weights_dir) as lock:
        while not _try_acquire(lock):
            received = max(PartialFile(weights_dir / variant.path).size() for variant in checkpoint.variants)
            yield replace(update, stage="wait", message="another process is downloading it", done_bytes=received)
            time.sleep(LOCK_POLL_S)
        local = yield from _find_verified(checkpoint, weights_dir, update)
        if local is None:
            local = yield from _try_sources(checkpoint, weights_dir, candidates, policy)
            _discard_partial_files(checkpoint, weights_dir)
    yield replace(update, stage="ready", message=str(local.path), done_bytes=local.size, of_bytes=local.size)
    return local


def _open_lock(checkpoint: Checkpoint, weights_dir: Path) -> FileLock:
    path = weights_dir / f"{checkpoint.name}.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(path)
    except OSError as error:
        raise write_error(path, error) from error


def _try_acquire(lock: FileLock) -> bool:
    try:
        return lock.try_acquire()
    except OSError as error:  # the disk has no locks
        raise write_error(Path(lock.file.name), error) from error


def _find_verified(
    checkpoint: Checkpoint, weights_dir: Path, update: ProgressUpdate
) -> Generator[ProgressUpdate, None, LocalCheckpoint | None]:
    """Return the local file, verified if it was not yet; report and quarantine a broken one."""
    local = find_local(checkpoint, weights_dir)
    try:
        return local and (yield from ensure_verified(local, checkpoint.name))
    except BrokenWeights as error:
        yield replace(update, stage="notice", message=str(error))
        return None


def _try_sources(
    checkpoint: Checkpoint, weights_dir: Path, candidates: Iterable[Source], policy: RetryPolicy
) -> FetchSteps:
    failures = []
    for source in candidates:
        update = ProgressUpdate("connect", checkpoint.name, f"connecting to {source.owner} for {source.variant.name}")
        yield update
        try:
            return (yield from _install(source, weights_dir, replace(update, message="", stage="download"), policy))
        except SourceError as error:
            failures.append(f"{source.owner} {error}")
            yield replace(update, stage="refused", message=f"{failures[-1]}.")
    files = " or ".join(variant.name for variant in checkpoint.variants)
    raise NoSource(
        f"{checkpoint.name} could not be downloaded: {'; '.join(failures) or 'it has no source'}. If you have {files}, "
        "import the folder that contains it, or set a mirror in BLENDER_TEXT3D_MIRROR."
    )


def _install(
    source: Source, weights_dir: Path, update: ProgressUpdate, policy: RetryPolicy, *, may_restart: bool = True
) -> FetchSteps:
    """Get one source's file and verify it. A resumed file that is wrong is downloaded again once, from its start.

    Raises:
        SourceError: The source does not give the file, or gives a different one.
        DownloadFailed: It cannot be stored.
    """
    final = weights_dir / source.variant.path
    part = PartialFile(final)
    if source.file is not None:
        yield from copy(source.file, part, source.variant, update, policy)
    else:
        yield from download(source.url, part, source.variant, update, policy)
    try:
        sha256 = yield from verify(part.path, source.variant, update)
    except BrokenWeights as error:
        was_resumed = part.was_resumed
        quarantine(part.path, final)
        part.discard()
        if not (was_resumed and may_restart):
            raise SourceError(f"gave a wrong file: {str(error).rstrip('.')}") from error
        yield replace(update, stage="notice", message=f"{error} It is downloaded again from its start.")
        return (yield from _install(source, weights_dir, update, policy, may_restart=False))
    return (yield from _commit(source, part, weights_dir, sha256, update))


def _commit(source: Source, part: PartialFile, weights_dir: Path, sha256: str, update: ProgressUpdate) -> FetchSteps:
    final, size = weights_dir / source.variant.path, part.size()
    try:
        changed = changed_since_first_seen(source.variant, weights_dir, sha256, size, source.origin)
        part.commit(final)
        write_stamp(final, sha256, source.origin)
    except OSError as error:
        raise write_error(final, error) from error
    if changed:
        yield replace(update, stage="notice", message=changed)
    return LocalCheckpoint(source.variant, final, size, sha256)


def _discard_partial_files(checkpoint: Checkpoint, weights_dir: Path) -> None:
    """Delete unfinished downloads of other variants after one is complete."""
    for variant in checkpoint.variants:
        PartialFile(weights_dir / variant.path).discard()
