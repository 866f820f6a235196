# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the measurements: stages, complete runs multiplied from single evaluations, and targets."""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from scripts.bench.official_totals import HALVES, POINT_E, SHAP_E, Evaluations, Measured, evaluations, whole_runs

SIDES = ("ours", "official")
NAMES = {
    "base": "base40M-textvec, one guided evaluation (B 2)",
    "upsample": "upsample, one evaluation (B 1)",
    "encode": "sdf, 4,096 points encoded",
    "query": "sdf, 4,096 queries",
    "prior": "text300M, one guided evaluation (B 2)",
    "base half": "base40M-textvec, the conditional half alone (B 1)",
    "prior half": "text300M, the conditional half alone (B 1)",
    "decode": "Shap-E mesh at 128^3 of a fitted field",
    "march 128": "marching cubes at 128^3",
    "march 256": "marching cubes at 256^3",
    "load": "a 300M checkpoint, file in the page cache",
    "object": "Shap-E, an object of 16,384 points and 20 views encoded",
}
GFLOP = {
    "base": 206.8, "base half": 103.4, "upsample": 794.7, "encode": 189.0, "query": 94.5, "prior": 1459.2,
    "prior half": 729.6, "object": 6440,
}  # fmt: skip
"""Floating-point operations of the official networks, multiplications and additions counted separately."""
MEMORY = {
    "text to cloud to mesh": ("base", "upsample", "encode", "query"),
    "text to Shap-E mesh": ("prior", "decode"),
    "object to latent": ("object",),
}
MEMORY_WANTED = {"text to cloud to mesh": 0.5, "text to Shap-E mesh": 0.5, "object to latent": 0.35}
TARGETS = {"decode": 9.0, "march 128": 30.0, "march 256": 100.0, "object": 1 / 0.45}


def table(measured: Measured, queries: Mapping[int, int], restriction: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the complete table in Markdown; stages that were not measured are named.

    Args:
        measured: figures by (stage, side).
        queries: number of queries of Point-E's mesh extraction by grid points per side.
        restriction: environment variables that kept the processes from a part of the processor's instructions.
    """
    absent = [NAMES[stage] for stage in NAMES if not is_measured(measured, stage)]
    lines = [heading(measured, restriction), "", *stage_lines(measured), "", *run_lines(measured, queries)]
    if absent:
        lines += ["", f"Not measured: {'; '.join(absent)}."]
    return "\n".join(lines)


def heading(measured: Measured, restriction: Mapping[str, str]) -> str:
    """Return date, machine, restriction and the peak that the floor is computed from."""
    peak = measured.get(("floor", "ours"), {}).get("gflops")
    peak_text = f"; matrix products reach {peak:.0f} GFLOP a second of CPU time" if peak else ""
    where = f"{platform.system()} {platform.machine()}, one thread, float32"
    variables = " ".join(f"{name}={value}" for name, value in restriction.items())
    restricted = f", with {variables}" if variables else ""
    return f"Measured {datetime.now(UTC):%Y-%m-%d} on {where}{restricted}{peak_text}. CPU times are of the process."


def stage_lines(measured: Measured) -> list[str]:
    """Return one line per stage that was measured, halves of guidance on one side only."""
    lines = [
        "| stage | ours, CPU s | official, CPU s | ratio CPU | ratio wall | ours, peak MB | official | goal | "
        "share of the floor |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    return lines + [stage_line(measured, stage) for stage in NAMES if is_measured(measured, stage)]


def stage_line(measured: Measured, stage: str) -> str:
    """Return the line of one stage."""
    ours, official = measured[stage, "ours"], measured.get((stage, "official"))
    peak = measured.get(("floor", "ours"), {}).get("gflops")
    share = f"{GFLOP[stage] / peak / ours['cpu_s']:.0%}" if peak and stage in GFLOP else ""
    wanted = f"{TARGETS[stage]:g}" if stage in TARGETS else ""
    ratios = [f"{official[key] / ours[key]:.2f}" if official else "–" for key in ("cpu_s", "wall_s")]
    peaks = [f"{side['peak_mb']:.0f}" if side else "–" for side in (ours, official)]
    times = [f"{side['cpu_s']:.3g}" if side else "–" for side in (ours, official)]
    cells = [NAMES[stage], *times, *ratios, *peaks, wanted, share]
    return f"| {' | '.join(cells)} |"


def run_lines(measured: Measured, queries: Mapping[int, int]) -> list[str]:
    """Return the lines of complete runs, the official one against each quality of this engine."""
    counts = "; ".join(
        f"{name}: " + ", ".join(f"{counted(count)} for {quality}" for quality, count in evaluations(model).items())
        for name, model in (("Point-E", POINT_E), ("Shap-E", SHAP_E))
    )
    lines = [
        f"Complete runs are MULTIPLIED from the single evaluations above ({counts}; the official runs have 127 "
        f"per diffusion), without CLIP and loading. Point-E's mesh is the measured cost of a query times "
        f"{queries[32]:,} (32^3) and {queries[128]:,} (128^3) queries, counted by running the extraction on a known "
        "distance; the official one evaluates every grid point.",
        "",
        "| run | quality | ours, CPU s | official, CPU s | ratio | goal | reached |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for run in whole_runs(measured, queries):
        ratio = run.official_s / run.ours_s
        reached = "yes" if ratio >= run.wanted else "**no**"
        figures = f"{run.ours_s:.0f} | {run.official_s:.0f} | {ratio:.2f} | {run.wanted:g}"
        lines.append(f"| {run.name} | {run.quality} | {figures} | {reached} |")
    return [*lines, "", *memory_lines(measured)]


def counted(count: Evaluations) -> str:
    """Return how many evaluations are guided, and how many are of the conditional half alone."""
    return f"{count.both} guided and {count.conditional} halves" if count.conditional else str(count.both)


def memory_lines(measured: Measured) -> list[str]:
    """Return the lines of each run's largest stage, which is the least memory that it needs."""
    lines = ["| run | largest stage, ours, MB | official, MB | share | goal |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, stages in MEMORY.items():
        if all(has_both_sides(measured, stage) for stage in stages):
            ours, official = (max(measured[stage, side]["peak_mb"] for stage in stages) for side in SIDES)
            lines.append(f"| {name} | {ours:.0f} | {official:.0f} | {ours / official:.2f} | {MEMORY_WANTED[name]:g} |")
    return lines


def has_both_sides(measured: Measured, stage: str) -> bool:
    """True if both sides of a stage were measured."""
    return all((stage, side) in measured for side in SIDES)


def is_measured(measured: Measured, stage: str) -> bool:
    """True if both sides of a stage were measured, or this engine's of a half that the official packages never run."""
    return (stage, "ours") in measured if stage in HALVES else has_both_sides(measured, stage)
