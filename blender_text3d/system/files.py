# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that the first one to write it writes for all, whole at once: nobody finds it half written."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def create_exclusive(path: Path, content: str) -> bool:
    """Write a file beside and give it its name; False where the name is taken.

    A disk without hard links shows it half written for a moment.

    Raises:
        OSError: It cannot be written; nothing stands there.
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
        return written_in_place(path, content)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    return True


def written_in_place(path: Path, content: str) -> bool:
    """Write it under its own name; False where that is taken.

    Raises:
        OSError: It cannot be written; nothing stands there.
    """
    try:
        write_new(path, content)
    except FileExistsError:
        return False
    return True


def write_new(path: Path, content: str) -> None:
    """A file that was not there.

    Raises:
        OSError: It is there, or it cannot be written.
    """
    file = path.open("x", encoding="utf-8")
    try:
        with file:
            file.write(content)
    except BaseException:  # a full disk, say: an empty file must not stand for the content
        path.unlink(missing_ok=True)
        raise
