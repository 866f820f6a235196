#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ours and the official packages, stage by stage at full official size: ratios of CPU time, wall time and peak memory.

    PYTHON bench_official.py                     with point_e and shap_e installed in PYTHON
    PYTHON bench_official.py --results FILE      keeps what was measured in FILE and goes on from there
    PYTHON bench_official.py --stages base query

Each stage runs in a process of its own, ours and theirs in turn. Whole runs would take an hour: their figures are
single evaluations multiplied, and the table says so.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.bench.official_table import table  # noqa: E402
from scripts.bench.official_totals import Measured  # noqa: E402

STAGES = {
    "floor": ("ours",),
    "query": ("ours", "official"),
    "encode": ("ours", "official"),
    "base": ("ours", "official"),
    "march 128": ("ours", "official"),
    "upsample": ("ours", "official"),
    "prior": ("ours", "official"),
    "decode": ("ours", "official"),
    "preview": ("ours",),
    "march 256": ("ours", "official"),
    "load": ("ours", "official"),
}
"""Which sides each stage has, those first that a whole run needs most."""


def main() -> int:
    """Measure what is not measured yet and print the table; 1 when a stage could not be measured."""
    options = options_from()
    measured = kept(options.results)
    missing = [
        (stage, side) for stage in options.stages for side in STAGES[stage] if (stage, side) not in measured
    ]  # in turn: ours, theirs
    with tempfile.TemporaryDirectory(prefix="text3d-bench-") as scratch:
        failed = [pair for pair in missing if not measure(*pair, Path(scratch), measured, options.results)]
    print(table(measured, surface_share()))
    for stage, side in failed:
        print(f"The stage {stage} of {side} could not be measured; what it said stands above.", file=sys.stderr)
    return 1 if failed else 0


def measure(stage: str, side: str, scratch: Path, measured: Measured, results: Path | None) -> bool:
    """Run one stage of one side in its own process, on one thread, and keep what it tells."""
    command = [sys.executable, str(HERE / "official_stages.py"), stage, side, str(scratch)]
    variables = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return False
    measured[stage, side] = json.loads(lines[-1])
    if results:
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"stage": stage, "side": side, "told": measured[stage, side]}) + "\n")
    return True


def kept(results: Path | None) -> Measured:
    """What an earlier run measured."""
    if not results or not results.exists():
        return {}
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return {(row["stage"], row["side"]): row["told"] for row in rows}


def surface_share() -> dict[int, int]:
    """Queries that sparse extraction of a known distance takes, by points a side."""
    from scripts.bench.official_queries import queries

    return {grid: queries(grid) for grid in (32, 128)}


def options_from() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="official.py", description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, help="a file that keeps what was measured")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=list(STAGES), help="only these")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
