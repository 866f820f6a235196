# SPDX-License-Identifier: GPL-3.0-or-later
"""The report to paste into an issue: the same lines, with nothing in them that tells who asks or where."""

import getpass
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from ..protocol.version import ENGINE_VERSION
from .context import Context
from .finding import Finding

PUBLIC = (
    "/usr/", "/opt/", "/bin/", "/lib/", "/lib64/", "/snap/", "/Applications/", "/Library/", "C:\\Program Files"
)  # fmt: skip
PUBLIC_SPACES = re.compile(r"Program Files( \(x86\))?|Application Support")
# A folder's name may have spaces, before which no other path begins; the last name of a path ends at the first one.
FOLDERS = r"(?:(?:[^\\/\s;,\"')]+(?: [^\\/\s;,\"')]+)*)?[\\/])*"
HOMES = re.compile(
    r"(?i)(?:[a-z]:)?[\\/](?:home|users)[\\/]"
    r"(?:[^\\/\s:;,\"')]+(?: [^\\/\s:;,\"')]+)*(?=[\\/])|[^\\/\s:;,\"')]+)"
)
IN_HOME = re.compile(rf"~[\\/]{FOLDERS}[^\s;,\"')]*")
KEPT_IN_HOME = re.compile(
    r"~[\\/](\.local[\\/]share|\.config|\.pyenv|AppData|Library)[\\/](?=.*(blender|uv|python|versions))", re.IGNORECASE
)
ELSEWHERE = re.compile(rf"(?<![\w~>.:/\\…])(?:/|\\\\|[A-Za-z]:[\\/]){FOLDERS}[^\s;,\"')]*[^\s;,\"').]")
CREDENTIALS = re.compile(r"(?<!/)//[^\s\"']{1,500}@")  # to the last @: a password may hold others, and slashes
QUERIES = re.compile(r"(?<=[\w/])\?[^\s=]+=[^\s\"')]*")
ADDRESSES = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b|\b[\w.+-]+@[\w-]+(\.[\w-]+)+\b")
ADDRESSES_6 = re.compile(  # and those of network cards
    r"(?i)(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|(?=[0-9a-f:]*::)[0-9a-f:]{3,39})"
    r"(?:%\w+)?(?![\w:])"
)
JOB_NAMES = re.compile(r"\b\d{8}-\d{6}-[a-z0-9-]+-[0-9a-f]{6}\b")
LOOPBACK = ("127.0.0.1", "::1")
NOT_NAMES = {"", "localhost", "blender", "python", "text3d"}
SHORTEST_NAME = 2


def report_text(findings: Iterable[Finding], case: Context) -> str:
    """Everything found, for others' eyes."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    kept = {name: case.blender[name] for name in ("version", "online_access") if name in case.blender}
    head = [f"blender_text3d {ENGINE_VERSION} on {system}, Python {platform.python_version()}", f"Blender says: {kept}"]
    return redact("\n".join([*head[: 1 + bool(kept)], *(finding.line() for finding in findings)]), case)


def redact(text: str, case: Context) -> str:
    """A text without home, user, machine, addresses, prompts, or folders that the user named."""
    for path, name in private_folders(case):
        text = text.replace(path, name)
    text = HOMES.sub("~", text)
    text = QUERIES.sub("?…", CREDENTIALS.sub("//", text))
    text = JOB_NAMES.sub("<job>", text)
    for pattern in (ADDRESSES, ADDRESSES_6):
        text = pattern.sub(lambda found: found[0] if found[0] in LOOPBACK else "<address>", text)
    for name, word in ((user_name(), "<user>"), *((part, "<machine>") for part in machine_names())):
        if len(name) >= SHORTEST_NAME and name.lower() not in NOT_NAMES:
            text = re.sub(rf"(?i)(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", word, text)
    text = ELSEWHERE.sub(lambda found: found[0] if is_public(found[0]) else f"…/{last(found[0])}", text)
    return IN_HOME.sub(lambda found: found[0] if is_kept_in_home(found[0]) else f"~/…/{last(found[0])}", text)


def is_public(path: str) -> bool:
    """Whether a path tells nothing of the user; one with spaces may be two, or a folder that the user named."""
    return path.startswith(PUBLIC) and not has_spaces(path)


def is_kept_in_home(path: str) -> bool:
    """Whether a path below a home is one that programs choose, which helps whoever reads the report."""
    return bool(KEPT_IN_HOME.match(path)) and not has_spaces(path)


def has_spaces(path: str) -> bool:
    """Whether there are spaces beside those in the names of a system's own folders."""
    return " " in PUBLIC_SPACES.sub("", path)


def private_folders(case: Context) -> list[tuple[str, str]]:
    """What stands in the place of each folder, the longest first, so that none leaves half of another."""
    home = str(Path.home())
    named = {
        str(case.jobs_dir): "<jobs folder>",
        str(case.env_dir): "<environment>",
        str(case.data_dir): "<data folder>",
    }
    if case.own_python:
        named[str(case.own_python.parent)] = "<chosen Python's folder>"
    for path, name in ((case.blender.get("user_folder"), "<Blender's folder>"), *variable_folders()):
        if path:
            named.setdefault(str(path).rstrip("/\\"), name)
    named = {path: name for path, name in named.items() if path and not path.startswith(PUBLIC)}
    if len(home) > 1:
        named.setdefault(home, "~")
    return sorted(named.items(), key=lambda pair: -len(pair[0]))


def variable_folders() -> list[tuple[str | None, str]]:
    """Folders that the user named by a variable."""
    names = {"BLENDER_USER_RESOURCES": "<Blender's folder>", "BLENDER_TEXT3D_WEIGHTS": "<weights folder>"}
    return [(os.environ.get(variable), name) for variable, name in names.items()]


def user_name() -> str:
    """Who asks; "" where nobody knows."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def machine_names() -> list[str]:
    """The machine's name, whole and without its domain."""
    whole = platform.node()
    return list(dict.fromkeys([whole, whole.partition(".")[0]]))


def last(path: str) -> str:
    """The last part of a path."""
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]
