# SPDX-License-Identifier: GPL-3.0-or-later
"""Text files of any editor: UTF-8, UTF-16 with its mark, or Windows-1252."""

import codecs
import sys
from pathlib import Path

from ...protocol.errors import BadRequest
from ...system.console import sanitized

MAX_BYTES = 64 * 2**20
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
STANDARD_INPUT = "-"


def read_text(path: Path) -> tuple[str, str]:
    """Read a text file, a pipe, or standard input for "-".

    Returns:
        The text, and a sentence for the user about its encoding, or "".

    Raises:
        BadRequest: It cannot be read, is too large, or is not text.
    """
    shown = shown_name(path)
    try:
        if str(path) == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadRequest(f"{shown} cannot be read ({error.strerror}). Choose another file.") from error
    if len(content) > MAX_BYTES:
        raise BadRequest(f"{shown} is larger than {MAX_BYTES:,} bytes. Split it.")
    return decoded(content, shown)


def decoded(content: bytes, name: str) -> tuple[str, str]:
    """Decode the content of a text file.

    Returns:
        The text, with line feeds at the end of lines, and a sentence for the user or "".

    Raises:
        BadRequest: It is not text, or in an encoding that cannot be recognized.
    """
    encoding = next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "utf-8")
    notice = ""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise BadRequest(f"{name} begins like {encoding.upper()} but is not. Save it as UTF-8.") from error
        text = _windows_text(content, name)
        notice = f"{name} is not UTF-8, so it was read as Windows-1252. Save it as UTF-8 if letters are wrong."
    if "\0" in text:
        raise BadRequest(f"{name} is not UTF-8 text: it may be UTF-16 without its mark. Save it as UTF-8.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), notice


def shown_name(path: Path) -> str:
    """Return the name of a file in messages."""
    return "Standard input" if str(path) == STANDARD_INPUT else sanitized(str(path))


def _windows_text(content: bytes, name: str) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{name} is not UTF-8 text, nor Windows-1252. Save it as UTF-8.") from error
