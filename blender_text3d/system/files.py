# SPDX-License-Identifier: GPL-3.0-or-later
"""Create a file exclusively, write one atomically, and rename one that another program has open.

Windows refuses to rename a file that is open in another program, and virus scanners open new files.
"""

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

RETRY_FOR_S = 2.0
RETRY_EVERY_S = 0.02


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file that replaces `path` if the block succeeds; readers see the old or the new file.

    Raises:
        OSError: The file cannot be written; the old one is unchanged.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        replace_with_retry(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def replace_content(path: Path, content: bytes) -> None:
    """Write a file atomically, even into an untrusted folder: a link in place of the temporary file is removed.

    Raises:
        OSError: The file cannot be written; the old one is unchanged.
    """
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with part.open("xb") as file:
            file.write(content)
        replace_with_retry(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def replace_with_retry(source: Path, target: Path, move: Callable[[Path, Path], object] = os.replace) -> None:
    """Rename a file or folder; on Windows retry for RETRY_FOR_S while another program has it open.

    Raises:
        OSError: It cannot be renamed.
    """
    deadline = time.monotonic() + (RETRY_FOR_S if sys.platform == "win32" else 0.0)
    while True:
        try:
            move(source, target)
            return
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(RETRY_EVERY_S)


def create_exclusive(path: Path, content: str) -> bool:
    """Create a file with its complete content, or return False if it exists.

    The content is written to a temporary file that is then linked. On a disk without hard links, readers may briefly
    see a partial file.

    Raises:
        OSError: The file cannot be written; none is left behind.
    """
    if os.path.lexists(path):
        return False
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_new(draft, content)
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError:
        return _create_in_place(path, content)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return True


def write_new(path: Path, content: str) -> None:
    """Write a text file that must not exist yet.

    Raises:
        OSError: It exists or cannot be written; no partial file is left behind.
    """
    file = path.open("x", encoding="utf-8")
    try:
        with file:
            file.write(content)
    except BaseException:  # such as a full disk: an empty file must not pass for the content
        path.unlink(missing_ok=True)
        raise


def _create_in_place(path: Path, content: str) -> bool:
    try:
        write_new(path, content)
    except FileExistsError:
        return False
    return True
