# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that marks a folder as an environment of the add-on and records its state.

It is written before anything else in the folder, with the state "making", and again with "ready" after the last step.
A folder without it is never touched, and an interrupted setup can be recognized.

It also names the version in use. A virtual environment cannot be moved, so a new one is created in a subfolder of its
own next to the old one, and the manifest is switched to it when it has passed its test.
"""

import json
from dataclasses import asdict
from pathlib import Path

from ..system.files import replace_with_retry
from ..system.lazy_dataclass import lazy_dataclass

FILE_NAME = "blender_text3d-env.json"
REMOVING = "removing"


@lazy_dataclass(frozen=True)
class Manifest:
    """State of an environment. The field names are the keys of the file.

    Attributes:
        state: "making", "ready", or "removing" until removal is complete.
        requirements_sha256: Hash of the packages it was created for.
        base_python: Path of the interpreter it was created from.
        folder: Name of the subfolder with the virtual environment in use; "" for the environment's folder itself.
    """

    state: str
    requirements_sha256: str
    base_python: str
    folder: str = ""


def read_manifest(env_dir: Path) -> Manifest | None:
    """Return the manifest of an environment, or None if it is missing or unreadable."""
    try:
        return Manifest(**json.loads((env_dir / FILE_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_manifest(env_dir: Path, manifest: Manifest) -> None:
    """Replace the manifest atomically, so that a crash leaves the old one or the new one.

    Raises:
        OSError: It cannot be written.
    """
    path = env_dir / FILE_NAME
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
    replace_with_retry(temporary, path)
