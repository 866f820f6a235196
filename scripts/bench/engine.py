# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the engine's times; print one line of JSON. scripts/bench runs it with the worker's Python.

A comparison is a function (engine, repeats) -> rows in COMPARISONS.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

START_S = time.perf_counter()
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.engine.generate import Engine, Recipe  # noqa: E402, the clock runs while it is imported
from blender_text3d.protocol.face_budget import AUTO, most_faces  # noqa: E402
from blender_text3d.protocol.models import DEFAULT_MODEL, DEFAULT_QUALITY, MODELS  # noqa: E402
from blender_text3d.protocol.samplings import default_solver  # noqa: E402

PROMPT, SEED = "a red chair with black legs", 7
Row = dict[str, str | float]


def main(repeats: int) -> None:
    """Measure the first object of a new process, then every comparison with loaded models."""
    engine = Engine()
    stage_times_s(engine, DEFAULT_QUALITY)
    rows = [row("first mesh of a new worker, imports included", time.perf_counter() - START_S, "s")]
    for compare in COMPARISONS:
        rows += compare(engine, repeats)
    print(json.dumps([*rows, *peak_memory()]))


def compare_qualities(engine: Engine, repeats: int) -> list[Row]:
    """Measure prompt to mesh for every quality, and the share of each stage."""
    qualities = MODELS[DEFAULT_MODEL].qualities
    runs = alternate({name: lambda name=name: stage_times_s(engine, name) for name in qualities}, repeats)
    totals_s = {name: median(sum(times.values()) for times in runs[name]) for name in qualities}
    rows = []
    for name, total_s in totals_s.items():
        ratio = f"{total_s / totals_s[DEFAULT_QUALITY]:.2f} x {DEFAULT_QUALITY}"
        rows.append(row(f"{name}: prompt to mesh, models loaded", total_s, "s", ratio))
        for stage in runs[name][0]:
            stage_s = median(times[stage] for times in runs[name])
            rows.append(row(f"{name}: stage {stage}", stage_s, "s", f"{stage_s / total_s:.0%}"))
    return rows


def alternate(measurements: Mapping[str, Callable[[], dict]], repeats: int) -> dict[str, list[dict]]:
    """Run the measurements in turn, so that other load affects all of them; return each one's results by name."""
    runs = defaultdict(list)
    for _ in range(repeats):
        for name, run in measurements.items():
            runs[name].append(run())
    return runs


def stage_times_s(engine: Engine, quality: str) -> dict[str, float]:
    """Generate one mesh; return seconds by stage, each step's time counted for the stage that it reports."""
    sampling = MODELS[DEFAULT_MODEL].qualities[quality]
    faces = most_faces(AUTO, DEFAULT_MODEL, quality, sampling.grid)
    recipe = Recipe(PROMPT, DEFAULT_MODEL, SEED, **sampling._asdict(), solver=solver_of(quality), face_budget=faces)
    times_s: dict[str, float] = defaultdict(float)
    before = time.perf_counter()
    for step in engine.generate(recipe):
        now = time.perf_counter()
        times_s[step.stage] += now - before
        before = now
    return dict(times_s)


def solver_of(quality: str) -> str:
    """Return the solver that the worker uses for a quality."""
    sampling = MODELS[DEFAULT_MODEL].qualities[quality]
    own = default_solver(DEFAULT_MODEL, quality, sampling.steps, sampling.guidance)
    return "heun" if quality == "exact" else own or "dpm++2m"


def peak_memory() -> list[Row]:
    """Return the peak memory of this process, or no row if the platform does not report it."""
    try:
        import resource
    except ImportError:
        return []
    unit_bytes = 1 if sys.platform == "darwin" else 1024
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes / 2**20
    return [row("peak memory of the worker", peak_mb, "MB")]


def row(what: str, value: float, unit: str, note: str = "") -> Row:
    """Return one row of the table."""
    return {"what": what, "value": round(value, 3), "unit": unit, "note": note}


COMPARISONS = (compare_qualities,)

if __name__ == "__main__":
    main(int(sys.argv[1]))
