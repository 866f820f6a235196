# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running download says. The same news goes to a terminal, to JSON lines and to Blender's panel."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class News:
    """One thing that happened.

    Attributes:
        stage: "wait" for another process, "connect", "download", "copy", "verify", "refused" (a source gave nothing
            usable, the next one is tried), "notice" (the user should read it), "ready", "removed", and of a
            command "failed".
        checkpoint: the catalogue's name; "" where a command failed as a whole.
        message: a sentence; "" where the numbers say it all.
        done_bytes: of the file.
        of_bytes: of the file in all; 0 where that is not known yet.
        bytes_per_s: how fast it comes.
        left_s: seconds left, or None where that cannot be said.
    """

    stage: str
    checkpoint: str
    message: str = ""
    done_bytes: int = 0
    of_bytes: int = 0
    bytes_per_s: float = 0.0
    left_s: float | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self))
