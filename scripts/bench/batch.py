#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how many objects a second a list of prompts becomes, with one and more workers, and against a checkout.

    python scripts/bench --batch
    python scripts/bench --batch --against CHECKOUT --rounds 5 --objects 12 60 --workers 1 2

Each round makes a short and a long list in every way, in turn, with the order reversed every other time. Of the other
checkout, scripts/batch_generate.py makes them. The difference of the two lists is what an object takes once all models
are loaded. Processor time is that of all processes; other load on the machine disturbs it least.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
COLORS = ("red", "blue", "green", "yellow", "white", "purple", "brown", "orange", "black", "pink")
KINDS = ("chair", "mug", "tree", "car", "table", "flower", "teapot", "lamp", "mushroom", "guitar", "dog", "snowman")
SIZES = ("", "small ", "tall ")
SAMPLE_EVERY_S = 0.2
FOREIGN = ("TEXT3D_", "BLENDER_", "PYTHON")


class Run(NamedTuple):
    """One measured run, in seconds.

    Attributes:
        wall: From start to end.
        cpu: Processor time of all processes.
        driver: Processor time of the process that was started.
    """

    wall: float
    cpu: float
    driver: float


class Way(NamedTuple):
    """A way to make a list: its name, and the arguments after Python for a list, an output folder and a jobs folder."""

    name: str
    arguments: Callable[[Path, Path, Path], list[str]]


Runs = dict[tuple[str, int], Run]
"""The runs of a round by the way's name and the number of objects."""


def main() -> int:
    """Measure all ways in turn and print the table; returns 1 if a run failed."""
    options = parse_options()
    counts = sorted(options.objects)
    ways = all_ways(options.against, options.workers)
    rounds: list[Runs] = []
    for number in range(options.rounds):
        order = [(way, count) for count in counts for way in ways][:: 1 if number % 2 == 0 else -1]
        rounds.append({(way.name, count): measure(way, count) for way, count in order})
        print(f"round {number + 1} of {options.rounds}, load {psutil.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    print(f"{psutil.cpu_count()} cores, {options.rounds} rounds, medians\n")
    print("\n".join(table(rounds, [way.name for way in ways], counts)))
    return 0


def all_ways(against: Path | None, workers: Sequence[int]) -> list[Way]:
    """Return the other checkout's way, if there is one, and this one's with each number of workers."""
    ways = [Way("against", lambda prompts, out, jobs: batch_generate(against, prompts, out, jobs))] if against else []
    return ways + [
        Way(named(count), lambda prompts, out, _, count=count: chunk(prompts, out, count)) for count in workers
    ]


def named(workers: int) -> str:
    """Return the name of a number of workers."""
    return f"{workers} worker{'s' * (workers != 1)}"


def batch_generate(checkout: Path, prompts: Path, out: Path, jobs: Path) -> list[str]:
    """Return the arguments of a checkout's batch_generate.py."""
    script = checkout.resolve() / "scripts/batch_generate.py"
    flags = ["--prompts-file", prompts, "--out", out, "--jobs-dir", jobs, "--worker-python", sys.executable]
    return [str(part) for part in (script, *flags)]


def chunk(prompts: Path, out: Path, workers: int) -> list[str]:
    """Return the arguments that make a list with this checkout."""
    flags = ["--jobs", prompts, "--out", out, "--workers", workers, "--python", sys.executable]
    return [str(part) for part in (REPOSITORY / "scripts/generate.py", *flags, "--model", "mini/shap-e")]


def measure(way: Way, count: int) -> Run:
    """Make a list of `count` prompts in a new folder.

    Raises:
        SystemExit: It failed, so that there is nothing to measure.
    """
    with tempfile.TemporaryDirectory(prefix="text3d-bench-") as scratch:
        folder = Path(scratch)
        prompts = folder / "prompts.txt"
        prompts.write_text("\n".join(prompts_of(count)) + "\n", encoding="utf-8")
        command = [sys.executable, *way.arguments(prompts, folder / "out", folder / "jobs")]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        with (folder / "log").open("wb") as log:
            start = time.monotonic()
            process = subprocess.Popen(
                command, env=kept | {"BLENDER_TEXT3D_HOME": str(folder / "home")}, stdout=log, stderr=log
            )
            times, end = followed(psutil.Process(process.pid), process)
        if process.returncode:
            sys.exit(f"{way.name}: {(folder / 'log').read_text(encoding='utf-8', errors='replace')[-2000:]}")
        return Run(end - start, sum(times.values()), times[process.pid])


def followed(driver: psutil.Process, process: subprocess.Popen) -> tuple[dict[int, float], float]:
    """Wait for the end of a process and of all that it started.

    A worker may end after the process that started it, and the processor time that it takes then is counted too.

    Returns:
        Processor seconds by process ID, and the moment of `time.monotonic` when the process itself ended.
    """
    known: dict[int, psutil.Process] = {driver.pid: driver}
    times: dict[int, float] = {driver.pid: 0.0}
    while process.returncode is None:
        known |= {child.pid: child for child in children_of(driver)}
        times |= running_times(known)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SAMPLE_EVERY_S)
    end = time.monotonic()
    while left := running_times(known):
        times |= left
        time.sleep(SAMPLE_EVERY_S)
    return times, end


