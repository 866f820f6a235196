# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of all rounds: kept between runs, printed as a table."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Row:
    """The results of one fault.

    Attributes:
        name: The name of the fault.
        survived: The number of rounds without a loss.
        missed: The number of rounds in which the fault came too late; they do not count.
        losses: One sentence for each round that was lost.
        seconds: The duration of all rounds.
        observations: The number of rounds by observation, such as the Blender version or the number of writes.
    """

    name: str
    survived: int = 0
    missed: int = 0
    losses: list[str] = field(default_factory=list)
    seconds: float = 0.0
    observations: dict[str, int] = field(default_factory=dict)

    def observe(self, observation: str | None) -> None:
        """Count the observation of a round."""
        if observation:
            self.observations[observation] = self.observations.get(observation, 0) + 1

    @property
    def rounds(self) -> int:
        """Return the number of rounds in which the fault was injected."""
        return self.survived + len(self.losses)

    @property
    def tries(self) -> int:
        """Return the number of rounds, including those in which the fault came too late."""
        return self.rounds + self.missed

    def __str__(self) -> str:
        missed = f", missed {self.missed}" if self.missed else ""
        observations = f" ({format_observations(self)})" if self.observations else ""
        lost = "".join(f"\n    {loss}" for loss in self.losses)
        return (
            f"{self.name}: {self.survived} of {self.rounds} survived{missed}, {self.seconds:.0f} s{observations}{lost}"
        )


def load_rows(tally: Path | None, names: Iterable[str]) -> dict[str, Row]:
    """Return a row for each name, with the results of earlier runs from a tally file."""
    kept = json.loads(tally.read_text(encoding="utf-8")) if tally and tally.exists() else []
    rows = {row["name"]: Row(**row) for row in kept}
    return rows | {name: rows.get(name, Row(name)) for name in names}


def save_rows(tally: Path | None, rows: dict[str, Row]) -> None:
    """Write the rows to a tally file, to which a later run can add."""
    if tally:
        tally.write_text(json.dumps([asdict(row) for row in rows.values()], indent=1), encoding="utf-8")


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table with a total."""
    rows = list(rows)
    lines = ["| fault | rounds | survived | lost |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {row.name} | {row.rounds} | {row.survived} | {len(row.losses)} |" for row in rows]
    rounds, survived = sum(row.rounds for row in rows), sum(row.survived for row in rows)
    return "\n".join([*lines, f"| **all** | **{rounds}** | **{survived}** | **{rounds - survived}** |"])


def format_observations(row: Row) -> str:
    """Return the observations of a row with their counts."""
    return ", ".join(f"{number} × {observation}" for observation, number in sorted(row.observations.items()))


def notes(rows: Iterable[Row]) -> str:
    """Return a line for each row with observations."""
    return "\n".join(f"- {row.name}: {format_observations(row)}" for row in rows if row.observations)
