# SPDX-License-Identifier: GPL-3.0-or-later
"""Optional parts of the worker's environment: packages that only some users need, installed on request.

A part adds packages and leaves the worker's own unchanged. A file in the folder of the environment's version, next to
the smoke test's result, lists the installed parts.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..system.untrusted_files import read_json
from .paths import worker_python
from .requirements import HASHED_DIR, read_requirements

FILE_NAME = "blender_text3d-parts.json"
MAX_FILE_BYTES = 10_000


class OptionalPart(NamedTuple):
    """An optional part.

    Attributes:
        name: Name on the command line and in the file of installed parts.
        label: Name in the interface.
        about: Its purpose in a few words.
        requirements: Its packages with their versions; the file also pins what they need.
        modules: Modules that must import after it was installed.
        size_bytes: About what it takes on the disk.
    """

    name: str
    label: str
    about: str
    requirements: tuple[str, ...]
    modules: tuple[str, ...]
    size_bytes: int

    @property
    def file(self) -> Path:
        """The requirements file with the hashes of its packages."""
        return HASHED_DIR / f"part_{self.name}.txt"

    @property
    def sha256(self) -> str:
        """A hash of the pinned packages."""
        return requirements_sha256(self.file)

    @property
    def packages(self) -> tuple[str, ...]:
        """Names of its packages."""
        return tuple(line.partition("==")[0] for line in read_requirements(self.file) if "==" in line)


@cache
def requirements_sha256(path: Path) -> str:
    """Return a hash of the pinned packages in a file, which is read once: the panel asks at each redraw."""
    return hashlib.sha256("\n".join(read_requirements(path)).encode()).hexdigest()


DIFFUSERS = OptionalPart(
    "diffusers",
    "Diffusers",
    "image models of your own for the three-step models",
    ("diffusers==0.42.1", "transformers==5.23.0", "accelerate==1.15.0", "sentencepiece==0.2.3"),
    ("diffusers", "transformers", "accelerate", "sentencepiece"),
    250_000_000,
)
CLUSTER = OptionalPart(
    "cluster",
    "Ray",
    "batches on several GPUs or machines",
    ("ray==2.60.0",),
    ("ray",),
    260_000_000,
)
PARTS = {part.name: part for part in (DIFFUSERS, CLUSTER)}


def installed_parts(version_dir: Path) -> dict[str, str]:
    """Return the hash of each installed part by name.

    Args:
        version_dir: The folder of an environment's version.
    """
    try:
        parts = read_json(version_dir / FILE_NAME, MAX_FILE_BYTES)
    except (OSError, ValueError):
        return {}
    return {str(name): str(sha256) for name, sha256 in parts.items()} if isinstance(parts, dict) else {}


def is_installed(env_dir: Path, part: OptionalPart) -> bool:
    """True if the environment in use has a part in its present version."""
    recorded = installed_parts(version_dir(env_dir)).get(part.name)
    return recorded is not None and recorded == part.sha256


def version_dir(env_dir: Path) -> Path:
    """Return the folder of the environment's version in use."""
    return worker_python(env_dir).parent.parent


def record_parts(folder: Path, parts: dict[str, str]) -> None:
    """Replace the list of installed parts in the folder of an environment's version."""
    (folder / FILE_NAME).write_text(json.dumps(parts, indent=1), encoding="utf-8")
