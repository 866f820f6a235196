# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags that name another machine, on which the objects are generated over SSH."""

import argparse

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.remote.host import InvalidHost, RemoteHost


def add_remote_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags to a parser."""
    parser.add_argument("--remote", default="", metavar="HOST", help="generate on this machine, reached by SSH")
    parser.add_argument("--remote-port", type=int, default=0, metavar="PORT", help="port of its SSH server")
    parser.add_argument(
        "--remote-python", default="", metavar="COMMAND", help="command that starts Python there (that of Set Up there)"
    )


def relay_of(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the command line of the relay to the other machine; empty for this one.

    Raises:
        BadRequest: The flags name no machine.
    """
    if not options.remote:
        if options.remote_port or options.remote_python:
            raise BadRequest("--remote-port and --remote-python need --remote with a host.")
        return ()
    host = RemoteHost(options.remote, options.remote_port, options.remote_python)
    try:
        host.check()
    except InvalidHost as error:
        raise BadRequest(f"--remote: {error}") from error
    return tuple(host.arguments())
