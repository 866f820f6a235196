# SPDX-License-Identifier: GPL-3.0-or-later
"""blender_assets.cats.txt: the catalogs of a folder of .blend files, which Blender's Asset Browser shows.

Source: Blender 5.2 manual, Asset Catalogs, Asset Catalog Definition Files.
"""

import uuid
from pathlib import Path

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.system.files import replace_content
from blender_text3d.system.untrusted_files import require_regular_file

NAME = "blender_assets.cats.txt"
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


def ensure_catalog(folder: Path, path: str) -> str:
    """Return the UUID of a catalog in a folder's file, to which it is added if it is missing, as are those above it.

    Blender would add the latter itself and show the file as unsaved.

    Raises:
        BadRequest: The file is too large or no text.
        OSError: It cannot be read or written.
    """
    file_path = folder / NAME
    if parent := path.rpartition("/")[0]:
        ensure_catalog(folder, parent)
    content = _content(file_path)
    for line in content.splitlines():
        identifier, _, rest = line.partition(":")
        if rest.rpartition(":")[0] == path and _is_uuid(identifier):
            return identifier
    identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"blender_text3d:{path}"))
    line = f"{identifier}:{path}:{path.replace('/', '-')}\n"
    replace_content(file_path, ((content if content.endswith("\n") else f"{content}\n") + line).encode())
    return identifier


def _content(path: Path) -> str:
    if not path.exists():
        return HEADER
    try:
        require_regular_file(path, MAX_BYTES)
        return path.read_text(encoding="utf-8")
    except ValueError as error:
        raise BadRequest(f"{path} is no file of asset catalogs ({error!s:.80}). Move it.") from error


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
