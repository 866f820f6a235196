# SPDX-License-Identifier: GPL-3.0-or-later
"""The report for an issue: all findings, without data that identifies the user or the machine."""

import getpass
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from ..protocol.version import ENGINE_VERSION
from .context import Context
from .finding import Finding

PUBLIC_PREFIXES = (
    "/usr/", "/opt/", "/bin/", "/lib/", "/lib64/", "/snap/", "/Applications/", "/Library/", "C:\\Program Files"
)  # fmt: skip
PUBLIC_SPACES = re.compile(r"Program Files( \(x86\))?|Application Support")
# A folder's name may contain spaces that do not precede another path; the last name of a path ends at the first one.
FOLDERS = r"(?:(?:[^\\/\s;,\"')]+(?: \(x86\)| [^\\/\s;,\"')]+)*)?[\\/])*"
HOMES = re.compile(
    r"(?i)(?:[a-z]:)?[\\/](?:home|users)[\\/]"
    r"(?:[^\\/\s:;,\"')]+(?: [^\\/\s:;,\"')]+)*(?=[\\/])|[^\\/\s:;,\"')]+)"
)
PATH_IN_HOME = re.compile(rf"~[\\/]{FOLDERS}[^\s;,\"')]*")
KEPT_IN_HOME = re.compile(
    r"~[\\/](\.local[\\/]share|\.config|\.pyenv|AppData|Library)[\\/](?=.*(blender|uv|python|versions))", re.IGNORECASE
)
OTHER_PATH = re.compile(rf"(?<![\w~>.:/\\…])(?:/|\\\\|[A-Za-z]:[\\/]){FOLDERS}[^\s;,\"')]*[^\s;,\"').]")
CREDENTIALS = re.compile(r"(?<!/)//[^\s\"']{1,500}@")  # to the last @: a password may hold others, and slashes
QUERIES = re.compile(r"(?<=[\w/])\?[^\s=]+=[^\s\"')]*")
IPV4_AND_EMAIL = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b|\b[\w.+-]+@[\w-]+(\.[\w-]+)+\b")
IPV6_AND_MAC = re.compile(  # and those of network cards
    r"(?i)(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|(?=[0-9a-f:]*::)[0-9a-f:]{3,39})"
    r"(?:%\w+)?(?![\w:])"
)
JOB_NAMES = re.compile(r"\b\d{8}-\d{6}-[a-z0-9-]+-[0-9a-f]{6}\b")
LOOPBACK = ("127.0.0.1", "::1")
NOT_NAMES = {"", "localhost", "blender", "python", "text3d"}
MIN_NAME_LENGTH = 2


def report_text(findings: Iterable[Finding], context: Context) -> str:
    """Return all findings as text without private data."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    blender = {name: context.blender[name] for name in ("version", "online_access") if name in context.blender}
    head = [f"blender_text3d {ENGINE_VERSION} on {system}, Python {platform.python_version()}", f"Blender: {blender}"]
    return redact("\n".join([*head[: 1 + bool(blender)], *(finding.line() for finding in findings)]), context)


def redact(text: str, context: Context) -> str:
    """Return a text without user and machine names, addresses, prompts, and folders that the user chose."""
    for path, name in private_folders(context):
        text = text.replace(path, name)
    text = HOMES.sub("~", text)
    text = QUERIES.sub("?…", CREDENTIALS.sub("//", text))
    text = JOB_NAMES.sub("<job>", text)
    for pattern in (IPV4_AND_EMAIL, IPV6_AND_MAC):
        text = pattern.sub(lambda found: found[0] if found[0] in LOOPBACK else "<address>", text)
    for name, placeholder in ((user_name(), "<user>"), *((part, "<machine>") for part in machine_names())):
        if len(name) >= MIN_NAME_LENGTH and name.lower() not in NOT_NAMES:
            text = re.sub(rf"(?i)(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", placeholder, text)
    text = OTHER_PATH.sub(lambda found: found[0] if is_public(found[0]) else f"…/{last_part(found[0])}", text)
    return PATH_IN_HOME.sub(lambda found: found[0] if is_kept_in_home(found[0]) else f"~/…/{last_part(found[0])}", text)


def is_public(path: str) -> bool:
    """True if a path does not identify the user; one with spaces may be two paths, or a folder that the user named."""
    return path.startswith(PUBLIC_PREFIXES) and not has_spaces(path)


def is_kept_in_home(path: str) -> bool:
    """True if a path in a home folder is one that programs choose, which is useful in a report."""
    return bool(KEPT_IN_HOME.match(path)) and not has_spaces(path)


def has_spaces(path: str) -> bool:
    """True if a path contains spaces, except in the names of system folders."""
    return " " in PUBLIC_SPACES.sub("", path)


def private_folders(context: Context) -> list[tuple[str, str]]:
    """Return each folder with its placeholder, longest first, so that none replaces a part of another."""
    home = str(Path.home())
    named = {
        str(context.jobs_dir): "<jobs folder>",
        str(context.env_dir): "<environment>",
        str(context.data_dir): "<data folder>",
    }
    if context.own_python:
        named[str(context.own_python.parent)] = "<chosen Python's folder>"
    for path, name in ((context.blender.get("user_folder"), "<Blender's folder>"), *variable_folders()):
        if path:
            named.setdefault(str(path).rstrip("/\\"), name)
    named = {path: name for path, name in named.items() if path and not path.startswith(PUBLIC_PREFIXES)}
    if len(home) > 1:
        named.setdefault(home, "~")
    return sorted(named.items(), key=lambda pair: -len(pair[0]))


def variable_folders() -> list[tuple[str | None, str]]:
    """Return folders that the user set with variables, with their placeholders."""
    names = {"BLENDER_USER_RESOURCES": "<Blender's folder>", "BLENDER_TEXT3D_WEIGHTS": "<weights folder>"}
    return [(os.environ.get(variable), name) for variable, name in names.items()]


def user_name() -> str:
    """Return the name of the user, or "" if unknown."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def machine_names() -> list[str]:
    """Return the machine's name with and without its domain."""
    name = platform.node()
    return list(dict.fromkeys([name, name.partition(".")[0]]))


def last_part(path: str) -> str:
    """Return the last part of a path."""
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]
