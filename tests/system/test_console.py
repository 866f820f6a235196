# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for a terminal: escapes for what it lacks, and nothing that controls it."""

import io
import sys

import pytest

from blender_text3d.system.console import sanitized, use_lossy_console_encoding


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_characters_that_the_terminal_lacks_become_escapes(monkeypatch, name):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, name, stream)
    use_lossy_console_encoding()
    stream.write("caf\u00e9 \u6905")
    stream.flush()
    assert stream.buffer.getvalue() == b"caf\\xe9 \\u6905"


def test_a_replaced_or_missing_stream_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", None)
    use_lossy_console_encoding()
    assert sys.stdout.write("caf\u00e9") == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a red chair", "a red chair"),
        ("two\nlines\tand\r\nmore", "two lines and  more"),
        ("\x1b[2Jclear", "\ufffd[2Jclear"),
        ("bell\x07, null\x00", "bell\ufffd, null\ufffd"),
        ("\u202ereversed", "\ufffdreversed"),
        ("\u2028", " "),
        ("non-breaking\u00a0space", "non-breaking space"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("", ""),
    ],
)
def test_untrusted_text_becomes_one_line_without_control_sequences(text, expected):
    assert sanitized(text) == expected


def test_untrusted_text_is_cut_at_its_limit():
    assert sanitized("x" * 2000) == "x" * 2000
    assert sanitized("x" * 2001) == "x" * 1999 + "…"
