# SPDX-License-Identifier: GPL-3.0-or-later
"""What pip and uv print becomes one message, one fix and a reason."""

from pathlib import Path

import pytest

from blender_text3d.environment.errors import DISK_FULL, NOT_WRITABLE, WRONG_HASH
from blender_text3d.environment.installers.install_errors import NETWORK_FIX, install_error

HASH, FULL, WRITE = "A package has an unexpected hash.", "The disk is full.", "A file could not be written."
CERTIFICATE, PROXY = "The package index's certificate was not accepted.", "The proxy refused the connection."
NETWORK, MEMORY = "The package index could not be reached.", "The machine ran out of memory."


@pytest.mark.parametrize(
    ("output", "cause", "reason", "fix"),
    [
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", HASH, WRONG_HASH, "your own index has another build"),
        ("Hash mismatch for `x`", HASH, WRONG_HASH, "which was not installed"),
        ("hash mismatch", HASH, WRONG_HASH, "The log names the package"),
        ("No space left on device", FULL, DISK_FULL, "Free some space, including in the folder for temporary files"),
        ("[Errno 28]", FULL, DISK_FULL, "Free some space"),
        ("[Errno 122] Disk quota exceeded", FULL, DISK_FULL, "Free some space"),
        ("(os error 28)", FULL, DISK_FULL, "Free some space"),
        ("(os error 122)", FULL, DISK_FULL, "Free some space"),
        ("There is not enough space on the disk", FULL, DISK_FULL, "Free some space"),
        ("[Errno 13]", WRITE, NOT_WRITABLE, "Choose a writable folder"),
        ("[Errno 30]", WRITE, NOT_WRITABLE, "Choose a writable folder"),
        ("(os error 13)", WRITE, NOT_WRITABLE, "Choose a writable folder"),
        ("(os error 30)", WRITE, NOT_WRITABLE, "Choose a writable folder"),
        ("PermissionError", WRITE, NOT_WRITABLE, "on Windows, close the programs that use it"),
        ("Permission denied", WRITE, NOT_WRITABLE, "Choose a writable folder"),
        ("Access is denied", WRITE, NOT_WRITABLE, "Choose a writable folder"),
        ("CERTIFICATE_VERIFY_FAILED", CERTIFICATE, "", "pip config set global.cert FILE"),
        ("SSLError", CERTIFICATE, "", "company proxy"),
        ("SSLCertVerification", CERTIFICATE, "", "company proxy"),
        ("invalid peer certificate: UnknownIssuer", CERTIFICATE, "", "company proxy"),
        ("ProxyError", PROXY, "", NETWORK_FIX),
        ("Cannot connect to proxy", PROXY, "", NETWORK_FIX),
        ("407 Proxy Authentication Required", PROXY, "", NETWORK_FIX),
        ("Temporary failure in name resolution", NETWORK, "", NETWORK_FIX),
        ("Name or service not known", NETWORK, "", NETWORK_FIX),
        ("getaddrinfo failed", NETWORK, "", NETWORK_FIX),
        ("nodename nor servname provided", NETWORK, "", NETWORK_FIX),
        ("Connection refused", NETWORK, "", NETWORK_FIX),
        ("the target machine actively refused it", NETWORK, "", NETWORK_FIX),
        ("NewConnectionError", NETWORK, "", NETWORK_FIX),
        ("ConnectTimeout", NETWORK, "", NETWORK_FIX),
        ("Read timed out.", NETWORK, "", NETWORK_FIX),
        ("Network is unreachable", NETWORK, "", NETWORK_FIX),
        ("Connection reset by peer", NETWORK, "", NETWORK_FIX),
        ("Connection broken", NETWORK, "", NETWORK_FIX),
        ("IncompleteRead", NETWORK, "", NETWORK_FIX),
        ("RemoteDisconnected", NETWORK, "", NETWORK_FIX),
        ("dns error", NETWORK, "", NETWORK_FIX),
        ("tcp connect error", NETWORK, "", NETWORK_FIX),
        ("error sending request", NETWORK, "", NETWORK_FIX),
        ("Failed to fetch", NETWORK, "", NETWORK_FIX),
        ("MemoryError", MEMORY, "", "Close other programs"),
        ("Killed", MEMORY, "", "Close other programs"),
    ],
)
def test_each_known_failure_has_its_cause_its_reason_and_its_fix(output, cause, reason, fix):
    error = install_error(f"Collecting x\n{output}\nSee above.", "PyTorch")
    assert error.problem.message == f"Installing PyTorch failed. {cause}"
    assert error.reason == reason
    assert fix in error.problem.fix


