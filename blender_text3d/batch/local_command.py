# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a list with several workers of this machine, which share it as makers of a cluster do."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..client.run_status import STOP_NAME
from .cluster.command import Command, Follower
from .cluster.errors import FolderTaken
from .cluster.folder_lock import held
from .core_groups import CoreGroup
from .forked_makers import MakerTemplate
from .local_workers import LocalFleet
from .object_store import ObjectStore
from .orders import Chunk
from .outcome_lines import OutcomeLines
from .progress import RunProgress

DEADLINE_S = 24 * 3600.0
"""Longer than the largest model takes on the slowest processor: without a cluster, somebody watches the run."""
RECYCLE_AFTER = 5_000
"""Objects after which a worker is replaced. Its memory stays the same, so this only guards against what is unknown."""


def make_locally(
    options: argparse.Namespace,
    store: ObjectStore,
    chunk: Chunk,
    lines: OutcomeLines,
    *,
    groups: Sequence[CoreGroup],
    python: Path,
    shard_size: int,
    template: MakerTemplate | None = None,
) -> int:
    """Make the objects of a chunk; returns the exit code.

    Several such commands may fill one folder. The first tells its progress there; that of others is on stderr alone.

    Raises:
        OSError: The folder cannot be written.
    """
    with ExitStack() as cleanup:
        try:
            cleanup.enter_context(held(options.out, store.work))
            told_in = options.out
            (options.out / STOP_NAME).unlink(missing_ok=True)
        except FolderTaken:
            told_in = cleanup.enter_context(store.work_folder())
        follower = Follower(RunProgress(told_in), None, is_json=options.json)
        limits = {"deadline": DEADLINE_S, "recycle": RECYCLE_AFTER}
        options = argparse.Namespace(**vars(options) | limits | {"python": python, "shards": shard_size})
        return LocalCommand(options, store, chunk, lines, follower, groups=groups, template=template).run("")


class LocalCommand(Command):
    """A run whose makers are processes of this machine."""

    def __init__(
        self,
        options: argparse.Namespace,
        store: ObjectStore,
        chunk: Chunk,
        lines: OutcomeLines,
        follower: Follower,
        *,
        groups: Sequence[CoreGroup],
        template: MakerTemplate | None,
    ) -> None:
        super().__init__(options, store, chunk, lines, follower)
        self._groups, self._template = groups, template

    @contextmanager
    def _started_makers(self, marker: str) -> Iterator[LocalFleet]:
        yield LocalFleet(self._settings(marker), self._groups, self._template)
