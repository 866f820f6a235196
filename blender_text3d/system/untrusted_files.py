# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that anybody may have put there: read only if they are plain files of a sensible size."""

import errno
import json
import re
import stat
from pathlib import Path
from typing import Any

MAX_NAME_LENGTH = 120
NO_NAME = re.compile(r"[\x00-\x1f/\\:]")
DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)


def is_plain_name(name: object) -> bool:
    """Whether this names a file in a folder, the same one on every system, and nothing outside of it.

    Windows drops dots and spaces at the end, and takes some names for devices whatever comes behind a dot.
    """
    is_short_text = isinstance(name, str) and 0 < len(name) <= MAX_NAME_LENGTH
    return is_short_text and name == name.rstrip(". ") and not (NO_NAME.search(name) or DEVICE.fullmatch(name))


def require_regular_file(path: Path, most_bytes: int) -> None:
    """See that reading a file will end.

    Raises:
        OSError: It is missing, or a folder, a pipe or a device.
        ValueError: It is too large.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    if status.st_size > most_bytes:
        raise ValueError(f"{path.name} has {status.st_size:,} bytes, and {most_bytes:,} are the most")


def read_json(path: Path, most_bytes: int) -> Any:
    """The value in a JSON file.

    Raises:
        OSError: The file is missing, no plain file, or cannot be read.
        ValueError: It is too large, no JSON, too deep, or says a thing twice.
    """
    require_regular_file(path, most_bytes)
    return parse_json(path.read_text(encoding="utf-8"))


def parse_json(text: str) -> Any:
    """The value that a JSON text stands for.

    Raises:
        ValueError: It is no JSON, too deep, or says a thing twice.
    """
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("it says a thing twice")
    return values
