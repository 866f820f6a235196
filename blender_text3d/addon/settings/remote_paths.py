# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths and addresses of other machines, which an untrusted .blend file may contain. No bpy.

Accessing such a path can reveal the user's name to the other machine, so only addresses the user typed are used.
"""

import os
import re

from ...protocol.request import VIEWER

THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
# \\host\share, and \??\UNC\host\share, which the Windows kernel treats the same, with either slash.
ELSEWHERE = re.compile(r"[\\/]([\\/]|\?\?)")


def is_remote_path(path: object) -> bool:
    """Return True if accessing the path would contact another machine."""
    return isinstance(path, str) and bool(ELSEWHERE.match(path))


def is_local_absolute(path: object) -> bool:
    """Return True if a recipe may name this file: empty, or an absolute path on this machine."""
    return not isinstance(path, str) or not path or (os.path.isabs(path) and not is_remote_path(path))


def is_remote_viewer(address: str) -> bool:
    """Return True if a viewer's address belongs to another machine."""
    match = VIEWER.fullmatch(address)
    return not match or (match["host"] or "").strip("[]").lower() not in THIS_MACHINE
