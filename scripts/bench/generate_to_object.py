#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure what a user waits, from Generate to the object in the scene, for one or two checkouts in turn.

    python scripts/bench/generate_to_object.py --blender-python BPY --worker-python PYTHON [CHECKOUT ...] [--rounds 5]

Each round starts a Blender of every checkout, with the order reversed every other time, and measures in it

- first: Generate a few seconds after Blender has started and the sidebar is drawn, until the object is in the scene,
- warm: the same again with the worker running (median of some objects),
- drafts: nine drafts, until the ninth is in the scene.

The add-on's timer runs as in Blender's main loop. With two checkouts, the table has the ratio of the second to the
first within the same round. Processor time counts Blender and its worker; other load on the machine disturbs it least.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

REPOSITORY = Path(__file__).resolve().parents[2]
INSIDE = Path(__file__).with_name("generate_in_blender.py")
Times = dict[str, float]


def main() -> None:
    """Measure the checkouts in turn and print one row per figure."""
    options = parse_options()
    rounds: list[list[Times]] = []
    with tempfile.TemporaryDirectory(prefix="text3d-bench-") as scratch:
        homes = [Path(scratch) / str(number) for number in range(len(options.checkouts))]
        for checkout, home in zip(options.checkouts, homes, strict=True):
            measure(checkout, home, options)  # writes the bytecode, and warms the disk's cache
        for number in range(options.rounds):
            order = list(range(len(homes)))[:: 1 if number % 2 == 0 else -1]
            times = {index: measure(options.checkouts[index], homes[index], options) for index in order}
            rounds.append([times[index] for index in range(len(homes))])
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
    print("\n".join(table(rounds)))


def measure(checkout: Path, home: Path, options: argparse.Namespace) -> Times:
    """Return the seconds of each figure in a new Blender of a checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXT3D_", "BLENDER_", "PYTHON"))}
    own = {
        "BLENDER_TEXT3D_HOME": str(home),
        "BLENDER_USER_RESOURCES": str(home / "blender"),
        "TEXT3D_WORKER_PYTHON": str(options.worker_python),
        "PYTHONPYCACHEPREFIX": str(home / "bytecode"),
        "CUDA_VISIBLE_DEVICES": "",
    }
    if options.threads:
        own |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(options.threads))
    command = [str(options.blender_python), str(INSIDE), str(checkout.resolve())]
    done = subprocess.run(command, env=kept | own, capture_output=True, text=True, encoding="utf-8")
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"{checkout}: {done.stderr[-2000:]}")
    return json.loads(lines[-1])


def table(rounds: list[list[Times]]) -> Iterable[str]:
    """Yield the rows: seconds of each checkout, and the median ratio of the last to the first."""
    count = len(rounds[0])
    yield (
        "| from Generate to the object | "
        + " | ".join(f"checkout {index + 1}, s" for index in range(count))
        + " | ratio |"
    )
    yield "| --- |" + " ---: |" * (count + 1)
    for name in rounds[0][0]:
        seconds = [f"{median(times[index][name] for times in rounds):.3f}" for index in range(count)]
        ratios = sorted(times[-1][name] / times[0][name] for times in rounds)
        yield f"| {name} | {' | '.join(seconds)} | {median(ratios):.3f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |"


def parse_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "checkouts", type=Path, nargs="*", default=[REPOSITORY], help="folders of the repository (this one)"
    )
    parser.add_argument("--blender-python", type=Path, required=True, help="a Python with bpy")
    parser.add_argument("--worker-python", type=Path, default=Path(sys.executable), help="the worker's Python")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch (0 leaves it alone)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
