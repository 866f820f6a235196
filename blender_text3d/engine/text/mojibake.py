# SPDX-License-Identifier: GPL-3.0-or-later
"""Decode UTF-8 text that was read as Windows-1252 or Latin-1 ("cafÃ©").

Prompts come from files and web pages, where this happens. Only complete UTF-8 sequences are decoded, and none if all of
them may be intended: "NESCAFÉ®" and "é’…" are not changed.

Source: RFC 3629, section 4; the Windows-1252 table.
"""

import re

CONTINUATION = "\x80-\xbf" + bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
# Characters that may follow an accented letter in correct text.
PLAUSIBLE = "\x85\xa0\xa1\xab\xae\xb4\xb7\xbb\xbf…‘’“”–—•™‹›"
LONG_SEQUENCE = f"(?!\xe0\xa0)[\xe0-\xef][{CONTINUATION}]{{2}}|[\xf0-\xf4][{CONTINUATION}]{{3}}"
CERTAIN_MOJIBAKE = re.compile(
    f"(?![\xe0-\xef][{PLAUSIBLE}]{{2}})(?:{LONG_SEQUENCE})|[ÂÃ][{CONTINUATION}]"
    f"|[\xc4-\xdf](?![{PLAUSIBLE}])[{CONTINUATION}]"
)
SEQUENCES = re.compile(f"(?:{LONG_SEQUENCE}|[\xc2-\xdf][{CONTINUATION}])+")
C1_CONTROL = re.compile("[\x80-\x9f]")


def fix_mojibake(line: str) -> str:
    """Decode misread sequences; Latin-1 control characters become those of Windows-1252."""
    if CERTAIN_MOJIBAKE.search(line):
        line = SEQUENCES.sub(_decode, line)
    return C1_CONTROL.sub(lambda match: _from_cp1252(ord(match[0])), line)


def _decode(sequences: re.Match) -> str:
    try:
        return b"".join(map(_to_byte, sequences[0])).decode("utf-8")
    except UnicodeDecodeError:
        return sequences[0]


def _to_byte(character: str) -> bytes:
    """Return the Windows-1252 byte of a character; the five bytes without a character are kept as they are."""
    return bytes([ord(character)]) if ord(character) < 0x100 else character.encode("cp1252")


def _from_cp1252(byte: int) -> str:
    return bytes([byte]).decode("cp1252", errors="ignore") or chr(byte)
