# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that readers see whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .patience import replace_with_retry


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name, and the place of an older one, when the block ends well.

    Raises:
        OSError: It cannot be written; the older file is untouched.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        replace_with_retry(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
