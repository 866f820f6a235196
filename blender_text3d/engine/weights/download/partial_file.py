# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of a file that has come so far, and what is known of where it came from."""

import os
from pathlib import Path

from ....system.patience import replace_with_retry
from ..store.json_file import read_json, write_json
from .disk_space import cannot_write


class Part:
    """A file on its way: `NAME.part`, with its origin in `NAME.part.json`. It outlives the process.

    Attributes:
        path: of what has come.
        facts_path: of the note on its origin.
        is_joined: whether it is of more than one answer, so that it may be of two versions.
    """

    def __init__(self, final: Path):
        """Prepares, writes nothing.

        Args:
            final: Where the whole file will lie.
        """
        self.path = final.with_name(final.name + ".part")
        self.facts_path = final.with_name(final.name + ".part.json")
        self._facts = read_json(self.facts_path)
        self.is_joined = False

    def size(self) -> int:
        """Bytes that are here."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def total(self) -> int:
        """Bytes of the whole file, as its source said; 0 where it did not."""
        total = self._facts.get("total")
        return total if isinstance(total, int) else 0

    def validator_for(self, url: str) -> str:
        """The mark of the version that the part is of, where it came from this address."""
        return str(self._facts.get("validator", "")) if self._facts.get("url") == url else ""

    def keep_for(self, url: str, is_known: bool) -> None:
        """Throw the part away unless a source can go on with it.

        Args:
            url: The source.
            is_known: Whether the whole file's hash is published: then every source has the same bytes.
        """
        if self.size() and not (self._facts.get("url") == url or (is_known and self._facts)):
            self.discard()

    def begin(self, url: str, validator: str, total: int) -> None:
        """Start over with this source.

        Raises:
            DownloadFailed: The folder cannot be written.
        """
        try:
            self.discard()
            self._facts = {"url": url, "validator": validator, "total": total}
            write_json(self.facts_path, self._facts)
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def discard(self) -> None:
        """Forget all that has come."""
        self.is_joined = False
        self.path.unlink(missing_ok=True)
        self.forget_origin()

    def forget_origin(self) -> None:
        """Remove the note on the origin; the part itself stays."""
        self._facts = {}
        self.facts_path.unlink(missing_ok=True)

    def settle(self, final: Path) -> None:
        """Make the part, which is whole now, the file: in one step, after it has reached the disk."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        replace_with_retry(self.path, final)
        self.forget_origin()
