# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors about weights. Each message is one or two sentences: what happened, to which file, what to do next."""

MAX_TEXT_LENGTH = 700


def printable(text: str) -> str:
    """Return a text that is safe to print, truncated if long: files and servers may choose parts of it."""
    cut = text if len(text) <= MAX_TEXT_LENGTH else f"{text[: MAX_TEXT_LENGTH - 1]}…"
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in cut)


class BrokenWeights(Exception):
    """A weights file is missing, corrupt or of another network; the message has its name and what to do."""

    def __init__(self, text: str):
        super().__init__(printable(text))


class MissingWeights(Exception):
    """A checkpoint has not been fetched yet; `names` are the catalogue names of all that are missing."""

    def __init__(self, names: tuple[str, ...], message: str):
        super().__init__(message)
        self.names = names

    def __reduce__(self) -> tuple[type["MissingWeights"], tuple[tuple[str, ...], str]]:
        return type(self), (self.names, str(self))  # else pickle passes the message as the only argument


class DownloadFailed(Exception):
    """No source has the file, or it cannot be stored; the message has every source and its failure."""


class NoSource(DownloadFailed):
    """All sources were tried and none has the file; the disk is not the reason."""
