# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with weights. Each text is one sentence or two: what, which file, what to do next."""


class BrokenWeights(Exception):
    """A weights file is missing, damaged or belongs to another network; the text says which and what to do."""


class MissingWeights(Exception):
    """A checkpoint has not been fetched yet; `names` are the catalogue's names of all that are wanted."""

    def __init__(self, names: tuple[str, ...], message: str):
        super().__init__(message)
        self.names = names


class DownloadFailed(Exception):
    """No source gave the file, or it cannot be kept here; the text names every source and its failure."""


class NoSource(DownloadFailed):
    """Every source was asked and none gave the file; the disk is not to blame."""
