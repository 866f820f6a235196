# SPDX-License-Identifier: GPL-3.0-or-later
"""What the output of pip and uv means for a person: the failures that users meet, each with its remedy."""

import re
from pathlib import Path

from ..errors import DISK_FULL, NOT_WRITABLE, REASONS, SetupFailed

NETWORK_FIX = "Check the connection, or the proxy or package mirror in pip's own configuration, and press Set Up again."

# The first pattern found wins: without a network pip also says that nothing matches, which is not the cause.
# Those of FINAL are in the order of REASONS.
FINAL = (
    (r"DO NOT MATCH THE HASHES|[Hh]ash mismatch", "A package is not the one that it should be: its hash is another.",
     "Something between here and the package index changed it, or your own index holds another build. The log names "
     "the package; nothing of it was installed."),
    (r"No space left on device|Errno 28|Errno 122|os error 28|os error 122|not enough space", "The disk is full.",
     "Free some space, in the folder for temporary files too, or choose another folder in the add-on's preferences, "
     "and press Set Up again."),
    (r"Errno 13|Errno 30|os error 13|os error 30|PermissionError|Permission denied|Access is denied", "A file could "
     "not be written.", "Choose a folder that you may write to in the add-on's preferences; on Windows, close what "
     "uses it."),
)  # fmt: skip
CAUSES = (
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification|invalid peer certificate", "The package "
     "index's certificate was not accepted.",
     "Behind a company's proxy, name its certificate in pip's configuration (pip config set global.cert FILE)."),
    (r"ProxyError|Cannot connect to proxy|407 Proxy", "The proxy refused the connection.", NETWORK_FIX),
    (r"name resolution|Name or service not known|getaddrinfo failed|nodename nor servname|Connection refused|actively "
     r"refused|NewConnectionError|ConnectTimeout|timed out|Network is unreachable|Connection reset|Connection broken|"
     r"IncompleteRead|RemoteDisconnected|dns error|tcp connect error|error sending request|Failed to fetch",
     "The package index could not be reached.", NETWORK_FIX),
    (r"MemoryError|Killed", "The machine ran out of memory.", "Close other programs and press Set Up again."),
)  # fmt: skip
VARIABLES = "UV_CACHE_DIR, PIP_CACHE_DIR or TMPDIR, and press Set Up again"
# Not in the folder that the user chose, so it is of no use to choose another.
ELSEWHERE = {
    DISK_FULL: f"Free some space there, or name a folder on another disk by the variable {VARIABLES}.",
    NOT_WRITABLE: f"Allow writing there, or name a folder that you may write to by the variable {VARIABLES}.",
}
ROOT = r"(?:/|[A-Za-z]:[\\/])"
QUOTED, BARE = rf"[`'\"]({ROOT}[^`'\"]+)[`'\"]", rf"(?:^|\s)({ROOT}\S+?)(?=:?(?:\s|$))"
MISSING = (
    r"No matching distribution found for ([^\s;(]+)",
    r"no version of (\S+==\S+)",
    r"Because (\S+) was not found",
    r"no wheels with a matching [^\n]*\n?[^\n]*?(\S+==\S+)",
)


def explain(output: str, what: str, tool: str = "pip", folder: Path | None = None) -> SetupFailed:
    """The error to raise when pip or uv failed.

    Args:
        output: Everything that it printed.
        what: What it was installing, for the message.
        tool: Its name.
        folder: What it was to write to. A failure elsewhere, as in its cache, says where and has no reason: another
            tool may not meet it.
    """
    for reason, (pattern, cause, fix) in zip((*REASONS, *[""] * len(CAUSES)), (*FINAL, *CAUSES), strict=True):
        if lines := [line for line in output.splitlines() if re.search(pattern, line)]:
            if reason in ELSEWHERE and (place := _place_elsewhere(lines[-1], folder)):
                return SetupFailed(f"Installing {what} failed. {cause.rstrip('.')}: {place}.", ELSEWHERE[reason])
            return SetupFailed(f"Installing {what} failed. {cause}", fix, reason=reason)
    if missing := next(filter(None, (re.search(pattern, output) for pattern in MISSING)), None):
        return SetupFailed(
            f"Installing {what} failed. The package index has no {missing[1]} for this Python and system.",
            "Choose another Python version in the add-on's preferences, or check pip's configured index.",
        )
    said = _last_error(output)
    return SetupFailed(f"Installing {what} failed. {tool} said: {said}", f"The log has all that {tool} said.")


def _place_elsewhere(line: str, folder: Path | None) -> str:
    """The path that a line complains of; "" where it names none, or one in the folder."""
    line = line.replace("\\\\", "\\")  # Python doubles them
    if folder is None or str(folder) in line:
        return ""
    return next((found[-1] for found in (re.findall(QUOTED, line), re.findall(BARE, line)) if found), "")


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["nothing"])[-1][:300]
