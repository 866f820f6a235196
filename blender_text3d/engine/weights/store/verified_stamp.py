# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that was verified once is trusted while its size and its time stay the same."""

from dataclasses import asdict, dataclass
from pathlib import Path

from .json_file import read_json, write_json


@dataclass(frozen=True)
class Stamp:
    """What a file was when it was verified.

    Attributes:
        size: bytes.
        mtime_ns: time of its last change.
        sha256: of its contents.
        source: where it came from: an address, a folder, or "found here".
    """

    size: int
    mtime_ns: int
    sha256: str
    source: str


def stamp_path(path: Path) -> Path:
    """The stamp's file, beside the file that it is of."""
    return path.with_name(path.name + ".stamp.json")


def write_stamp(path: Path, sha256: str, source: str) -> Stamp:
    """Stamp a file that has just been verified."""
    status = path.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns, sha256, source)
    write_json(stamp_path(path), asdict(stamp))
    return stamp


def valid_stamp(path: Path) -> Stamp | None:
    """The file's stamp; None where there is none, or the file has changed since."""
    try:
        stamp = Stamp(**read_json(stamp_path(path)))
        status = path.stat()
    except (TypeError, OSError):
        return None
    return stamp if (stamp.size, stamp.mtime_ns) == (status.st_size, status.st_mtime_ns) else None
