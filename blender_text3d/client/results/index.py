# SPDX-License-Identifier: GPL-3.0-or-later
"""ResultIndex: the finished jobs of a jobs folder, newest first, read in steps of a fraction of a millisecond.

A jobs folder may hold ten thousand jobs. Reading stops as soon as a page is full; what was read is kept in memory, so
that a later search reads marks only.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ...protocol.events import Finished
from ...protocol.job_folder import JobFolder
from .entry import ResultEntry, packed, read_entry, unpacked
from .marks import STARRED, is_marked

NAMES_PER_STEP = 500
MAX_RECHECKED = 50
"""Newest jobs without an end that are looked at again: others have been running for longer than anybody waits."""


class ResultFilter(NamedTuple):
    """A choice of results to list.

    Attributes:
        words: Words that the prompt must contain, in lower case; a number may be the seed instead.
        is_starred_only: True to list starred results only.
        has_rejected: True to list rejected results, too.
        job_ids: The jobs to choose from, or None for all.
    """

    words: tuple[str, ...] = ()
    is_starred_only: bool = False
    has_rejected: bool = False
    job_ids: frozenset[str] | None = None

    def matches(self, entry: ResultEntry) -> bool:
        """True if a finished job with such an entry is listed."""
        if entry.end != Finished.kind or (self.is_starred_only and not entry.is_starred):
            return False
        if entry.is_rejected and not self.has_rejected:
            return False
        prompt, seed = entry.request.prompt.casefold(), str(entry.request.seed)
        return all(word in prompt or word == seed for word in self.words)


def words_of(typed: str) -> tuple[str, ...]:
    """Return the words of a search in the form that ResultFilter compares."""
    return tuple(typed.casefold().split())


class ResultIndex:
    """The job folders of one jobs folder.

    Attributes:
        jobs_dir: The folder of job folders.
        names: Names of everything that may be a job folder, newest first; empty before the first listing.
    """

    def __init__(self, jobs_dir: Path) -> None:
        """Create an empty index; nothing is read yet."""
        self.jobs_dir = Path(jobs_dir)
        self.names: list[str] = []
        self._entries: dict[str, str | None] = {}
        self._listed_version = -1

    def is_outdated(self) -> bool:
        """True before the first listing, and if folders were added or removed since the last one."""
        return self._folder_version() != self._listed_version

    def list_names(self) -> Iterator[None]:
        """List the jobs folder; yields after every NAMES_PER_STEP names. Job names sort by age."""
        version, names = self._folder_version(), []
        try:
            with os.scandir(self.jobs_dir) as found:
                for number, item in enumerate(found, start=1):
                    if not item.name.startswith(".") and item.is_dir(follow_symlinks=False):
                        names.append(item.name)
                    if number % NAMES_PER_STEP == 0:
                        yield
        except OSError:
            names = []
        self.names = sorted(names, reverse=True)
        self._listed_version = version
        yield
        kept = set(self.names)
        self._entries = {name: entry for name, entry in self._entries.items() if name in kept}

    def search(self, wanted: ResultFilter) -> Iterator[ResultEntry | None]:
        """Look through all jobs, newest first; yields the entry of each listed result, and None for every other job."""
        for name in list(self.names):
            entry = self.read(name) if self._may_match(name, wanted) else None
            yield entry if entry and wanted.matches(entry) else None

    def _may_match(self, name: str, wanted: ResultFilter) -> bool:
        """False if a job cannot be listed, as far as can be told without reading its files."""
        if wanted.job_ids is not None and name not in wanted.job_ids:
            return False
        return not wanted.is_starred_only or is_marked(JobFolder(self.jobs_dir / name), STARRED)

    def read(self, name: str) -> ResultEntry | None:
        """Return the entry of a job as it is now, or None for anything else."""
        entry = read_entry(JobFolder(self.jobs_dir / name), self.known(name))
        self._entries[name] = packed(entry) if entry else None
        return entry

    def known(self, name: str) -> ResultEntry | None:
        """Return the entry of a job as it was last read, or None."""
        content = self._entries.get(name)
        return unpacked(JobFolder(self.jobs_dir / name), content) if content else None

    def has_newly_finished(self) -> bool:
        """True if one of the newest jobs without an end has finished since it was read."""
        unfinished = [name for name in self.names[: 4 * MAX_RECHECKED] if self._is_unfinished(name)]
        return any((entry := self.read(name)) and entry.end == Finished.kind for name in unfinished[:MAX_RECHECKED])

    def _is_unfinished(self, name: str) -> bool:
        """True if a job was read and had no end, or no request yet, because it is being copied."""
        return name in self._entries and ((entry := self.known(name)) is None or not entry.end)

    def _folder_version(self) -> int:
        try:
            return self.jobs_dir.stat().st_mtime_ns
        except OSError:
            return 0


def grouped(entries: list[ResultEntry]) -> list[list[ResultEntry]]:
    """Return results in groups that differ in their seeds only, sorted by seed, in the order of their newest results.

    Args:
        entries: Results, newest first; results of one seed stay in this order.
    """
    groups: dict[str, list[ResultEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.request.group, []).append(entry)
    return [sorted(group, key=seeds_of) for group in groups.values()]


def seeds_of(entry: ResultEntry) -> tuple[int, int]:
    """Return the seed of a result, and that of its variation."""
    return entry.request.seed, entry.request.variation_seed


def seed_count(group: list[ResultEntry]) -> int:
    """Return the number of different seeds in a group; each variation of a seed counts."""
    return len(set(map(seeds_of, group)))
