# SPDX-License-Identifier: GPL-3.0-or-later
"""Timeouts and retries of a download, and the two kinds of failure of a source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """Timeouts and retries of a download.

    Attributes:
        timeout_s: seconds to wait for a connection, and for the next bytes of one.
        max_tries: tries in a row without a new byte, before the next source is tried.
        pause_s: seconds before the second try; doubled before each further one.
        update_every_s: seconds between two progress updates.
    """

    timeout_s: float = 30.0
    max_tries: int = 4
    pause_s: float = 1.0
    update_every_s: float = 0.2


class SourceError(Exception):
    """A source will not give the file, but another may; the message follows the source's name in a sentence."""


class TransientError(Exception):
    """A source failed, but a retry may succeed; the message follows the source's name in a sentence."""
