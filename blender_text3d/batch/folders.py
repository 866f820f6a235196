# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the folders that a command line names, before anything is generated."""

import os
from pathlib import Path

from ..protocol.errors import BadRequest
from ..system.console import sanitized


def require_folder(path: Path, flag: str) -> None:
    """Create a folder unless it exists.

    Raises:
        BadRequest: It is a file, or cannot be created or written.
    """
    shown = sanitized(str(path))
    if path.exists() and not path.is_dir():
        raise BadRequest(f"{shown} is a file, not a folder. Choose another folder with {flag}.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRequest(
            f"The folder {shown} cannot be created ({error.strerror}). Choose another one with {flag}."
        ) from error
    if not os.access(path, os.W_OK):
        raise BadRequest(f"The folder {shown} cannot be written. Choose another one with {flag}.")
