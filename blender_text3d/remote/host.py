# SPDX-License-Identifier: GPL-3.0-or-later
"""RemoteHost: another machine as the user names it, and the command line of ssh that reaches it."""

import os
import re
import shlex
from typing import NamedTuple

SSH_VARIABLE = "BLENDER_TEXT3D_SSH"
"""Environment variable with another ssh program, or with options for it."""
HOST = re.compile(r"(?!-)[\w.@:%+~\[\]-]{1,255}")
"""A name, an address or an alias, with or without a user; never an option."""
MAX_COMMAND_LENGTH = 1000
MAX_PORT = 65535
OPTIONS = ("-T", "-x", "-a", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3") + (
    ("-o", "ConnectTimeout=15", "-o", "ClearAllForwardings=yes", "-o", "ControlMaster=no", "-o", "LogLevel=ERROR")
    + ("-o", "EscapeChar=none", "-o", "PermitLocalCommand=no")
)
NO_PYTHON = "blender-text3d: no Python"
START = "import sys; b = sys.stdin.buffer; exec(b.read(int(b.readline())))"
"""Program of the other machine's Python: it reads a number and a program of so many bytes, and runs that."""
FIND_FOLDER = (
    'b="${XDG_DATA_HOME:-$HOME/.local/share}/blender_text3d"; '
    '[ "$(uname)" = Darwin ] && b="$HOME/Library/Application Support/blender_text3d"; '
    'd="${BLENDER_TEXT3D_HOME:-$(cat "$b/data-folder.txt" 2>/dev/null)}"; '
    'BLENDER_TEXT3D_HOME="${d:-$b}"; export BLENDER_TEXT3D_HOME; '
)
"""Shell commands that find the data folder there, as `system.user_folders` does."""
FIND_PYTHON = (
    'p=; for q in "$BLENDER_TEXT3D_HOME"/worker-env/bin/python "$BLENDER_TEXT3D_HOME"/worker-env/*/bin/python; '
    'do [ -x "$q" ] && p="$q"; done; '
)
FIND_ANY_PYTHON = (
    "for q in python3.13 python3.12 python3.11 python3; "
    'do [ -z "$p" ] && "$q" -c "import sys; sys.exit(sys.version_info < (3, 11))" </dev/null >/dev/null 2>&1 '
    '&& p="$q"; done; '
)


class InvalidHost(ValueError):
    """The host, the port or the command cannot be used; the message is a sentence for the user."""


class RemoteHost(NamedTuple):
    """Another machine.

    Attributes:
        name: Host, user@host or an alias of ~/.ssh/config.
        port: Port; 0 for that of ~/.ssh/config, or 22.
        python: Shell command that starts the worker's Python there; "" for that of Set Up.
    """

    name: str
    port: int = 0
    python: str = ""

    @property
    def label(self) -> str:
        """The name in messages, without the user."""
        return self.name.rpartition("@")[2]

    def check(self) -> None:
        """Raise InvalidHost if this names no machine."""
        if not HOST.fullmatch(self.name):
            raise InvalidHost(f"{self.name[:60]!r} is not a host. Enter host, user@host or an alias of ~/.ssh/config.")
        if not 0 <= self.port <= MAX_PORT:
            raise InvalidHost(f"{self.port} is not a port. Enter a number from 1 to {MAX_PORT}, or 0 for the default.")
        if len(self.python) > MAX_COMMAND_LENGTH or not self.python.isprintable():
            raise InvalidHost("The Python command is not one line of text. Enter it on one line.")

    def arguments(self) -> list[str]:
        """Return the machine as arguments of a command line, which `host_from` reads."""
        return [f"--port={self.port}", f"--python={self.python}", "--", self.name]

    def ssh_command(self, *, is_set_up: bool = True) -> list[str]:
        """Return the command that runs START there.

        Args:
            is_set_up: False to accept any Python, because the environment is still to be created.
        """
        ssh = shlex.split(os.environ.get(SSH_VARIABLE, "ssh"), posix=os.name != "nt")
        port = ["-p", str(self.port)] if self.port else []
        return [*ssh, *OPTIONS, *port, "--", self.name, f"exec sh -c {shlex.quote(self._script(is_set_up))}"]

    def _script(self, is_set_up: bool) -> str:
        """Return the shell commands that start Python there, on one line for every login shell."""
        if self.python.strip():
            return f'{FIND_FOLDER}exec {self.python.strip()} -c "{START}"'
        find = FIND_PYTHON + ("" if is_set_up else FIND_ANY_PYTHON)
        return f'{FIND_FOLDER}{find}[ -n "$p" ] || {{ echo "{NO_PYTHON}"; exit 0; }}; exec "$p" -c "{START}"'
