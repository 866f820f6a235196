# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with weights. Each text is one sentence or two: what, which file, what to do next."""

MAX_TEXT_LENGTH = 700


def plain(text: str) -> str:
    """A text that a terminal or a panel shows as it is, cut where it is long: files and servers choose their words."""
    cut = text if len(text) <= MAX_TEXT_LENGTH else f"{text[: MAX_TEXT_LENGTH - 1]}…"
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in cut)


class BrokenWeights(Exception):
    """A weights file is missing, damaged or belongs to another network; the text says which and what to do."""

    def __init__(self, text: str):
        super().__init__(plain(text))


class MissingWeights(Exception):
    """A checkpoint has not been fetched yet; `names` are the catalogue's names of all that are wanted."""

    def __init__(self, names: tuple[str, ...], message: str):
        super().__init__(message)
        self.names = names


class DownloadFailed(Exception):
    """No source gave the file, or it cannot be kept here; the text names every source and its failure."""


class NoSource(DownloadFailed):
    """Every source was asked and none gave the file; the disk is not to blame."""
