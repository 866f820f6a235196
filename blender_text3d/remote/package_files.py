# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of this package that the other machine needs: all but those for Blender, with the small models."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = Path(__file__).absolute().parents[1]
FOR_BLENDER = ("addon", "scene", "__pycache__")
INSTALLED_MARKER = "blender_manifest.toml"
"""With this file, the worker would run from another copy."""


class PackageFiles(NamedTuple):
    """All files, and the version that they are.

    Attributes:
        version: Hash of all names and contents.
        files: Name with the package's own as its first folder, size in bytes and SHA-256 of each.
        paths: A path by SHA-256.
    """

    version: str
    files: list[tuple[str, int, str]]
    paths: dict[str, Path]

    @property
    def names(self) -> set[str]:
        """Names of all files."""
        return {name for name, _, _ in self.files}

    def order(self, module: str, arguments: list[str]) -> bytes:
        """Return the line that asks the bootstrap to run a module of the package."""
        entry = ".__main__" if f"{PACKAGE.name}/{module.replace('.', '/')}/__main__.py" in self.names else ""
        order: dict[str, Any] = {"version": self.version, "files": self.files, "arguments": arguments}
        return json.dumps(order | {"module": f"{PACKAGE.name}.{module}{entry}"}).encode() + b"\n"


def package_files() -> PackageFiles:
    """Read and hash all files, about 30 MB.

    Raises:
        OSError: One cannot be read, as while the package is being replaced.
    """
    files, paths = [], {}
    for path in _paths():
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        name = path.relative_to(PACKAGE.parent).as_posix()
        files.append((name, len(content), sha256))
        paths[sha256] = path
    version = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
    return PackageFiles(version, files, paths)


def bootstrap_program() -> bytes:
    """Return the program that receives the package, with its length on a line before it."""
    program = (PACKAGE / "remote" / "bootstrap.py").read_bytes()
    return f"{len(program)}\n".encode() + program


def _paths() -> list[Path]:
    found = []
    for folder, folders, names in os.walk(PACKAGE):
        folders[:] = sorted(set(folders) - set(FOR_BLENDER))
        found += [Path(folder, name) for name in sorted(names) if name != INSTALLED_MARKER]
    return found
