# SPDX-License-Identifier: GPL-3.0-or-later
"""What an environment is to hold."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .hashed import FOLDER, packages_file, torch_file


@dataclass(frozen=True)
class Packages:
    """One environment's contents.

    Attributes:
        requirements: Lines as in a requirements file, without comments.
        modules: Imported when all is installed, as proof that it works.
        needed_gb: Free disk space to ask for before the start, in gigabytes.
        python_versions: The Python versions that may carry it, best first.
        hashed: A folder of requirements files in exact versions with hashes, as in hashed.py; None where there is none.
        is_worker: Whether the worker must make an object with them before they count as installed.
    """

    requirements: tuple[str, ...]
    modules: tuple[str, ...]
    needed_gb: float
    python_versions: tuple[str, ...] = ("3.11", "3.12", "3.13", "3.14")
    hashed: Path | None = None
    is_worker: bool = False

    @cached_property
    def sha256(self) -> str:
        """Changes when a requirement or an exact version changes, for whatever build of PyTorch."""
        digest = hashlib.sha256("\n".join(self.requirements).encode())
        if self.hashed:
            for path in (packages_file(self.hashed), torch_file(self.hashed, "default")):
                digest.update("\n".join(requirement_lines(path)).encode())
        return digest.hexdigest()


def requirement_lines(path: Path) -> tuple[str, ...]:
    """A requirements file's lines, without comments and blank lines."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


WORKER = Packages(
    requirements=requirement_lines(Path(__file__).with_name("worker_requirements.txt")),
    modules=("numpy", "safetensors", "skimage", "trimesh", "torch", "rerun"),
    needed_gb=4.0,
    hashed=FOLDER,
    is_worker=True,
)
