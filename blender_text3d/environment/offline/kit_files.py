# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an offline kit, verified by the sizes and hashes of its manifest."""

import hashlib
import stat
from pathlib import Path

from ...system.console import sanitized
from ...system.untrusted_files import is_plain_name
from ..errors import SetupFailed
from ..requirements import Packages
from .kit import WHEELS, Kit, KitFile, Report, read_kit, require_matching_kit

BLOCK_BYTES = 2**20


def corrupt_files(kit: Kit, report: Report = lambda message, share: None) -> list[str]:
    """Return a sentence for each file that is missing, differs from the manifest, or is not in it. Reads every file.

    Args:
        kit: The kit to verify.
        report: Called with a line for the user and the completed share, 0 to 1.
    """
    read_bytes, errors = 0, []
    for file in kit.files:
        report(f"Checking {file.path}", read_bytes / max(kit.size_bytes, 1))
        if error := _file_error(kit, file):
            errors.append(error)
        read_bytes += file.size_bytes
    return errors + _unexpected_files(kit)


def load_verified_kit(folder: Path, packages: Packages, report: Report) -> Kit:
    """Return a kit that can be installed and whose files are unchanged.

    Raises:
        SetupFailed: It cannot be installed, or a file is corrupt.
    """
    kit = read_kit(folder)
    require_matching_kit(kit, packages)
    if errors := corrupt_files(kit, report):
        more = f" {len(errors) - 1} more files are affected." if len(errors) > 1 else ""
        raise SetupFailed(f"The kit in {kit.folder} is corrupt. {errors[0]}{more}", "Copy the kit again.")
    return kit


def file_sha256(path: Path) -> str:
    """Return the hash of a file's contents."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _file_error(kit: Kit, file: KitFile) -> str:
    path = kit.folder / file.path
    try:
        is_inside = all(map(is_plain_name, file.path.split("/"))) and kit.folder.resolve() in path.resolve().parents
        if not is_inside:
            return f"{file.path} is outside the kit's folder."
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # reading a pipe may never end
            return f"{file.path} is not a regular file."
        if status.st_size != file.size_bytes:
            return f"{file.path} does not have {file.size_bytes:,} bytes."
        return "" if file_sha256(path) == file.sha256 else f"{file.path} has changed since the kit was made."
    except (OSError, RuntimeError):  # older Pythons raise RuntimeError for a link to itself
        return f"{file.path} is missing or cannot be read."


def _unexpected_files(kit: Kit) -> list[str]:
    """Return a sentence for each wheel that is not in the manifest: the installer would consider it too."""
    known = {file.path for file in kit.files}
    found = (f"{WHEELS}/{path.name}" for path in sorted(kit.wheels.glob("*")))
    return [f"{sanitized(path)} does not belong to the kit." for path in found if path not in known]
