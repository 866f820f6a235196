# SPDX-License-Identifier: GPL-3.0-or-later
"""What an environment is to hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Packages:
    """One environment's contents.

    Attributes:
        requirements: Lines as in a requirements file, without comments.
        modules: Imported when all is installed, as proof that it works.
        needed_gb: Free disk space to ask for before the start, in gigabytes.
        python_versions: The Python versions that may carry it, best first.
    """

    requirements: tuple[str, ...]
    modules: tuple[str, ...]
    needed_gb: float
    python_versions: tuple[str, ...] = ("3.11", "3.12", "3.13")

    @property
    def sha256(self) -> str:
        """Changes when a requirement changes."""
        return hashlib.sha256("\n".join(self.requirements).encode()).hexdigest()


def requirement_lines(path: Path) -> tuple[str, ...]:
    """A requirements file's lines, without comments and blank lines."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


WORKER = Packages(
    requirements=requirement_lines(Path(__file__).with_name("worker_requirements.txt")),
    modules=("numpy", "safetensors", "skimage", "trimesh", "torch", "rerun"),
    needed_gb=4.0,
)
