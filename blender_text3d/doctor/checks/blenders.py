# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender itself: its version, whether it may use the network, and how often the add-on is installed in it."""

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

OLDEST = (4, 2)
ANSWER_WITHIN_S = 60
COPY_PLACES = (
    "extensions/*/{name}/__init__.py",
    "scripts/addons/{name}*/__init__.py",
    "scripts/addons/*/{name}/__init__.py",
)


def blender_version(case: Context) -> Iterator[Finding]:
    """Whether Blender is new enough; in a terminal that of the Blender on PATH, where there is one."""
    said = case.blender.get("version") or version_on_path()
    wanted = f"Blender {OLDEST[0]}.{OLDEST[1]} or newer"
    numbers = tuple(map(int, re.findall(r"\d+", said)[:2]))
    if not numbers:
        found = "none on PATH, so its version was not seen (nothing here needs it from a terminal)"
        yield Finding("blender", "Blender", GOOD, found, wanted)
    elif numbers < OLDEST:
        yield Finding("blender", "Blender", BAD, f"version {said}", wanted, "Install a newer Blender.")
    else:
        yield Finding("blender", "Blender", GOOD, f"version {said}", wanted)


def version_on_path() -> str:
    """What the Blender on PATH says; "" where there is none that answers."""
    program = shutil.which("blender")
    try:
        command = [program, "--version"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=ANSWER_WITHIN_S)
    except (OSError, TypeError, subprocess.SubprocessError):
        return ""
    said = re.search(r"Blender (\d+\.\d+(\.\d+)?)", done.stdout)
    return said[1] if said else ""


def online_access(case: Context) -> Iterator[Finding]:
    """Whether Blender may use the network, where Blender is asked."""
    if "online_access" not in case.blender:
        return
    what, wanted = "Online access", "allowed while something is to be fetched"
    if case.blender["online_access"]:
        yield Finding("online", what, GOOD, "allowed in Blender's preferences", wanted)
    elif case.own_python or os.path.exists(case.python):
        yield Finding("online", what, GOOD, "switched off; nothing of the set-up needs it now", wanted)
    else:
        fix = "Allow it in Preferences, System, Network, or install from a folder."
        yield Finding(
            "online", what, BAD, "switched off, and the worker's environment is missing", wanted, fix, "network"
        )


def copies(case: Context) -> Iterator[Finding]:
    """Whether one Blender holds the add-on twice, or several Blenders hold different versions of it."""
    what, wanted = "Copies of the add-on", "one for each Blender, all of one version"
    places = {folder: sorted(find_copies(folder)) for folder in version_folders(case)}
    twice = {folder.name: found for folder, found in places.items() if len(found) > 1}
    versions = {copy_version(found) for many in places.values() for found in many}
    if twice:
        found = "; ".join(f"Blender {name}: {', '.join(map(str, many))}" for name, many in twice.items())
        fix = "Remove all but one under Preferences, Add-ons, and start Blender again."
        yield Finding("copies", what, BAD, found, wanted, fix)
    elif len(versions) > 1:
        fix = "Install the newest zip in each Blender: they share one environment."
        yield Finding("copies", what, WARN, f"versions {', '.join(sorted(versions))}", wanted, fix)
    else:
        count = sum(map(len, places.values()))
        yield Finding("copies", what, GOOD, f"{count} installed" if count else "none installed in a Blender", wanted)


def find_copies(version_folder: Path) -> set[Path]:
    """The add-on's folders in one Blender's user folder; links that lead to one folder count once."""
    patterns = (place.format(name=PACKAGE.name) for place in COPY_PLACES)
    found = (file.parent for pattern in patterns for file in version_folder.glob(pattern))
    return {folder.resolve() for folder in found if (folder / "addon" / "registration.py").is_file()}


def copy_version(copy: Path) -> str:
    """What a copy's own words say."""
    try:
        text = (copy / "protocol" / "version.py").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    said = re.search(r'ENGINE_VERSION = "([^"]+)"', text)
    return said[1] if said else "unknown"


def version_folders(case: Context) -> list[Path]:
    """The user folders of Blenders: the running one's, or in a terminal all that are here."""
    if case.blender.get("user_folder"):
        return [Path(case.blender["user_folder"])]
    chosen = os.environ.get("BLENDER_USER_RESOURCES")
    if chosen:
        return [Path(chosen)]
    return sorted(folder for folder in user_root().glob("[0-9]*.[0-9]*") if folder.is_dir())


def user_root() -> Path:
    """Where Blender keeps a folder for each of its versions."""
    if os.name == "nt":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData/Roaming") / "Blender Foundation/Blender"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/Blender"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blender"
