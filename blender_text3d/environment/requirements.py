# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of an environment, and the requirements files that pin each one with hashes.

The files in locked_requirements/ name no index. scripts/release/lock_requirements.py writes them for all systems and
Pythons.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HASHED_DIR = Path(__file__).with_name("locked_requirements")
UV_FILE = HASHED_DIR / "uv.txt"
# Linux packages that only one PyTorch build requires; the public index has all of them.
BUILD_DEPENDENCIES = {"default": "needs_cuda13.txt", "cu130": "needs_cuda13.txt", "cu126": "needs_cuda12.txt"}


@dataclass(frozen=True)
class Packages:
    """The contents of an environment.

    Attributes:
        requirements: Lines of a requirements file, without comments.
        modules: Modules that the smoke test imports.
        needed_gb: Free disk space required before installing, in gigabytes.
        python_versions: Supported Python versions, preferred first.
        hashed: Folder of requirements files with hashes, or None to install `requirements` without hashes.
        is_worker: True if the smoke test also runs a worker job.
        accepted_sha256: Values of `sha256` in earlier releases whose environments hold all packages that jobs need.
    """

    requirements: tuple[str, ...]
    modules: tuple[str, ...]
    needed_gb: float
    python_versions: tuple[str, ...] = ("3.11", "3.12", "3.13", "3.14")
    hashed: Path | None = None
    is_worker: bool = False
    accepted_sha256: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """A hash of the requirements and their pinned versions; the same for all PyTorch builds."""
        digest = hashlib.sha256("\n".join(self.requirements).encode())
        if self.hashed:
            for path in (base_packages_file(self.hashed), self.hashed / "torch_default.txt"):
                digest.update("\n".join(read_requirements(path)).encode())
        return digest.hexdigest()

    def is_satisfied_by(self, requirements_sha256: str) -> bool:
        """True if an environment or offline kit made for a hash of requirements holds these packages."""
        return requirements_sha256 in (self.sha256, *self.accepted_sha256)


def read_requirements(path: Path) -> tuple[str, ...]:
    """Return the lines of a requirements file, without comments and blank lines."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line)


def base_packages_file(folder: Path) -> Path:
    """Return the requirements file of all packages except PyTorch and its own dependencies."""
    return folder / "worker.txt"


def torch_file(folder: Path, build: str) -> Path | None:
    """Return the requirements file of a PyTorch build, or None if its hashes are unknown.

    Args:
        folder: The folder of requirements files.
        build: A build name as returned by `torch_build`.
    """
    path = folder / f"torch_{build}.txt"
    return path if path.is_file() else None


def build_dependencies_file(folder: Path, build: str) -> Path | None:
    """Return the requirements file of a PyTorch build's own dependencies, or None if it has none."""
    return folder / BUILD_DEPENDENCIES[build] if build in BUILD_DEPENDENCIES else None


WORKER = Packages(
    requirements=read_requirements(Path(__file__).with_name("worker_requirements.txt")),
    modules=("numpy", "scipy", "PIL", "safetensors", "trimesh", "torch", "rerun", "psutil", "fast_simplification"),
    needed_gb=4.0,
    hashed=HASHED_DIR,
    is_worker=True,
    # 0.1.0: packages that are not used any more, and no fast-simplification, without which meshes keep all faces.
    accepted_sha256=("1aff03f4dda144c47a559df8434db6f520cf2252c4fc1983010be94c79ba456c",),
)
