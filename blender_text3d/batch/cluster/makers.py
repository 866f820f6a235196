# SPDX-License-Identifier: GPL-3.0-or-later
"""Interface of the makers of a run: actors on the nodes of a cluster, or processes of this machine."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from .object_maker import Order, Result


class Maker(Protocol):
    """A process that makes objects.

    Attributes:
        name: Its name, unique in the run.
        is_ready: True if it can take work.
        started_at: Moment of `time.monotonic` when it got its work.
    """

    name: str
    is_ready: bool
    started_at: float


class Ended(NamedTuple):
    """The end of a maker's work: its results, or its error and whether there will be no other maker in its place."""

    maker: Maker
    results: list[Result]
    error: Exception | None = None
    is_unfit: bool = False


class Makers(Protocol):
    """The makers of a run.

    Attributes:
        unfit: Why a machine cannot make objects, by its ID.
    """

    unfit: dict[str, str]

    @property
    def makers(self) -> Sequence[Any]:
        """All makers that live, ready or not."""

    @property
    def idle(self) -> Sequence[Any]:
        """Makers that can take work."""

    def refresh(self, wanted: int) -> None:
        """Start makers where there is room, if fewer than `wanted` live."""

    def hand_out(self, maker: Any, orders: Sequence[Order]) -> None:
        """Let an idle maker make objects."""

    def wait(self, timeout_s: float) -> list[Ended]:
        """Return what ends within some seconds."""

    def remove(self, maker: Any) -> None:
        """End a maker at once, with what it makes."""

    def close(self) -> None:
        """End all makers."""
