# SPDX-License-Identifier: GPL-3.0-or-later
"""Test of a connection: one sentence on what works there, or on what is missing."""

import queue
import secrets
import time
from typing import NamedTuple

from ..system.console import sanitized
from .connection import Connection
from .frames import Frame
from .host import InvalidHost, RemoteHost
from .trouble import SET_UP

TIMEOUT_S = 600.0
"""The first connection sends the package, some 30 MB."""
POLL_S = 0.05
MAX_LISTED = 4


class Verdict(NamedTuple):
    """The result of a test.

    Attributes:
        is_good: True if jobs can run there.
        text: One or two sentences.
    """

    is_good: bool
    text: str


def check(host: RemoteHost, timeout_s: float = TIMEOUT_S) -> Verdict:
    """Connect to another machine, and ask its Python what it has."""
    try:
        host.check()
    except InvalidHost as error:
        return Verdict(False, str(error))
    connection = Connection(host, ["--session", f"test{secrets.token_hex(8)}"])
    connection.start()
    answer, deadline, is_asked = None, time.monotonic() + timeout_s, False
    while answer is None and connection.trouble is None and time.monotonic() < deadline:
        if connection.is_open and not is_asked:
            is_asked = True
            connection.send("probe")
        try:
            answer = connection.frames.get(timeout=POLL_S)
        except queue.Empty:
            continue
    found = connection.trouble
    connection.close()
    if answer:
        return verdict_of(answer, host)
    return Verdict(False, str(found) if found else f"{host.label} does not answer. Check the network.")


def verdict_of(answer: Frame, host: RemoteHost) -> Verdict:
    """Return the verdict on what the other machine's Python has; the answer may be anything."""
    broken, device, torch, error = (answer.values.get(name) for name in ("broken", "device", "torch", "error"))
    fix = f"Run {SET_UP.format(host.name)} in a terminal."
    if error or not isinstance(device, str) or not isinstance(torch, str) or not isinstance(broken, list):
        detail = sanitized(str(error or "no answer"))[:200]
        return Verdict(False, f"Python on {host.label} cannot be tested ({detail}). {fix}")
    if broken:
        names = ", ".join(sanitized(str(name))[:40] for name in broken[:MAX_LISTED])
        return Verdict(False, f"Packages are missing or broken on {host.label}: {names}. {fix}")
    models = answer.values.get("models")
    also = f"{models} downloaded model files" if isinstance(models, int) and models > 0 else "no downloaded models"
    return Verdict(True, f"{host.label} works: {sanitized(device)[:100]}, PyTorch {sanitized(torch)[:30]}, {also}.")
