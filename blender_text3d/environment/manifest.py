# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that says an environment is ours, and whether it was finished.

It is written twice: first as "making", before anything else lies in the folder, and as "ready" after the last
step. So a folder without it is somebody else's and is never touched, and an interrupted one shows.

It also says which folder is in use. A virtual environment cannot be moved, so a new one is made in a folder of its own
beside the old one, and the mark is turned to it when it has proved itself.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..system.patience import replace_with_retry

FILE_NAME = "blender_text3d-env.json"
REMOVING = "removing"


@dataclass(frozen=True)
class Manifest:
    """State of an environment.

    Attributes:
        state: "making", "ready", or "removing" until the last of it is gone.
        requirements_sha256: Of the packages it was made for.
        base_python: The interpreter it was made from.
        folder: Of the virtual environment in use, below that of the mark; "" for the mark's own.
    """

    state: str
    requirements_sha256: str
    base_python: str
    folder: str = ""


def read_mark(env_dir: Path) -> Manifest | None:
    """The environment's mark, None where there is none that can be read."""
    try:
        return Manifest(**json.loads((env_dir / FILE_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_mark(env_dir: Path, mark: Manifest) -> None:
    """Replace the mark in one step, so that a crash leaves the old one or the new one."""
    path = env_dir / FILE_NAME
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(asdict(mark), indent=1), encoding="utf-8")
    replace_with_retry(unfinished, path)
