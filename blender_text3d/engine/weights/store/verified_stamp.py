# SPDX-License-Identifier: GPL-3.0-or-later
"""Mark a file as verified next to it, or rename a bad one so that it is never used and never silently deleted."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from ....system.files import replace_with_retry


@dataclass(frozen=True)
class Stamp:
    """Facts of a file when it was verified; the file is trusted while its size and time stay the same.

    Attributes:
        size: bytes.
        mtime_ns: time of its last change.
        sha256: hash of its contents.
        source: URL or folder that it came from.
    """

    size: int
    mtime_ns: int
    sha256: str
    source: str


def stamp_path(path: Path) -> Path:
    """Return the path of a file's stamp, in the same folder."""
    return path.with_name(path.name + ".stamp.json")


def write_stamp(path: Path, sha256: str, source: str) -> Stamp:
    """Stamp a file that has just been verified."""
    status = path.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, sha256, source)
    write_json(stamp_path(path), asdict(stamp))
    return stamp


def valid_stamp(path: Path) -> Stamp | None:
    """Return a file's stamp, or None if it has none or has changed since."""
    try:
        stamp = Stamp(**read_json(stamp_path(path)))
        status = path.stat()
    except (TypeError, OSError):
        return None
    return stamp if (stamp.size, stamp.mtime_ns) == (status.st_size, status.st_mtime_ns) else None


def quarantine_path(final: Path) -> Path:
    """Return the path that a bad file gets instead of `final`."""
    return final.with_name(final.name + ".broken")


def quarantine(path: Path, final: Path | None = None) -> Path:
    """Rename a bad file; an older quarantined one is replaced, so that at most one is kept.

    Args:
        path: The file.
        final: The path that it was meant to get, if not its own.

    Returns:
        Its new path.

    Raises:
        OSError: It cannot be renamed.
    """
    quarantined = quarantine_path(final or path)
    replace_with_retry(path, quarantined)
    stamp_path(path).unlink(missing_ok=True)
    return quarantined


def read_json(path: Path) -> dict:
    """Return the object in a JSON file, or an empty one if it cannot be read."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def write_json(path: Path, values: dict) -> None:
    """Replace a JSON file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(json.dumps(values, indent=1), encoding="utf-8")
    replace_with_retry(temporary, path)
