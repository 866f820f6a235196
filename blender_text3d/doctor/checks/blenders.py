# SPDX-License-Identifier: GPL-3.0-or-later
"""Check Blender: its version, online access, and the installed copies of the add-on."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ...system.child import PACKAGE
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding

MIN_BLENDER = (4, 2)
TIMEOUT_S = 60
COPY_PATTERNS = (
    "extensions/*/{name}/__init__.py",
    "scripts/addons/{name}*/__init__.py",
    "scripts/addons/*/{name}/__init__.py",
)


def blender_version(context: Context) -> Iterator[Finding]:
    """Check the version of Blender; in a terminal, of the Blender on PATH if there is one."""
    version = context.blender.get("version") or version_on_path()
    wanted = f"Blender {MIN_BLENDER[0]}.{MIN_BLENDER[1]} or newer"
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if not numbers:
        found = "none on PATH, so its version was not checked (not required in a terminal)"
        yield Finding("blender", "Blender", GOOD, found, wanted)
    elif numbers < MIN_BLENDER:
        yield Finding("blender", "Blender", BAD, f"version {version}", wanted, "Install a newer Blender.")
    else:
        yield Finding("blender", "Blender", GOOD, f"version {version}", wanted)


def version_on_path() -> str:
    """Return the version of the Blender on PATH, or "" if there is none or it does not respond."""
    program = shutil.which("blender")
    if program is None:
        return ""
    try:
        command = [program, "--version"]
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S)
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"Blender (\d+\.\d+(\.\d+)?)", result.stdout)
    return match[1] if match else ""


def online_access(context: Context) -> Iterator[Finding]:
    """Check Blender's online access; nothing in a terminal."""
    if "online_access" not in context.blender:
        return
    what, wanted = "Online access", "allowed while something is downloaded"
    if context.blender["online_access"]:
        yield Finding("online", what, GOOD, "allowed in Blender's preferences", wanted)
    elif context.own_python or os.path.exists(context.python):
        yield Finding("online", what, GOOD, "off; setup does not need it now", wanted)
    else:
        fix = "Allow it in Preferences, System, Network, or install an offline kit."
        yield Finding("online", what, BAD, "off, and setup has not been run", wanted, fix, "network")


def copies(context: Context) -> Iterator[Finding]:
    """Check that no Blender has two copies of the add-on, and that all Blenders have the same version."""
    what, wanted = "Copies of the add-on", "one per Blender, all of the same version"
    copies = {folder: sorted(find_copies(folder)) for folder in version_folders(context)}
    duplicates = {folder.name: found for folder, found in copies.items() if len(found) > 1}
    versions = {copy_version(copy) for found in copies.values() for copy in found}
    if duplicates:
        found = "; ".join(f"Blender {name}: {', '.join(map(str, paths))}" for name, paths in duplicates.items())
        fix = "Remove all but one under Preferences, Add-ons, and start Blender again."
        yield Finding("copies", what, BAD, found, wanted, fix)
    elif len(versions) > 1:
        fix = "Install the newest version in each Blender: they share one environment."
        yield Finding("copies", what, WARN, f"versions {', '.join(sorted(versions))}", wanted, fix)
    else:
        count = sum(map(len, copies.values()))
        yield Finding("copies", what, GOOD, f"{count} installed" if count else "not installed in any Blender", wanted)


def find_copies(version_folder: Path) -> set[Path]:
    """Return the add-on's folders in a Blender's user folder; links to the same folder count once."""
    patterns = (pattern.format(name=PACKAGE.name) for pattern in COPY_PATTERNS)
    found = (file.parent for pattern in patterns for file in version_folder.glob(pattern))
    return {folder.resolve() for folder in found if (folder / "addon" / "registration.py").is_file()}


def copy_version(copy: Path) -> str:
    """Return the version of a copy of the add-on, or "unknown"."""
    try:
        text = (copy / "protocol" / "version.py").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    match = re.search(r'ENGINE_VERSION = "([^"]+)"', text)
    return match[1] if match else "unknown"


def version_folders(context: Context) -> list[Path]:
    """Return the user folder of the running Blender, or in a terminal those of all versions."""
    if context.blender.get("user_folder"):
        return [Path(context.blender["user_folder"])]
    chosen = os.environ.get("BLENDER_USER_RESOURCES")
    if chosen:
        return [Path(chosen)]
    return sorted(folder for folder in user_root().glob("[0-9]*.[0-9]*") if folder.is_dir())


def user_root() -> Path:
    """Return the parent of Blender's user folders, one for each version."""
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "Blender Foundation/Blender"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Blender"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blender"
