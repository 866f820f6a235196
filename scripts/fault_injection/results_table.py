# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of faults."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Row:
    """What became of one fault.

    Attributes:
        name: Of the fault.
        survived: Rounds without a loss.
        missed: Rounds in which the job was done before it struck; they do not count.
        losses: A sentence for each round that was lost.
        seconds: All rounds together.
        said: What the rounds gave, and how often: which Blender played them, how many writes there were.
    """

    name: str
    survived: int = 0
    missed: int = 0
    losses: list[str] = field(default_factory=list)
    seconds: float = 0.0
    said: dict[str, int] = field(default_factory=dict)

    def count(self, said: str | None) -> None:
        """Keep what a round gave."""
        if said:
            self.said[said] = self.said.get(said, 0) + 1

    @property
    def rounds(self) -> int:
        """In which it struck."""
        return self.survived + len(self.losses)

    @property
    def tries(self) -> int:
        """Rounds, and those in which it came too late."""
        return self.rounds + self.missed

    def __str__(self) -> str:
        missed = f", missed {self.missed}" if self.missed else ""
        said = f" ({said_in(self)})" if self.said else ""
        lost = "".join(f"\n    {loss}" for loss in self.losses)
        return f"{self.name}: {self.survived} of {self.rounds} survived{missed}, {self.seconds:.0f} s{said}{lost}"


def rows_in(tally: Path | None, names: Iterable[str]) -> dict[str, Row]:
    """A row for each name, and those that earlier runs left in a tally."""
    kept = json.loads(tally.read_text(encoding="utf-8")) if tally and tally.exists() else []
    rows = {row["name"]: Row(**row) for row in kept}
    return rows | {name: rows.get(name, Row(name)) for name in names}


def keep(tally: Path | None, rows: dict[str, Row]) -> None:
    """Write the rows for a later run to add to."""
    if tally:
        tally.write_text(json.dumps([asdict(row) for row in rows.values()], indent=1), encoding="utf-8")


def table(rows: Iterable[Row]) -> str:
    """Markdown, with a line for all of them."""
    rows = list(rows)
    lines = ["| fault | rounds | survived | lost |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {row.name} | {row.rounds} | {row.survived} | {len(row.losses)} |" for row in rows]
    rounds, survived = sum(row.rounds for row in rows), sum(row.survived for row in rows)
    return "\n".join([*lines, f"| **all** | **{rounds}** | **{survived}** | **{rounds - survived}** |"])


def said_in(row: Row) -> str:
    """What a row's rounds gave, each with its number."""
    return ", ".join(f"{number} × {said}" for said, number in sorted(row.said.items()))


def notes(rows: Iterable[Row]) -> str:
    """A line for each row whose rounds gave something."""
    return "\n".join(f"- {row.name}: {said_in(row)}" for row in rows if row.said)
