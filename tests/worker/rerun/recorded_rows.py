# SPDX-License-Identifier: GPL-3.0-or-later
"""The contents of a recording: entity → component → values in the order of the timeline "step"."""

from collections import defaultdict
from pathlib import Path

import pyarrow
from rerun.chunk import RrdReader


def rows(rrd: Path) -> dict[str, dict[str, list[tuple[int | None, list]]]]:
    """Return all rows: entity → component → [(step, or None if static; values)], sorted by step."""
    found: dict = defaultdict(lambda: defaultdict(list))
    for chunk in RrdReader(rrd).stream():
        batch = chunk.to_record_batch()
        steps = batch.column("step").to_pylist() if "step" in batch.schema.names else [None] * batch.num_rows
        for column in batch.schema:
            if pyarrow.types.is_list(column.type):
                values = batch.column(column.name).to_pylist()
                found[chunk.entity_path][column.name] += zip(steps, values, strict=True)
    for components in found.values():
        for values in components.values():
            values.sort(key=lambda row: -1 if row[0] is None else row[0])
    return found
