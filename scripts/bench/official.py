#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare this engine with the official packages by stage at full size: ratios of CPU time, wall time and peak memory.

    PYTHON scripts/bench/official.py                     with point_e and shap_e installed in PYTHON
    PYTHON scripts/bench/official.py --results FILE      keep results in FILE and continue from there
    PYTHON scripts/bench/official.py --stages base query
    PYTHON scripts/bench/official.py --avx2              without the AVX-512 of an Intel processor, on both sides

Each stage runs in its own process, both engines in turn. Complete runs would take an hour, so their figures are
multiplied from single evaluations, as the table states.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.bench.official_table import table
from scripts.bench.official_totals import Measured

HERE = Path(__file__).resolve().parent
STAGES = {
    "floor": ("ours",),
    "query": ("ours", "official"),
    "encode": ("ours", "official"),
    "base": ("ours", "official"),
    "base half": ("ours",),
    "march 128": ("ours", "official"),
    "upsample": ("ours", "official"),
    "prior": ("ours", "official"),
    "prior half": ("ours",),
    "decode": ("ours", "official"),
    "preview": ("ours",),
    "march 256": ("ours", "official"),
    "load": ("ours", "official"),
    "object": ("ours", "official"),
}
"""The sides of each stage, in the order of their importance for a complete run."""
AVX2_ALONE = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
"""Variables that keep oneDNN, PyTorch's own kernels and, on Intel processors, MKL from AVX-512."""


def main() -> int:
    """Measure what is missing and print the table; return 1 if a stage could not be measured."""
    options = parse_options()
    measured = load_results(options.results)
    missing = [
        (stage, side) for stage in options.stages for side in STAGES[stage] if (stage, side) not in measured
    ]  # both sides in turn
    with tempfile.TemporaryDirectory(prefix="text3d-bench-") as scratch:
        failed = [pair for pair in missing if not measure(*pair, Path(scratch), measured, options)]
    print(table(measured, query_counts(), AVX2_ALONE if options.avx2 else {}))
    for stage, side in failed:
        print(f"The stage {stage} of {side} could not be measured; its output is above.", file=sys.stderr)
    return 1 if failed else 0


def measure(stage: str, side: str, scratch: Path, measured: Measured, options: argparse.Namespace) -> bool:
    """Run one stage of one side in its own process on one thread, and keep its figures."""
    command = [sys.executable, str(HERE / "official_stages.py"), stage, side, str(scratch)]
    variables = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} | (AVX2_ALONE if options.avx2 else {})
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        return False
    measured[stage, side] = json.loads(lines[-1])
    if options.results:
        with options.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"stage": stage, "side": side, "figures": measured[stage, side]}) + "\n")
    return True


def load_results(results: Path | None) -> Measured:
    """Return the figures of an earlier run."""
    if not results or not results.exists():
        return {}
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return {(row["stage"], row["side"]): row.get("figures") or row["told"] for row in rows}


def query_counts() -> dict[int, int]:
    """Return the number of queries of sparse extraction from a known distance, by grid points per side."""
    from scripts.bench.official_queries import queries

    return {grid: queries(grid) for grid in (32, 128)}


def parse_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="official.py", description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, help="file that keeps the figures")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=list(STAGES), help="measure only these stages")
    parser.add_argument("--avx2", action="store_true", help="measure both sides without AVX-512")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
