# SPDX-License-Identifier: GPL-3.0-or-later
"""What may lie in a job folder that somebody else made, and must not be written to: it leads out, or never ends."""

import stat
from contextlib import suppress
from pathlib import Path


def remove_special_files(folder: Path) -> None:
    """Take away links, pipes and sockets; what a link leads to stays as it is.

    Links to a system's own devices stay: what is written to them goes nowhere.
    """
    for path in folder.rglob("*"):
        with suppress(OSError):
            kind = path.lstat().st_mode
            if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind) or path.is_char_device()):
                path.unlink()
