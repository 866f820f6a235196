# SPDX-License-Identifier: GPL-3.0-or-later
"""Trouble: why there is no connection, as a sentence for the user, from what ssh and the other machine said."""

import json
from typing import NamedTuple

from ..system.console import sanitized
from .bootstrap import MIN_PYTHON
from .host import RemoteHost

SET_UP = "python3 -m blender_text3d.remote {} environment make"
"""Command that creates the environment there; the place is for the host."""


class Trouble(NamedTuple):
    """Why there is no connection.

    Attributes:
        message: What happened, one sentence.
        fix: What to do next, one sentence.
        is_final: True if trying again cannot help.
    """

    message: str
    fix: str
    is_final: bool = True

    def __str__(self) -> str:
        return f"{self.message} {self.fix}"


# What ssh prints, in the order in which it is looked for: message, fix, and True if trying again cannot help.
SSH_ERRORS = (
    (
        ("host identification has changed", "offending"),
        "The host key of {} has changed.",
        "If that is expected, remove the old key with ssh-keygen -R, then run ssh once in a terminal and accept it.",
        True,
    ),
    (
        ("host key verification failed", "host key is known"),
        "The host key of {} is not known on this machine.",
        "Run ssh once in a terminal, compare the key and accept it.",
        True,
    ),
    (
        ("permission denied", "too many authentication failures", "no supported authentication"),
        "{} refused the login: permission denied.",
        "Set up a key that needs no password here: ssh-copy-id, or ssh-add for a key with a passphrase.",
        True,
    ),
    (
        ("could not resolve hostname", "name or service not known"),
        "There is no machine with the name {}.",
        "Check the host in the preferences, and check the network.",
        False,
    ),
    (
        ("connection refused",),
        "{} refused the connection.",
        "Check that its SSH server is running, and check the port.",
        False,
    ),
    (
        ("timed out", "no route to host", "network is unreachable", "host is down"),
        "{} does not answer.",
        "Check that it is switched on, and check the network.",
        False,
    ),
    (
        ("bad configuration option", "bad owner or permissions", "terminating,"),
        "The SSH configuration of this machine cannot be used.",
        "Run ssh once in a terminal and correct what it names.",
        True,
    ),
)
COMMAND_MISSING = (126, 127)
"""Exit codes of a shell that cannot run a command."""


def not_started(error: OSError) -> Trouble:
    """Return the trouble of an ssh that cannot be started."""
    return Trouble(
        f"The program ssh cannot be started on this machine ({error.strerror or error}).", "Install the OpenSSH client."
    )


def lost(host: RemoteHost, code: int | None, errors: str) -> Trouble:
    """Return the trouble of an ssh that has exited.

    Args:
        host: The other machine.
        code: The exit code of ssh: 255 for its own errors, else that of the command there.
        errors: What it printed to standard error.
    """
    said = errors.lower()
    for marks, message, fix, is_final in SSH_ERRORS if code == 255 else ():
        if any(mark in said for mark in marks):
            return Trouble(message.format(host.label), fix, is_final)
    if code in COMMAND_MISSING:
        return no_python(host)
    detail = last_line(errors)
    return Trouble(
        f"The connection to {host.label} ended{f' ({detail})' if detail else ''}.", "Check the network.", is_final=False
    )


def no_python(host: RemoteHost) -> Trouble:
    """Return the trouble of a machine without a Python to run the worker."""
    if host.python:
        return Trouble(
            f"The Python command {host.python} cannot be run on {host.label}.",
            "Change it in the preferences, or leave it empty for the environment of Set Up there.",
        )
    return Trouble(
        f"Text3D is not set up on {host.label}: it has no Python environment there.",
        f"Run {SET_UP.format(host.name)} in a terminal of this machine.",
    )


def refused(host: RemoteHost, line: bytes) -> Trouble:
    """Return the trouble that the bootstrap there reports, which may be any text."""
    try:
        values = json.loads(line)
        reason, detail = str(values["refused"]), sanitized(str(values["detail"]))[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return Trouble(f"{host.label} sent an answer that is not Text3D's.", "Check the Python command.")
    if reason == "python":
        wanted = ".".join(map(str, MIN_PYTHON))
        return Trouble(
            f"The Python on {host.label} is {detail}; {wanted} or newer is needed.",
            "Choose a newer one with Python Command in the preferences.",
        )
    return Trouble(f"The data folder on {host.label} cannot be written ({detail}).", "Free some space there.")


def other_version(host: RemoteHost, version: str, own: str) -> Trouble:
    """Return the trouble of an agent of another version."""
    return Trouble(
        f"{host.label} runs version {sanitized(version)[:40] or 'unknown'} of the add-on, this machine {own}.",
        "Remove the folder remote-code from the data folder there; the add-on is then sent again.",
    )


def last_line(text: str) -> str:
    """Return the last line of a program's output, or ""."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return sanitized(lines[-1])[:200] if lines else ""
