# SPDX-License-Identifier: GPL-3.0-or-later
"""Download a pipeline of the hub into the weights folder, with the hashes that the hub publishes."""

import hashlib
import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from ....system.hub_names import COMPLETE, hub_folder, relative_folder
from ..catalogue import OFFICIAL, Address, Checkpoint, CheckpointFile
from ..download.fetch import fetch_from
from ..download.partial_file import require_free_space, write_error
from ..download.retry_policy import RetryPolicy, SourceError
from ..download.source import sources
from ..errors import DownloadFailed
from ..progress import ProgressUpdate
from ..store.verified_stamp import read_json, write_json
from .card import HubCard, HubFile, file_url, read_hub_file


def fetch_pipeline(
    card: HubCard, weights_dir: Path, policy: RetryPolicy | None = None
) -> Generator[ProgressUpdate, None, Path]:
    """Download the files of a pipeline that are not here yet, and return its folder.

    Args:
        card: What the user has agreed to.
        weights_dir: The weights folder.
        policy: Timeouts and retries.

    Raises:
        DownloadFailed: A file cannot be downloaded or stored.
    """
    policy = policy or RetryPolicy()
    folder = hub_folder(card.name, weights_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / COMPLETE).unlink(missing_ok=True)
    except OSError as error:
        raise write_error(folder, error) from error
    require_free_space(folder, sum(file.size for file in card.files if not (folder / file.path).exists()))
    done, update = 0, ProgressUpdate("download", card.name, of_bytes=card.size)
    for file in card.files:
        steps = _fetch_weights(card, file, weights_dir, policy) if file.is_weights else None
        for step in steps or ():
            if step.stage != "ready":  # of this file
                counted = done + min(step.done_bytes, file.size)
                yield replace(step, checkpoint=card.name, done_bytes=counted, of_bytes=card.size)
        if steps is None:
            _fetch_config(card, file, folder, policy)
        done += file.size
        yield replace(update, done_bytes=done)
    write_json(folder / COMPLETE, _record(card))
    yield replace(update, stage="ready", message=str(folder), done_bytes=done)
    return folder


def remove_pipeline(name: str, weights_dir: Path) -> int:
    """Delete a pipeline's folder and return the bytes that were freed.

    Raises:
        OSError: A file cannot be deleted.
    """
    folder = hub_folder(name, weights_dir)
    if not folder.is_dir():
        return 0
    freed = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    shutil.rmtree(folder)
    return freed


def pipeline_sha256(folder: Path) -> str:
    """Return a hash of the hashes of a downloaded pipeline's weights, or "" for another folder."""
    files = read_json(folder / COMPLETE).get("weights_sha256")
    text = "".join(f"{path} {sha256}\n" for path, sha256 in sorted(files.items())) if isinstance(files, dict) else ""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def _record(card: HubCard) -> dict[str, object]:
    weights = {file.path: file.sha256 for file in card.files if file.is_weights}
    return {"name": card.name, "revision": card.revision, "license": card.license, "weights_sha256": weights}


def _fetch_weights(
    card: HubCard, file: HubFile, weights_dir: Path, policy: RetryPolicy
) -> Generator[ProgressUpdate, None, object]:
    """Download a weights file as a checkpoint's is: resumed, and verified by the hub's hash."""
    address = Address(file_url(card.name, card.revision, file.path), f"the hub's {card.name}")
    path = f"{relative_folder(card.name)}/{file.path}"
    variant = CheckpointFile(path, OFFICIAL, (address,), 0, size=file.size, sha256=file.sha256)
    checkpoint = Checkpoint(path, "", (variant,), card.license, card.page, "")
    return fetch_from(checkpoint, weights_dir, sources(checkpoint), policy)


def _fetch_config(card: HubCard, file: HubFile, folder: Path, policy: RetryPolicy) -> None:
    """Download a small file again, since most have no hash: that of another commit may have the same size.

    Raises:
        DownloadFailed: The hub does not give it, or gives a different one.
    """
    path = folder / file.path
    try:
        contents = read_hub_file(file_url(card.name, card.revision, file.path), file.size, card.name, policy)
    except SourceError as error:
        raise DownloadFailed(f"The hub {error}: {file.path} of {card.name}.") from error
    wrong_hash = file.sha256 and hashlib.sha256(contents).hexdigest() != file.sha256
    if len(contents) != file.size or wrong_hash:
        raise DownloadFailed(f"The hub gave a wrong {file.path} of {card.name}. Download it again.")
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(contents)
    except OSError as error:
        raise write_error(path, error) from error
