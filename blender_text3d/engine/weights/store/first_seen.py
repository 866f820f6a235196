# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of the first download of every file whose makers publish no hash, so that a change is noticed."""

import time
from pathlib import Path

from ..catalogue import CheckpointFile
from .verified_stamp import read_json, write_json

FILE_NAME = "first-seen.json"


def changed_since_first_seen(
    variant: CheckpointFile, weights_dir: Path, sha256: str, size: int, source: str
) -> str | None:
    """Record a file if it is the first of its name, or return a message if another was recorded before.

    Args:
        variant: The catalogue's entry of the file.
        weights_dir: Folder that has the record.
        sha256: Hash of the file.
        size: Its bytes.
        source: URL or folder that it came from.

    Returns:
        None if nothing has changed, or if the makers publish a hash.
    """
    if variant.sha256:
        return None
    record = read_json(weights_dir / FILE_NAME)
    first = record.get(variant.path) or _known_copy(variant)
    if variant.path not in record:
        record[variant.path] = {"sha256": sha256, "size": size, "source": source, "date": time.strftime("%Y-%m-%d")}
        write_json(weights_dir / FILE_NAME, record)
    if first is None or first["sha256"] == sha256:
        return None
    return (
        f"{variant.path} has changed: it is now {size:,} bytes with SHA-256 {sha256} from {source}, and was "
        f"{first['sha256']} from {first['source']} ({first['date']}). Its makers publish no hash, so compare the two "
        "before you trust it."
    )


def _known_copy(variant: CheckpointFile) -> dict | None:
    if not variant.copied_sha256:
        return None
    return {"sha256": variant.copied_sha256, "source": "copies on the hub", "date": "2022 to 2024"}
