# SPDX-License-Identifier: GPL-3.0-or-later
"""blender_assets.cats.txt: the catalogs of a folder of .blend files, which Blender's Asset Browser shows.

Source: Blender 5.2 manual, Asset Catalogs, Asset Catalog Definition Files.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..protocol.errors import BadRequest
from ..system.file_lock import FileLock
from ..system.files import replace_content
from ..system.untrusted_files import require_regular_file

NAME = "blender_assets.cats.txt"
LOCK_NAME, LOCK_TIMEOUT_S = ".blender_assets.cats.txt.lock", 5.0
DEFAULT_CATALOG = "Text3D"
MAX_BYTES, MAX_LENGTH = 2**22, 200
HEADER = """# This is an Asset Catalog Definition file for Blender.
# Lines are UUID:catalog/path:simple name. Blender may rewrite this file.

VERSION 1

"""


def catalog_path(text: str) -> str:
    """Return the path of a catalog as Blender writes it.

    Raises:
        BadRequest: It is empty, too long, or has a character that the file cannot hold.
    """
    parts = [part.strip() for part in text.replace("\\", "/").split("/")]
    path = "/".join(part for part in parts if part)
    if not path or len(path) > MAX_LENGTH or ":" in path or not path.isprintable():
        raise BadRequest(f"{text!r:.60} is no name of an asset catalog. Choose one such as Props/Chairs.")
    return path


def catalog_id(path: str) -> str:
    """Return the UUID of a catalog in files that do not have it yet: the same everywhere."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"blender_text3d:{path}"))


def ensure_catalog(folder: Path, path: str) -> str:
    """Return the UUID of a catalog in a folder's file, to which it is added if it is missing, as are those above it.

    Blender would add the latter itself and show the file as unsaved. All other lines stay as they are.

    Raises:
        BadRequest: The file is too large or no text, or another program keeps it.
        OSError: It cannot be read or written; it is unchanged.
    """
    if known := known_catalogs(folder).get(path):
        return known
    with locked(folder):
        content = _content(folder / NAME)
        known_ids = _catalogs_in(content)
        parts = path.split("/")
        paths = ["/".join(parts[: count + 1]) for count in range(len(parts))]
        missing = [each for each in paths if each not in known_ids]
        lines = "".join(f"{catalog_id(each)}:{each}:{each.replace('/', '-')}\n" for each in missing)
        replace_content(folder / NAME, ((content if content.endswith("\n") else f"{content}\n") + lines).encode())
    return known_ids.get(path) or catalog_id(path)


def known_catalogs(folder: Path) -> dict[str, str]:
    """Return the UUID of each catalog in a folder's file, by path.

    Raises:
        BadRequest, OSError: As for `ensure_catalog`.
    """
    return _catalogs_in(_content(folder / NAME))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other Blenders from writing the file meanwhile; a disk without locks is written without one.

    Raises:
        BadRequest: Another process does not release it.
        OSError: The folder cannot be written.
    """
    with FileLock(folder / LOCK_NAME) as lock:
        try:
            is_acquired = lock.try_acquire(LOCK_TIMEOUT_S)
        except OSError:
            is_acquired = True
        if not is_acquired:
            raise BadRequest(f"Another program is writing {folder / NAME}. Try again.")
        yield


def _catalogs_in(content: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in content.splitlines():
        identifier, _, rest = line.partition(":")
        if _is_uuid(identifier):
            found.setdefault(rest.rpartition(":")[0], identifier)
    return found


def _content(path: Path) -> str:
    if not path.exists():
        return HEADER
    try:
        require_regular_file(path, MAX_BYTES)
        return path.read_bytes().decode("utf-8")  # with the line ends that it has
    except ValueError as error:
        raise BadRequest(f"{path} is no file of asset catalogs ({error!s:.80}). Move it.") from error


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
