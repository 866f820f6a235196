# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the network settings and the port of the viewer. Prints no values, and sends nothing to other machines."""

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
LOCAL_HOSTS = {LOOPBACK, "localhost", "::1"}


def proxies(context: Context, variables: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Check that the settings can be valid, and list their names."""
    values = os.environ if variables is None else variables
    set_names = [name for name in (*PROXIES, *CERTIFICATES, *INDEXES) if values.get(name) or values.get(name.lower())]
    invalid = [name for name in CERTIFICATES if values.get(name) and not Path(values[name]).exists()]
    invalid += [name for name in PROXIES if not is_valid_proxy(values.get(name) or values.get(name.lower(), ""))]
    what, wanted = "Proxies and certificates", "none, or valid ones"
    if invalid:
        fix = "Correct or unset these environment variables, and restart Blender."
        found = f"{', '.join(invalid)} {'is' if len(invalid) == 1 else 'are'} not valid"
        yield Finding("proxies", what, BAD, found, wanted, fix)
    else:
        yield Finding("proxies", what, GOOD, f"set: {', '.join(set_names)}" if set_names else "none set", wanted)


def is_valid_proxy(proxy: str) -> bool:
    """True if a proxy setting is empty or has a host."""
    try:
        return not proxy or bool(urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname)
    except ValueError:
        return False


def viewer_port(context: Context) -> Iterator[Finding]:
    """Check that a viewer can be reached: the chosen one if it is on this machine, else a port for a new one."""
    url = context.viewer.strip()
    if not url:
        yield _free_port()
        return
    what, wanted = "Viewer URL", "rerun+http://host:port/proxy of a running viewer"
    fix = "Start Rerun there, or clear the URL to open a viewer automatically."
    try:
        parts = urlsplit(url.removeprefix("rerun+"))
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not (VIEWER.fullmatch(url) and host and port):
        yield Finding("viewer", what, BAD, "not a URL of this form", wanted, fix, "preferences")
    elif host not in LOCAL_HOSTS:
        yield Finding("viewer", what, GOOD, "on another machine, so it was not checked", wanted)
    elif not is_listening(host, port):
        yield Finding(
            "viewer", what, WARN, f"no program listens on port {port} of this machine", wanted, fix, "preferences"
        )
    else:
        yield Finding("viewer", what, GOOD, f"a program listens on port {port} of this machine", wanted)


def _free_port() -> Finding:
    what, wanted = "Viewer port", f"a free port on {LOOPBACK}"
    try:
        with socket.socket() as listener:
            listener.bind((LOOPBACK, 0))
            listener.listen(1)
            if not is_listening(*listener.getsockname()):
                raise OSError(0, "it cannot be reached")
    except OSError as error:
        fix = "Allow local connections in the firewall. Objects can be generated without it."
        return Finding("viewer", what, WARN, f"none ({error.strerror or error})", wanted, fix)
    return Finding("viewer", what, GOOD, f"free ports on {LOOPBACK}", wanted)


def is_listening(host: str, port: int) -> bool:
    """True if a program accepts connections on a port."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False
