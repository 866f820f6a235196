# SPDX-License-Identifier: GPL-3.0-or-later
"""Other machines that a .blend file may name: they are asked only where the user has typed them. No bpy."""

import os
import re

from ...protocol.request import VIEWER

THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}
# \\host\share, and \??\UNC\host\share, which the kernel of Windows takes for the same; either slash will do.
ELSEWHERE = re.compile(r"[\\/]([\\/]|\?\?)")


def is_remote_path(path: object) -> bool:
    """Whether to look at this path would be to ask another machine, who could then learn the user's name."""
    return isinstance(path, str) and bool(ELSEWHERE.match(path))


def is_local_absolute(path: object) -> bool:
    """Whether a recipe of ours may name a file so: with its whole path, on this machine."""
    return not isinstance(path, str) or not path or (os.path.isabs(path) and not is_remote_path(path))


def is_viewer_elsewhere(address: str) -> bool:
    """Whether a viewer's address is another machine's."""
    found = VIEWER.fullmatch(address)
    return not found or (found["host"] or "").strip("[]").lower() not in THIS_MACHINE
