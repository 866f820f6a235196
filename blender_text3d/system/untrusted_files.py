# SPDX-License-Identifier: GPL-3.0-or-later
"""Safe handling of files from an untrusted source: names, sizes, special files and JSON."""

import errno
import json
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

MAX_NAME_LENGTH = 120
FORBIDDEN_CHARACTERS = re.compile(r"[\x00-\x1f/\\:]")
WINDOWS_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL)


def is_plain_name(name: object) -> bool:
    """True if the value names one file inside a folder, the same file on every operating system.

    Windows drops trailing dots and spaces, and treats some names as devices whatever follows the first dot.
    """
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH or name != name.rstrip(". "):
        return False
    return not (FORBIDDEN_CHARACTERS.search(name) or WINDOWS_DEVICE.fullmatch(name))


def require_regular_file(path: Path, max_bytes: int, *, follow_links: bool = True) -> None:
    """Refuse files that are too large or that may never end, such as pipes and devices.

    Args:
        path: The file.
        max_bytes: Largest size that is accepted.
        follow_links: False to refuse symbolic links, too, which may lead out of an untrusted folder.

    Raises:
        OSError: It is missing, or not a regular file.
        ValueError: It is too large.
    """
    status = path.stat(follow_symlinks=follow_links)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    if status.st_size > max_bytes:
        raise ValueError(f"{path.name} has {status.st_size:,} bytes, more than the limit of {max_bytes:,}")


def remove_special_files(folder: Path) -> None:
    """Remove links, pipes and sockets below a folder, so that writing there neither escapes it nor blocks.

    Link targets are left alone. Links to character devices are kept: writing to those is harmless.
    """
    for path in folder.rglob("*"):
        with suppress(OSError):
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or path.is_char_device()):
                path.unlink()


def read_json(path: Path, max_bytes: int, *, follow_links: bool = True) -> Any:
    """Read a JSON file.

    Args:
        path: The file.
        max_bytes: Largest size that is accepted.
        follow_links: As for `require_regular_file`.

    Raises:
        OSError: The file is missing, not a regular file, or cannot be read.
        ValueError: It is too large, or refused by `parse_json`.
    """
    require_regular_file(path, max_bytes, follow_links=follow_links)
    return parse_json(path.read_text(encoding="utf-8"))


def parse_json(text: str) -> Any:
    """Parse JSON without duplicate keys.

    Raises:
        ValueError: It is not JSON, is nested too deep, or repeats a key.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique_keys)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("it repeats a key")
    return values
