# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of files, servers and other programs, as a terminal may show them."""

MAX_TEXT_LENGTH = 2000


def sanitized(text: str) -> str:
    """A text on one line without anything that would move a cursor, change colours or hide what follows."""
    cut = text if len(text) <= MAX_TEXT_LENGTH else f"{text[: MAX_TEXT_LENGTH - 1]}…"
    return "".join(sign if sign.isprintable() else _shown(sign) for sign in cut)


def _shown(sign: str) -> str:
    if sign in "\u200c\u200d":  # joiners: emoji and Persian need them
        return sign
    return " " if sign.isspace() else "\N{REPLACEMENT CHARACTER}"
