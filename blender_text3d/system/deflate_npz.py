# SPDX-License-Identifier: GPL-3.0-or-later
"""Lossless compression of the arrays in an .npz file, in small steps; numpy reads the result as before."""

import io
import zipfile
from collections.abc import Generator
from pathlib import Path

from .files import replace_content
from .run_steps import run_steps
from .untrusted_files import require_regular_file
from .zip_limits import check_directory

MAX_RATIO = 16
"""Largest ratio of arrays to file: readers refuse more, so that a small file cannot fill the memory."""
MIN_SAVED = 0.02
"""Smallest share of the bytes that is worth the time to inflate them again."""
MAX_BYTES = 2**28
MAX_ARRAYS, MAX_DIRECTORY_BYTES = 16, 2**14
CHUNK_BYTES = 2**17
LEVEL = 1
"""Higher levels take three times as long and save nothing: the last digits of coordinates and colors are noise."""


def deflate_npz(path: Path) -> int:
    """Compress the arrays of a file that stores them as they are; returns how many bytes that saves.

    Raises:
        OSError: The file cannot be read or replaced; it is unchanged.
        ValueError: It is too large, or no .npz file.
    """
    return run_steps(deflate_npz_steps(path))


def deflate_npz_steps(path: Path) -> Generator[None, None, int]:
    """Compress as `deflate_npz` does, in steps of a few milliseconds; the value is what that returns."""
    require_regular_file(path, MAX_BYTES, follow_links=False)
    content = path.read_bytes()
    try:
        check_directory(io.BytesIO(content), MAX_DIRECTORY_BYTES)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ARRAYS or sum(entry.file_size for entry in entries) > len(content):
                return 0  # compressed already, or not ours
            packed = yield from _deflated_steps(archive, entries)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{path.name} is damaged: {error!s:.100}") from error
    saved = len(content) - len(packed)
    if saved < MIN_SAVED * len(content) or len(content) > MAX_RATIO * len(packed):
        return 0
    replace_content(path, packed)
    return saved


def _deflated_steps(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Generator[None, None, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for entry in entries:
            copy = zipfile.ZipInfo(entry.filename, entry.date_time)
            copy.compress_type = zipfile.ZIP_DEFLATED
            copy._compresslevel = LEVEL  # type: ignore[attr-defined]  # the argument of writestr, which has no chunks
            copy.file_size = entry.file_size
            with archive.open(entry) as source, target.open(copy, "w") as file:
                while chunk := source.read(CHUNK_BYTES):
                    file.write(chunk)
                    yield
    return packed.getvalue()
