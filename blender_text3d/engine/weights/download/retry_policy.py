# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait for a source, and how a source fails."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait for what.

    Attributes:
        timeout_s: for a connection, and for the next bytes of one.
        tries: in a row without a new byte, before the next source is asked.
        pause_s: before the second try; doubled before each further one.
        every_s: between two pieces of news of a running download.
    """

    timeout_s: float = 30.0
    tries: int = 4
    pause_s: float = 1.0
    every_s: float = 0.2


class SourceError(Exception):
    """A source does not give the file; the text goes on after its owner's name, and another source may do."""


class TransientError(Exception):
    """A source stopped giving; the text goes on after its owner's name, and trying again may do."""
