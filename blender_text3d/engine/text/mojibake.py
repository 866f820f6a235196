# SPDX-License-Identifier: GPL-3.0-or-later
"""UTF-8 that somebody read as Windows-1252 or Latin-1 ("cafÃ©"), read right.

Prompts come from files and web pages, where this happens. Only sequences that are whole UTF-8 are touched, and none
where all may be honest text: "NESCAFÉ®" and "é’…" stay.

Source: RFC 3629, section 4; the Windows-1252 table.
"""

import re

NEXT = "\x80-\xbf" + bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
# Signs that may follow a letter with an accent in honest text.
HONEST = "\x85\xa0\xa1\xab\xae\xb4\xb7\xbb\xbf…‘’“”–—•™‹›"
LONG = f"(?!\xe0\xa0)[\xe0-\xef][{NEXT}]{{2}}|[\xf0-\xf4][{NEXT}]{{3}}"
CERTAIN = re.compile(f"(?![\xe0-\xef][{HONEST}]{{2}})(?:{LONG})|[ÂÃ][{NEXT}]|[\xc4-\xdf](?![{HONEST}])[{NEXT}]")
SEQUENCES = re.compile(f"(?:{LONG}|[\xc2-\xdf][{NEXT}])+")
CONTROL = re.compile("[\x80-\x9f]")


def reread(line: str) -> str:
    """The line with misread sequences decoded; control characters of Latin-1 become the signs of Windows-1252."""
    if CERTAIN.search(line):
        line = SEQUENCES.sub(_decoded, line)
    return CONTROL.sub(lambda match: _from_1252(ord(match[0])), line)


def _decoded(sequences: re.Match) -> str:
    try:
        return b"".join(map(_byte, sequences[0])).decode("utf-8")
    except UnicodeDecodeError:
        return sequences[0]


def _byte(character: str) -> bytes:
    """The byte that Windows-1252 shows as this character; the five it does not show stand for themselves."""
    return bytes([ord(character)]) if ord(character) < 0x100 else character.encode("cp1252")


def _from_1252(byte: int) -> str:
    return bytes([byte]).decode("cp1252", errors="ignore") or chr(byte)
