# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of exported files, and the sentences for files that cannot be written."""

import errno
from collections.abc import Sequence
from pathlib import Path

from .options import ExportError

FORBIDDEN = set('<>:"/\\|?*')
"""Characters that some system refuses in the name of a file."""
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{name}{number}" for name in ("COM", "LPT") for number in range(1, 10))}
MAX_STEM_BYTES = 120
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def file_stems(names: Sequence[str]) -> list[str]:
    """Return a different file name, without a suffix, for each object; systems may not tell case apart."""
    found: dict[str, None] = {}
    stems = []
    for name in names:
        stem = first = file_stem(name)
        number = 1
        while stem.casefold() in found:
            number += 1
            stem = f"{first}-{number}"
        found[stem.casefold()] = None
        stems.append(stem)
    return stems


def file_stem(name: str) -> str:
    """Return the name of an object as that of a file on every system."""
    text = "".join("_" if char in FORBIDDEN or not char.isprintable() else char for char in name).strip(" .")
    text = text.encode()[:MAX_STEM_BYTES].decode(errors="ignore").strip(" .")
    return f"_{text}" if not text or text.split(".")[0].upper() in RESERVED else text


def check_folder(folder: Path) -> None:
    """Raise ExportError for a folder that does not exist."""
    if not folder.is_dir():
        raise ExportError(f"The folder {folder} does not exist. Choose another one.")


def write_error(path: Path, error: OSError) -> ExportError:
    """Return the error with the sentence for a file that could not be written."""
    if error.errno in FULL:
        return ExportError(f"The disk of {path.parent} is full, so {path.name} was not written. Free some space.")
    if error.errno in REFUSED:
        return ExportError(f"{path.parent} is read-only, so {path.name} was not written. Choose another folder.")
    return ExportError(f"{path.name} was not written to {path.parent}: {error.strerror or error}.")
