# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands between us and downloads, and the viewer's port. No value is told, and nothing leaves this machine."""

import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ...protocol.request import VIEWER
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
INDEXES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
LOOPBACK = "127.0.0.1"
OF_THIS_MACHINE = {LOOPBACK, "localhost", "::1"}


def proxies(case: Context, variables: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Which settings are there, by name alone, and whether they can be right."""
    have = os.environ if variables is None else variables
    there = [name for name in (*PROXIES, *CERTIFICATES, *INDEXES) if have.get(name) or have.get(name.lower())]
    wrong = [name for name in CERTIFICATES if have.get(name) and not Path(have[name]).exists()]
    wrong += [name for name in PROXIES if not is_valid_proxy(have.get(name) or have.get(name.lower(), ""))]
    what, wanted = "Proxies and certificates", "none, or such as exist"
    if wrong:
        fix = "Correct these environment variables, or unset them, and start Blender again."
        found = f"{', '.join(wrong)} name{'s' * (len(wrong) == 1)} something that cannot be"
        yield Finding("proxies", what, BAD, found, wanted, fix)
    else:
        yield Finding("proxies", what, GOOD, f"set: {', '.join(there)}" if there else "none set", wanted)


def is_valid_proxy(proxy: str) -> bool:
    """Whether a proxy's setting has a host; so has none at all."""
    try:
        return not proxy or bool(urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname)
    except ValueError:
        return False


def viewer_port(case: Context) -> Iterator[Finding]:
    """Whether a viewer can be reached: the one that was named, if it is on this machine, else one we would open."""
    address = case.viewer.strip()
    if not address:
        yield _own_port()
        return
    what, wanted = "Live view's address", "rerun+http://host:port/proxy where a viewer listens"
    fix = "Start Rerun there, or leave the address empty: then one is opened for you."
    try:
        parts = urlsplit(address.removeprefix("rerun+"))
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not (VIEWER.fullmatch(address) and host and port):
        yield Finding("viewer", what, BAD, "not an address of this form", wanted, fix, "preferences")
    elif host not in OF_THIS_MACHINE:
        yield Finding("viewer", what, GOOD, "on another machine, so it was not tried", wanted)
    elif not is_listening(host, port):
        yield Finding(
            "viewer", what, WARN, f"nobody listens at port {port} of this machine", wanted, fix, "preferences"
        )
    else:
        yield Finding("viewer", what, GOOD, f"somebody listens at port {port} of this machine", wanted)


def _own_port() -> Finding:
    what, wanted = "Port for the live view", f"one that is free on {LOOPBACK}"
    try:
        with socket.socket() as listener:
            listener.bind((LOOPBACK, 0))
            listener.listen(1)
            if not is_listening(*listener.getsockname()):
                raise OSError(0, "it cannot be reached")
    except OSError as error:
        fix = "Allow programs to talk to each other on this machine in its firewall; objects are made all the same."
        return Finding("viewer", what, WARN, f"none ({error.strerror or error})", wanted, fix)
    return Finding("viewer", what, GOOD, f"free ones on {LOOPBACK}", wanted)


def is_listening(host: str, port: int) -> bool:
    """Whether somebody takes connections at a port of this machine."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
