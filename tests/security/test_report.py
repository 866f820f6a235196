# SPDX-License-Identifier: GPL-3.0-or-later
"""The public report of the diagnostics contains no name of a user, client or machine, and no secret."""

import time
from pathlib import Path

import pytest

from blender_text3d.doctor.context import Context
from blender_text3d.doctor.report import redact

CASE = Context(Path("/data/film"), Path("/data/film/jobs"), Path("/data/film/worker-env"), None)
REDACTED = {
    "/home/other person/x": "~/…/x",
    "/home/other person/clients/Acme Corp/x.py failed": "~/…/x.py failed",
    "C:\\Users\\Jane Doe\\AppData\\secret\\x.py": "~/…/x.py",
    "/Users/jane doe/Library/Application Support/Blender/5.2": "~/Library/Application Support/Blender/5.2",
    "/mnt/Client Acme/py/bin/python3 does not exist": "…/python3 does not exist",
    "/mnt/Client Acme/a/b and /srv/Other Client/c": "…/b and …/c",
    "/usr/bin/python3 and /mnt/Client Acme/x": "/usr/bin/python3 and …/x",
    "/opt/Client Acme/bin/python3": "…/python3",
    "C:\\Program Files\\Python311\\python.exe": "C:\\Program Files\\Python311\\python.exe",
    "D:/clients/acme/x.py": "…/x.py",
    "\\\\server\\share\\Jane\\x.py": "…/x.py",
    "\\\\server\\Client Acme\\Jane Doe\\x.py cannot": "…/x.py cannot",
    "//server/Client Acme/x.py": "…/x.py",
    "http://user:p@ss@proxy:3128/": "http://proxy:3128/",
    "http://user:to/ken@proxy:3128": "http://proxy:3128",
    "https://pypi.example/simple/?token=abc&user=jane": "https://pypi.example/simple/?…",
    "fe80::1%eth0 and 2001:db8::7": "<address> and <address>",
    "2001:db8:0:0:0:0:0:7 is not an address": "<address> is not an address",
    "[2001:db8::7]:9876 and [::1]:9876": "[<address>]:9876 and [::1]:9876",
    "::ffff:192.168.1.7": "<address><address>",
    "00:1a:2b:3c:4d:5e": "<address>",
    "at 12:30:45, std::vector, a / b, 3/4 and http://example.org/a/b": "at 12:30:45, std::vector, a / b, 3/4 and http://example.org/a/b",
}


@pytest.mark.parametrize("text", REDACTED)
def test_private_data_is_removed(text):
    assert redact(text, CASE) == REDACTED[text]


LONG = ["/" + "a " * 50_000, "a/" * 50_000, "//" * 20_000, "~/" + "a b" * 30_000, ":" * 50_000, "//a" * 20_000]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_long_message_is_redacted_quickly(text):
    started = time.monotonic()
    redact(text, CASE)
    assert time.monotonic() - started < 5