@pytest.mark.parametrize(
    ("first", "second"), [(HASH, FULL), (FULL, WRITE), (WRITE, CERTIFICATE), (CERTIFICATE, PROXY), (PROXY, NETWORK)]
)
def test_the_earlier_of_two_causes_in_the_list_is_told_whatever_was_printed_first(first, second):
    texts = {HASH: "Hash mismatch", FULL: "os error 28", WRITE: "os error 13", CERTIFICATE: "SSLError",
             PROXY: "ProxyError", NETWORK: "timed out"}  # fmt: skip
    assert first in install_error(f"{texts[second]}\n{texts[first]}", "x").problem.message


@pytest.mark.parametrize(
    ("output", "missing"),
    [
        ("ERROR: No matching distribution found for torch==2.13.0 (from x)", "torch==2.13.0"),
        ("ERROR: No matching distribution found for numpy; python_version > '3'", "numpy"),
        ("Because there is no version of torch==2.13.0 and you require torch", "torch==2.13.0"),
        ("Because torch was not found in the package registry", "torch"),
        (
            "Because numpy==9 has no wheels with a matching Python ABI tag,\nwe can say numpy==9 cannot be used",
            "numpy==9",
        ),
    ],
)
def test_a_package_without_a_fitting_version_is_named(output, missing):
    error = install_error(output, "the packages")
    assert error.problem.message == (
        f"Installing the packages failed. The package index has no {missing} for this Python and system."
    )
    assert error.problem.fix == (
        "Choose another Python version in the add-on's preferences, or check pip's configured index."
    )
    assert error.reason == ""


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("Collecting x\nERROR: one\nerror: two\nthe end\n\n", "error: two"),
        ("Collecting x\n  the end  \n \n", "the end"),
        ("", "nothing"),
        ("error: " + "x" * 400, "error: " + "x" * 293),
    ],
)
def test_an_unknown_failure_is_told_with_the_last_error_or_else_the_last_line(output, told):
    error = install_error(output, "uv", "uv")
    assert error.problem.message == f"Installing uv failed. uv reported: {told}"
    assert error.problem.fix == "The log has the complete output of uv."
    assert error.reason == ""
    assert "pip reported" in str(install_error(output, "x"))


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("Permission denied: '/cache/x'", "/cache/x"),
        ('Permission denied: "/cache/my files/x"', "/cache/my files/x"),
        ("failed to open `/one` for `/two`: Permission denied (os error 13)", "/two"),
        ("/cache/x: Permission denied", "/cache/x"),
        ("copy /a/b to /c/d: Permission denied", "/c/d"),
        (r"Access is denied: 'C:\\Users\\x'", r"C:\Users\x"),
        ("Access is denied: 'D:/x'", "D:/x"),
        ("Permission denied: 'relative/x'", ""),
        ("Permission denied: '/env/1/x'", ""),
    ],
)
def test_a_path_outside_of_the_environment_is_named_and_leaves_no_reason(line, path):
    error = install_error(line, "x", folder=Path("/env"))
    assert error.problem.message == "Installing x failed. A file could not be written" + (f": {path}." if path else ".")
    assert error.reason == ("" if path else NOT_WRITABLE)
    assert ("UV_CACHE_DIR, PIP_CACHE_DIR or TMPDIR" in error.problem.fix) is bool(path)


def test_the_last_line_about_a_failure_has_the_path():
    output = "Permission denied: '/one'\nPermission denied: '/two'\nThe end of '/three'"
    assert "/two." in install_error(output, "x", folder=Path("/env")).problem.message
    assert install_error(output, "x").reason == NOT_WRITABLE  # without a folder, no path is elsewhere


def test_a_full_disk_elsewhere_names_where_to_free_space():
    error = install_error("No space left on device: '/var/tmp/x'", "x", folder=Path("/env"))
    assert error.problem.message == "Installing x failed. The disk is full: /var/tmp/x."
    assert error.problem.fix.startswith("Free some space there, or set a folder on another disk")


def test_a_wrong_hash_stays_one_whatever_path_is_printed():
    assert install_error("Hash mismatch for '/cache/x.whl'", "x", folder=Path("/env")).reason == WRONG_HASH
