# SPDX-License-Identifier: GPL-3.0-or-later
"""Shards: the packed objects of an output folder, in shards/NUMBER.tar with an index each."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..system.file_lock import FileLock
from ..system.files import create_exclusive
from .drive_lock import acquired
from .shard_files import complete_samples, shard_rows, write_shard
from .shard_index import IndexHead, index_path, read_head, read_rows, write_index

Publish = Callable[[str, dict[str, bytes], dict[str, Any]], bool]
LOCK_NAME = "packing"
LOCK_TIMEOUT_S = 60.0


class Shards:
    """The shards of a folder; nothing is created before the first one.

    Attributes:
        folder: Their folder.
    """

    def __init__(self, out: Path) -> None:
        self.folder = out / "shards"
        self._ids: set[str] = set()
        self._read: set[Path] = set()
        self._changed_ns = 0

    def paths(self) -> list[Path]:
        """Return all shards by number."""
        return sorted(self.folder.glob("*.tar"))

    def ids(self) -> set[str]:
        """Return the IDs of all packed objects; only new indexes are read.

        Raises:
            BadRequest: An index is of a newer version.
        """
        with suppress(FileNotFoundError):
            changed_ns = self.folder.stat().st_mtime_ns
            if changed_ns != self._changed_ns:
                self._read_new()
                self._changed_ns = changed_ns
        return self._ids

    def is_known(self, object_id: str) -> bool:
        """True if an object is in a shard whose index was read before; asks no disk."""
        return object_id in self._ids

    def rows(self) -> Iterator[dict[str, Any]]:
        """Return the facts of all packed objects, each with its shard; of a damaged index, those of the shard itself.

        Raises:
            OSError: A shard cannot be read.
        """
        self.ids()
        for shard in self.paths():
            if shard in self._read:
                yield from self._rows_of(shard)

    def _rows_of(self, shard: Path) -> list[dict[str, Any]]:
        try:
            return list(read_rows(shard))
        except (OSError, ValueError):
            return shard_rows(shard)

    def pack(self, folders: Callable[[], list[Path]], size: int, *, has_rest: bool = False) -> int:
        """Move finished objects to shards of `size`; returns the number of shards.

        Only one process packs at a time. An object is in a shard with its index before its folder is deleted.

        Args:
            folders: Returns the folders of finished objects.
            size: Objects per shard.
            has_rest: True to pack those that are left in a smaller shard.

        Raises:
            OSError: The folder cannot be written.
        """
        self.folder.mkdir(exist_ok=True)
        with FileLock(self.folder / LOCK_NAME) as lock:
            if not acquired(lock, LOCK_TIMEOUT_S):
                return 0
            waiting = self._unpacked(folders())
            count = 0
            while len(waiting) >= size or (has_rest and waiting):
                some, waiting = waiting[:size], waiting[size:]
                self._pack_some(some)
                count += 1
            return count

    def repair(self, publish: Publish) -> list[str]:
        """Write lost indexes again, and take the whole objects out of shards that were cut.

        Args:
            publish: Called with ID, files and indexed facts of each object of a cut shard, which is kept as
                NAME.tar.broken; returns True if the object was not there.

        Returns:
            Sentences for the user.

        Raises:
            OSError: The folder cannot be written.
            BadRequest: An index is of a newer version.
        """
        if not self.folder.is_dir():
            return []
        with FileLock(self.folder / LOCK_NAME) as lock:
            if not acquired(lock):
                return []  # the process that packs has repaired them
            return [sentence for shard in self.paths() if (sentence := self._repaired(shard, publish))]

    def _repaired(self, shard: Path, publish: Publish) -> str:
        head = read_head(shard)
        if head and shard.stat().st_size == head.shard_bytes:
            self._remember(shard, head)
            return ""
        samples = {name for name, _ in complete_samples(shard)} if head is None else set()
        with suppress(Exception):  # a damaged tar makes the reader raise anything
            rows = shard_rows(shard) if head is None else []
            if rows and {row["id"] for row in rows} == samples:
                write_index(shard, rows)
                return f"{shard.name} had no index. It was written again."
        indexed = self._indexed_rows(shard)
        broken = shard.rename(shard.with_name(f"{shard.name}.broken"))
        index_path(shard).unlink(missing_ok=True)
        self._forget()
        count = sum(publish(name, files, indexed.get(name, {})) for name, files in complete_samples(broken))
        return (
            f"{shard.name} is damaged: {count} of its objects are whole and were taken out, the others are made again."
        )

    def _forget(self) -> None:
        self._ids, self._read, self._changed_ns = set(), set(), 0

    def _read_new(self) -> None:
        for shard in self.paths():
            if shard not in self._read and (head := read_head(shard)):
                self._remember(shard, head)

    def _remember(self, shard: Path, head: IndexHead) -> None:
        self._ids.update(head.ids)
        self._read.add(shard)

    def _indexed_rows(self, shard: Path) -> dict[str, dict[str, Any]]:
        """Return the facts of a shard's objects by ID, as far as its index can be read."""
        rows: dict[str, dict[str, Any]] = {}
        with suppress(OSError, ValueError, KeyError, TypeError):
            for row in read_rows(shard):
                rows[row["id"]] = row
        return rows

    def _unpacked(self, folders: list[Path]) -> list[Path]:
        """Return the folders whose objects are in no shard; the others were left by a process that was killed."""
        self._read_new()  # whatever the folder's time says, which knows milliseconds at best
        packed = self._ids
        for folder in folders:
            if folder.name in packed:
                shutil.rmtree(folder, ignore_errors=True)
        return sorted(folder for folder in folders if folder.name not in packed)

    def _claimed_shard(self) -> tuple[Path, Path]:
        """Return a new shard, and the file that keeps its number from a packer that does not see the lock."""
        numbers = [int(path.name.split(".")[0]) for path in self.folder.glob("[0-9]*.tar*")]
        number = max(numbers, default=-1) + 1
        while not create_exclusive(claim := self.folder / f"{number:06d}.tar.claim", ""):
            number += 1
        return claim.with_suffix(""), claim

    def _pack_some(self, folders: list[Path]) -> None:
        shard, claim = self._claimed_shard()
        write_index(shard, write_shard(shard, folders))
        claim.unlink(missing_ok=True)
        self._read_new()
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)
