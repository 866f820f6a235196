# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a Python that can carry an environment.

Blender's own Python, which runs this, comes first: it is there, and it is known to work. An environment made from it
must be made again when that Blender goes, which is seen and said. Its packages are never touched.
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

# A virtual environment's Python answers with the one that it was made from, which outlives it.
PROBE = """
import ensurepip, json, sys, venv
print(json.dumps(["%d.%d" % sys.version_info[:2], getattr(sys, "_base_executable", "") or sys.executable]))
"""
# Below these lie programs that are gone when they have ended, or at the next upgrade.
FLEETING = ("/tmp/.mount_", "/snap/")

# It gets into patterns of paths, and what these find is run.
VERSION = re.compile(r"[0-9]\.[0-9]{1,2}")

# Where installers, version managers and packagers put interpreters that are not on a desktop session's PATH.
PLACES = (
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
    """A Python that runs and can make environments: where it is and its "3.x" version."""

    path: Path
    version: str


def find_interpreter(versions: tuple[str, ...], chosen: str = "") -> Interpreter:
    """The Python to build on: the chosen one, else the first of the wanted versions that works.

    Args:
        versions: Acceptable "3.x" versions, best first.
        chosen: Path of the interpreter that the user names; "" to search.

    Raises:
        SetupFailed: The chosen one does not do, or none was found.
    """
    if chosen:
        return _checked(chosen, versions)
    for candidate in candidates(versions):
        found = probe(candidate)
        if found and found.version in versions:
            return found
    raise SetupFailed(
        f"No Python {_either(versions)} was found on this machine.",
        "Install one (with its venv module), or name one in the add-on's preferences.",
    )


def candidates(versions: tuple[str, ...]) -> Iterator[str]:
    """Paths worth a try, best first; some may not exist or not run."""
    is_fleeting = sys.executable.startswith(FLEETING)
    if not is_fleeting:
        yield sys.executable
    for version in filter(VERSION.fullmatch, versions):
        yield from filter(None, [shutil.which(f"python{version}")])
        for place in PLACES:
            pattern = place.format(v=version, d=version.replace(".", ""))
            yield from sorted(glob(os.path.expandvars(os.path.expanduser(pattern))), reverse=True)
    yield from filter(None, map(shutil.which, ("python3", "python")))
    if is_fleeting:
        yield sys.executable


def probe(python: str) -> Interpreter | None:
    """What a Python says of itself; None if it does not run or lacks venv (as version managers' shims may)."""
    try:
        # -I: neither the caller's environment nor its folder may change the answer.
        answer = subprocess.run([python, "-I", "-c", PROBE], capture_output=True, text=True, timeout=30, check=True)
        version, path = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(Path(path), version)


def _checked(chosen: str, versions: tuple[str, ...]) -> Interpreter:
    found = probe(chosen)
    if found is None:
        raise SetupFailed(
            f"{chosen} is not a Python that runs and has the modules venv and ensurepip.",
            f"Choose the program file of a Python {_either(versions)}.",
        )
    if found.version not in versions:
        raise SetupFailed(f"{chosen} is Python {found.version}.", f"Choose a Python {_either(versions)}.")
    return found


def _either(versions: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(versions[:-1]), versions[-1]]))
