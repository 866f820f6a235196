# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn the output of pip and uv into an error message with a fix, for the failures that users meet."""

import re
from pathlib import Path

from ..errors import DISK_FULL, NOT_WRITABLE, REASONS, SetupFailed

NETWORK_FIX = "Check the connection, or the proxy or package mirror in pip's own configuration, and press Set Up again."

# The first match counts: without a network, pip also reports that no version matches, which is not the cause.
# FINAL is in the order of REASONS.
FINAL = (
    (r"DO NOT MATCH THE HASHES|[Hh]ash mismatch", "A package has an unexpected hash.",
     "It was changed between the package index and this machine, or your own index has another build. The log names "
     "the package, which was not installed."),
    (r"No space left on device|Errno 28|Errno 122|os error 28|os error 122|not enough space", "The disk is full.",
     "Free some space, including in the folder for temporary files, or choose another folder in the add-on's "
     "preferences, and press Set Up again."),
    (r"Errno 13|Errno 30|os error 13|os error 30|PermissionError|Permission denied|Access is denied", "A file could "
     "not be written.", "Choose a writable folder in the add-on's preferences; on Windows, close the programs "
     "that use it."),
)  # fmt: skip
CAUSES = (
    (r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerification|invalid peer certificate", "The package "
     "index's certificate was not accepted.",
     "Behind a company proxy, set its certificate in pip's configuration (pip config set global.cert FILE)."),
    (r"ProxyError|Cannot connect to proxy|407 Proxy", "The proxy refused the connection.", NETWORK_FIX),
    (r"name resolution|Name or service not known|getaddrinfo failed|nodename nor servname|Connection refused|actively "
     r"refused|NewConnectionError|ConnectTimeout|timed out|Network is unreachable|Connection reset|Connection broken|"
     r"IncompleteRead|RemoteDisconnected|dns error|tcp connect error|error sending request|Failed to fetch",
     "The package index could not be reached.", NETWORK_FIX),
    (r"MemoryError|Killed", "The machine ran out of memory.", "Close other programs and press Set Up again."),
)  # fmt: skip
VARIABLES = "UV_CACHE_DIR, PIP_CACHE_DIR or TMPDIR, and press Set Up again"
# For a path outside the folder that the user chose, where choosing another folder does not help.
FIXES_ELSEWHERE = {
    DISK_FULL: f"Free some space there, or set a folder on another disk with the variable {VARIABLES}.",
    NOT_WRITABLE: f"Allow writing there, or set a writable folder with the variable {VARIABLES}.",
}
ROOT = r"(?:/|[A-Za-z]:[\\/])"
QUOTED, BARE = rf"[`'\"]({ROOT}[^`'\"]+)[`'\"]", rf"(?:^|\s)({ROOT}\S+?)(?=:?(?:\s|$))"
MISSING = (
    r"No matching distribution found for ([^\s;(]+)",
    r"no version of (\S+==\S+)",
    r"Because (\S+) was not found",
    r"no wheels with a matching [^\n]*\n?[^\n]*?(\S+==\S+)",
)


def install_error(output: str, name: str, tool: str = "pip", folder: Path | None = None) -> SetupFailed:
    """Return the error to raise after pip or uv failed.

    Args:
        output: The complete output.
        name: Name of the packages it was installing.
        tool: Name of the installer.
        folder: The folder it was installing into. A failure elsewhere, such as in its cache, names the path and has no
            reason, because the other installer may not have it.
    """
    for reason, (pattern, cause, fix) in zip((*REASONS, *[""] * len(CAUSES)), (*FINAL, *CAUSES), strict=True):
        if lines := [line for line in output.splitlines() if re.search(pattern, line)]:
            if reason in FIXES_ELSEWHERE and (path := _path_elsewhere(lines[-1], folder)):
                return SetupFailed(f"Installing {name} failed. {cause.rstrip('.')}: {path}.", FIXES_ELSEWHERE[reason])
            return SetupFailed(f"Installing {name} failed. {cause}", fix, reason=reason)
    if missing := next(filter(None, (re.search(pattern, output) for pattern in MISSING)), None):
        return SetupFailed(
            f"Installing {name} failed. The package index has no {missing[1]} for this Python and system.",
            "Choose another Python version in the add-on's preferences, or check pip's configured index.",
        )
    message = f"Installing {name} failed. {tool} reported: {_last_error(output)}"
    return SetupFailed(message, f"The log has the complete output of {tool}.")


def _path_elsewhere(line: str, folder: Path | None) -> str:
    """Return the path in an error line, or "" if there is none or it is in the folder."""
    line = line.replace("\\\\", "\\")  # Python prints backslashes twice
    if folder is None or str(folder) in line:
        return ""
    return next((found[-1] for found in (re.findall(QUOTED, line), re.findall(BARE, line)) if found), "")


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["nothing"])[-1][:300]
