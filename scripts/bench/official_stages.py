# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure one stage of this engine or of the official packages at full size, for scripts/bench/official.py.

Run as `PYTHON official_stages.py STAGE ours|official SCRATCH`: one stage per process, so that it has its own peak
memory; prints one line of JSON. Weights are random, from one seed and in one order of names, so both sides have the
same (tests/reference/test_benchmark_weights.py); both use the fitted field.
"""

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import torch

from blender_text3d.engine.malloc_tuning import keep_freed_memory
from scripts.bench.official_runners import RUNNERS

Once = Callable[[], object]

warnings.filterwarnings("ignore")

REPEATED_STAGES = ("base", "base half", "upsample", "prior", "prior half", "query")
"""Stages that a complete run repeats: the second execution is timed, on both sides."""


def main(stage: str, side: str, scratch: Path) -> None:
    """Prepare and run a stage and print its figures; this engine keeps freed memory as in use."""
    once = RUNNERS[stage, side](scratch)
    before_mb = peak_mb()
    with torch.no_grad(), keep_freed_memory() if side == "ours" else nullcontext():
        if stage in REPEATED_STAGES:
            once()
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        result = once()
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    counts = result.items() if isinstance(result, dict) else ()
    note = {name: value for name, value in counts if isinstance(value, int | float)}
    figures = {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak_mb(), "ready_mb": before_mb} | note
    print(json.dumps(figures))


def peak_mb() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
