# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts/bench/official.py times, each stage by our engine and by the official packages at full official size.

Run as `PYTHON bench_official_parts.py STAGE ours|official SCRATCH`: one stage in a process of its own, so that its peak
memory is its own; prints one line of JSON. Weights are drawn at random, from one seed and in one order of names, so
both sides have the same numbers (tests/reference/test_benchmark_weights.py); the fitted field is given to both.
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
warnings.filterwarnings("ignore")

import torch  # noqa: E402

from blender_text3d.engine.malloc_tuning import keep_freed_memory  # noqa: E402
from scripts.bench.official_runners import WAYS  # noqa: E402

Once = Callable[[], object]

MANY_TIMES = ("base", "upsample", "prior", "query")
"""Stages that a whole run does over and over: timed at the second time, on both sides."""


def main(stage: str, side: str, scratch: Path) -> None:
    """Make ready, run, tell. Ours keeps freed memory meanwhile, as our engine does."""
    once = WAYS[stage, side](scratch)
    before_mb = peak_mb()
    with torch.no_grad(), keep_freed_memory() if side == "ours" else nullcontext():
        if stage in MANY_TIMES:
            once()
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        found = once()
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    counts = found.items() if isinstance(found, dict) else ()
    note = {name: value for name, value in counts if isinstance(value, int | float)}
    told = {"cpu_s": cpu_s, "wall_s": wall_s, "peak_mb": peak_mb(), "ready_mb": before_mb} | note
    print(json.dumps(told))


def peak_mb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
