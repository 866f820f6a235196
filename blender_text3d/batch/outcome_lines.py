# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines about the objects of a chunk on the standard streams."""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from ..system.console import sanitized
from .make_chunk import Outcome
from .object_store import ObjectStore
from .openjd_lines import OpenJdLines
from .orders import Chunk

FAILED_CODE = 1


class OutcomeLines:
    """Lines about a chunk: sentences on stderr; on stdout folders of objects, or JSON lines.

    Args:
        chunk: The chunk, whose unusable lines are told first.
        store: The folder of objects.
        is_json: True for JSON lines.
        is_openjd: True for progress lines of Open Job Description, too.
        accepts_final: True if failures that are final leave the exit code at 0.
    """

    def __init__(
        self,
        chunk: Chunk,
        store: ObjectStore,
        *,
        is_json: bool,
        is_openjd: bool = False,
        accepts_final: bool = False,
    ) -> None:
        self._chunk, self._store, self._is_json = chunk, store, is_json
        self._accepts_final, self._final = accepts_final, 0
        self._counts: Counter[str] = Counter()
        self._first_reason = next(iter(chunk.refused.values()), "")
        self._openjd = OpenJdLines(len(chunk.orders)) if is_openjd else None
        for place, reason in chunk.refused.items():
            say(f"{place}: {reason}")
            self._show({"place": place, "state": "refused", "reason": reason})
        for place, first in chunk.repeated.items():
            say(f"{place}: The same object as {first}, made once.")

    @property
    def made(self) -> int:
        """Number of objects that were made."""
        return self._counts["made"]

    def add(self, outcome: Outcome) -> None:
        """Tell what became of an object."""
        order, state = outcome.order, outcome.state
        self._counts[state] += 1
        self._final += outcome.is_final
        count = f"[{self._counts.total()}/{len(self._chunk.orders)}]"
        took = f" in {outcome.seconds:.1f} s" if outcome.seconds else ""
        name = f"{order.request.prompt} ({order.request.seed})"
        say(f"{count} {order.place}: {name} {state}{took} {outcome.reason}".strip())
        self._first_reason = self._first_reason or outcome.reason
        if self._openjd:
            self._openjd.add(name, has_failed=state in ("failed", "skipped"))
        values = {"id": order.object_id, "place": order.place, "state": state, "reason": outcome.reason}
        self._show({**values, "seconds": outcome.seconds}, str(self._store.folder_of(order.object_id)))

    def end(self) -> int:
        """Tell the counts; returns the exit code."""
        failed = self._counts["failed"] + len(self._chunk.refused)
        made, others = self._counts["made"], self._counts["exists"] + self._counts["gave way"]
        say(f"{made} made, {others} existed, {len(self._chunk.repeated)} repeated, {failed} failed")
        if skipped := self._counts["skipped"]:
            say(f"{skipped} skipped because of earlier failures. Add --retry-failed to try them again.")
        failed += skipped
        if self._accepts_final and failed and failed == self._final:
            say("All of these failures are final (see failed.jsonl) and accepted.")
            return 0
        if self._openjd:
            self._openjd.end(failed, self._first_reason)
        return FAILED_CODE if failed else 0

    def _show(self, values: dict[str, Any], folder: str = "") -> None:
        if self._is_json:
            _print(json.dumps(values, ensure_ascii=False))
        elif folder and Path(folder).is_dir():  # neither failed nor packed in a shard
            _print(folder)


def lines_of(options: argparse.Namespace, chunk: Chunk, store: ObjectStore) -> OutcomeLines:
    """Return the lines that a command line wants."""
    return OutcomeLines(
        chunk, store, is_json=options.json, is_openjd=options.openjd, accepts_final=options.accept_final_failures
    )


def say(text: str) -> None:
    """Print a sentence to stderr."""
    sys.stderr.write(f"{sanitized(text)}\n")
    sys.stderr.flush()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