def running_times(known: dict[int, psutil.Process]) -> dict[int, float]:
    """Return the processor seconds of those processes that still run."""
    return {pid: seconds for pid, each in known.items() if (seconds := cpu_seconds(each)) is not None}


def children_of(driver: psutil.Process) -> list[psutil.Process]:
    """Return all descendants of a process; none if it has just ended."""
    try:
        return driver.children(recursive=True)
    except psutil.Error:
        return []


def cpu_seconds(process: psutil.Process) -> float | None:
    """Return a process's own processor time, or None if it has ended."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        own = process.cpu_times()
    except psutil.Error:
        return None
    return float(own.user + own.system)


def prompts_of(count: int) -> list[str]:
    """Return different prompts, at most 360."""
    return list(islice((f"a {size}{color} {kind}" for size in SIZES for color in COLORS for kind in KINDS), count))


def table(rounds: Sequence[Runs], names: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Return the rows: each figure of each way, and its ratio to that of the first way."""
    found = {
        name: [figures(runs[name, counts[0]], runs[name, counts[-1]], counts) for runs in rounds] for name in names
    }
    lines = [f"| way | {' | '.join(f'{figure} | ratio' for figure in found[names[0]][0])} |"]
    lines.append("| --- |" + " ---: |" * (lines[0].count("|") - 2))
    for name in names:
        cells = []
        for figure in found[name][0]:
            cells += compared([one[figure] for one in found[name]], [one[figure] for one in found[names[0]]])
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def figures(short: Run, long: Run, counts: Sequence[int]) -> dict[str, float]:
    """Return objects per second of both lists and between them, processor seconds of the short one and per object."""
    more = counts[-1] - counts[0]
    return {
        f"{counts[0]} prompts, objects/s": counts[0] / short.wall,
        f"{counts[-1]} prompts, objects/s": counts[-1] / long.wall,
        "once started, objects/s": more / max(long.wall - short.wall, 1e-6),
        f"{counts[0]} prompts, processor s": short.cpu,
        "processor s per object": max(long.cpu - short.cpu, 1e-6) / more,
        "of it the started process": max(long.driver - short.driver, 1e-6) / more,
    }


def compared(values: Sequence[float], others: Sequence[float]) -> list[str]:
    """Return the median of values, and the median and the range of their ratios to others of the same round."""
    ratios = sorted(own / other for own, other in zip(values, others, strict=True))
    return [f"{median(values):.3g}", f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"]


def parse_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="folder of another checkout to compare with")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--objects", type=int, nargs=2, default=(12, 60), help="lengths of the two lists (12 60)")
    parser.add_argument("--workers", type=int, nargs="+", default=(1, 2), help="numbers of workers (1 2)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
