# SPDX-License-Identifier: GPL-3.0-or-later
"""What pip's output means for a person: the failures that users meet, each with its remedy."""

import re

from .problem import SetupFailed

NETWORK_FIX = "Check the connection, or the proxy or package mirror in pip's own configuration, and press Set Up again."

# The first pattern found wins: without a network pip also says that nothing matches, which is not the cause.
CAUSES = (
    (r"No space left on device|Errno 28|Errno 122|not enough space", "The disk is full.", "Free some space or choose "
     "another folder in the add-on's preferences, and press Set Up again."),
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification", "The package index's certificate was not accepted.",
     "Behind a company's proxy, name its certificate in pip's configuration (pip config set global.cert FILE)."),
    (r"ProxyError|Cannot connect to proxy|407 Proxy", "The proxy refused the connection.", NETWORK_FIX),
    (r"name resolution|Name or service not known|getaddrinfo failed|nodename nor servname|Connection refused|actively "
     r"refused|NewConnectionError|ConnectTimeout|timed out|Network is unreachable|Connection reset|Connection broken|"
     r"IncompleteRead|RemoteDisconnected", "The package index could not be reached.", NETWORK_FIX),
    (r"Errno 13|Errno 30|PermissionError|Permission denied|Access is denied", "A file could not be written.",
     "Choose a folder that you may write to in the add-on's preferences; on Windows, close what uses it."),
    (r"MemoryError|Killed", "The machine ran out of memory.", "Close other programs and press Set Up again."),
)  # fmt: skip


def explain(output: str, what: str) -> SetupFailed:
    """The error to raise when pip failed.

    Args:
        output: Everything that pip printed.
        what: What it was installing, for the message.
    """
    for pattern, cause, fix in CAUSES:
        if re.search(pattern, output):
            return SetupFailed(f"Installing {what} failed. {cause}", fix)
    missing = re.search(r"No matching distribution found for ([^\s;(]+)", output)
    if missing:
        return SetupFailed(
            f"Installing {what} failed. The package index has no {missing[1]} for this Python and system.",
            "Choose another Python version in the add-on's preferences, or check pip's configured index.",
        )
    return SetupFailed(f"Installing {what} failed. pip said: {_last_error(output)}", "The log has all that pip said.")


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["nothing"])[-1][:300]
