# SPDX-License-Identifier: GPL-3.0-or-later
"""Find a Python to create an environment with.

Blender's own Python, which runs this, comes first: it exists and is known to work. An environment created from it has
to be created again when that Blender is removed, which check.py reports. Blender's own packages are never changed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from .errors import SetupFailed

# The Python of a virtual environment reports the one that it was created from, which outlives it.
PROBE = """
import ensurepip, json, sys, venv
print(json.dumps(["%d.%d" % sys.version_info[:2], getattr(sys, "_base_executable", "") or sys.executable]))
"""
# Programs below these are removed when they exit, or by the next upgrade.
TRANSIENT = ("/tmp/.mount_", "/snap/")

# A version becomes part of glob patterns whose matches are run.
VERSION = re.compile(r"[0-9]\.[0-9]{1,2}")

# Folders of installers, version managers and packagers, which may not be on a desktop session's PATH.
PATTERNS = (
    "$PYENV_ROOT/versions/{v}*/bin/python",
    "~/.pyenv/versions/{v}*/bin/python",
    "~/.local/share/uv/python/cpython-{v}*/bin/python3",
    "/usr/bin/python{v}",
    "/usr/local/bin/python{v}",
    "/opt/homebrew/bin/python{v}",
    "/Library/Frameworks/Python.framework/Versions/{v}/bin/python3",
    "~/AppData/Local/Programs/Python/Python{d}/python.exe",
    "C:/Program Files/Python{d}/python.exe",
)


@dataclass(frozen=True)
class Interpreter:
    """A Python that can create virtual environments.

    Attributes:
        path: Its program file.
        version: Its version, "3.11".
    """

    path: Path
    version: str


def find_interpreter(versions: tuple[str, ...], chosen: str = "") -> Interpreter:
    """Return the chosen Python, or the first one of a supported version that works.

    Args:
        versions: Supported versions such as "3.11", preferred first.
        chosen: Path of the interpreter that the user chose; "" to search.

    Raises:
        SetupFailed: The chosen one cannot be used, or none was found.
    """
    if chosen:
        return _probe_chosen(chosen, versions)
    for candidate in candidates(versions):
        found = probe(candidate)
        if found and found.version in versions:
            return found
    raise SetupFailed(
        f"No Python {_join_versions(versions)} was found on this machine.",
        "Install one with its venv module, or choose one in the add-on's preferences.",
    )


def candidates(versions: tuple[str, ...]) -> Iterator[str]:
    """Yield paths of possible Pythons, preferred first; some may not exist or not run."""
    is_transient = sys.executable.startswith(TRANSIENT)
    if not is_transient:
        yield sys.executable
    for version in filter(VERSION.fullmatch, versions):
        yield from filter(None, [shutil.which(f"python{version}")])
        for template in PATTERNS:
            pattern = template.format(v=version, d=version.replace(".", ""))
            found = glob(os.path.expandvars(os.path.expanduser(pattern)))
            yield from sorted(found, key=key_by_numbers, reverse=True)
    yield from filter(None, map(shutil.which, ("python3", "python")))
    if is_transient:
        yield sys.executable


def key_by_numbers(path: str) -> list[str | int]:
    """Return a sort key of a path, by which 3.12.10 is newer than 3.12.9."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", path)]


def probe(python: str) -> Interpreter | None:
    """Return the path and version that a Python reports, or None if it does not run or has no venv module."""
    try:
        # -I: neither the caller's environment nor its folder may affect the result.
        result = subprocess.run([python, "-I", "-c", PROBE], capture_output=True, text=True, timeout=30, check=True)
        version, path = json.loads(result.stdout)
        return Interpreter(Path(path), version)
    except (OSError, ValueError, TypeError, subprocess.SubprocessError):  # any program may be called python
        return None


def _probe_chosen(chosen: str, versions: tuple[str, ...]) -> Interpreter:
    found = probe(chosen)
    if found is None:
        raise SetupFailed(
            f"{chosen} is not a working Python with the modules venv and ensurepip.",
            f"Choose the program file of a Python {_join_versions(versions)}.",
        )
    if found.version not in versions:
        raise SetupFailed(f"{chosen} is Python {found.version}.", f"Choose a Python {_join_versions(versions)}.")
    return found


def _join_versions(versions: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(versions[:-1]), versions[-1]]))
