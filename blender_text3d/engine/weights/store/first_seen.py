# SPDX-License-Identifier: GPL-3.0-or-later
"""What was got the first time, of files whose makers publish no hash, so that a change shows."""

import time
from pathlib import Path

from ..catalogue import CheckpointFile
from .json_file import read_json, write_json

FILE_NAME = "first-seen.json"


def changed_since_first(form: CheckpointFile, weights_dir: Path, sha256: str, size: int, source: str) -> str | None:
    """Records a file that is the first of its name; a sentence where another was recorded before.

    Args:
        form: What the file is.
        weights_dir: The folder that keeps the record.
        sha256: Of the file.
        size: Its bytes.
        source: Where it came from.

    Returns:
        None where all is as before, or where the makers' own hash has been checked already.
    """
    if form.sha256:
        return None
    record = read_json(weights_dir / FILE_NAME)
    first = record.get(form.path) or _seen_by_others(form)
    if form.path not in record:
        record[form.path] = {"sha256": sha256, "size": size, "source": source, "date": time.strftime("%Y-%m-%d")}
        write_json(weights_dir / FILE_NAME, record)
    if first is None or first["sha256"] == sha256:
        return None
    return (
        f"{form.path} has changed: it is now {size:,} bytes with SHA-256 {sha256} from {source}, and was "
        f"{first['sha256']} from {first['source']} ({first['date']}). Its makers publish no hash, so compare before "
        "you trust it."
    )


def _seen_by_others(form: CheckpointFile) -> dict | None:
    if not form.seen_sha256:
        return None
    return {"sha256": form.seen_sha256, "source": "copies on the hub", "date": "2022 to 2024"}
