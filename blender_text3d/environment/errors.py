# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with an environment, in two sentences: what is the matter, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something that keeps the worker from running.

    Attributes:
        message: What is the matter, with the path it is about.
        fix: What the user can do.
    """

    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.message} {self.fix}"


REASONS = (WRONG_HASH, DISK_FULL, NOT_WRITABLE) = ("wrong_hash", "disk_full", "not_writable")


class SetupFailed(Exception):
    """The environment could not be made; `problem` says why and what to do.

    `reason` is one of REASONS where another tool would end in the same way, else "".
    """

    def __init__(self, message: str, fix: str, *, reason: str = ""):
        super().__init__(f"{message} {fix}")
        self.problem = Problem(message, fix)
        self.reason = reason
