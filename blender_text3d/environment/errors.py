# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems of an environment, in two sentences: what happened, and what to do next."""

from ..system.lazy_dataclass import lazy_dataclass


@lazy_dataclass(frozen=True)
class Problem:
    """A condition that prevents the worker from running.

    Attributes:
        message: What happened, with the path it concerns.
        fix: What the user can do.
    """

    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.message} {self.fix}"


REASONS = (WRONG_HASH, DISK_FULL, NOT_WRITABLE) = ("wrong_hash", "disk_full", "not_writable")


class SetupFailed(Exception):
    """An action on an environment failed.

    Attributes:
        problem: The message and the fix.
        reason: One of REASONS if another installer would fail in the same way, else "".
    """

    def __init__(self, message: str, fix: str, *, reason: str = ""):
        super().__init__(f"{message} {fix}")
        self.problem = Problem(message, fix)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        arguments = self.problem.message, self.problem.fix  # else pickle passes both in one
        return type(self), arguments, {"reason": self.reason}
