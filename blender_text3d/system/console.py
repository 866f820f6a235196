# SPDX-License-Identifier: GPL-3.0-or-later
"""Console output: characters that the terminal lacks, and text from untrusted sources."""

import io
import sys

MAX_TEXT_LENGTH = 2000
ZERO_WIDTH_JOINERS = "\u200c\u200d"


def use_lossy_console_encoding() -> None:
    """Print escapes for characters that the terminal's encoding lacks, instead of raising UnicodeEncodeError."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def sanitized(text: str) -> str:
    """Return untrusted text as one line without control sequences, cut at MAX_TEXT_LENGTH."""
    cut = text if len(text) <= MAX_TEXT_LENGTH else f"{text[: MAX_TEXT_LENGTH - 1]}…"
    return "".join(char if char.isprintable() else _replacement(char) for char in cut)


def _replacement(char: str) -> str:
    if char in ZERO_WIDTH_JOINERS:  # emoji and Persian need them
        return char
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
