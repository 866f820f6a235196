#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark this machine: prompt to mesh by quality and stage, and the add-on's cost in Blender.

    python scripts/bench
    python scripts/bench --blender-python PYTHON_WITH_BPY --json
    python scripts/bench --official PYTHON    against the official packages, which that Python has
    python scripts/bench --device cuda        the official networks on a GPU: batches of 1 to 32, CUDA graphs
    python scripts/bench --face-budget        simplified meshes against full ones, 24 objects of each small model
    python scripts/bench --against CHECKOUT   a small model of another checkout, on one thread (--model mini/point-e)
    python scripts/bench --batch --against CHECKOUT    objects per second of lists, by one and more workers

Compared runs alternate within one process, so ratios are valid on a busy machine even if seconds are not.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.batch.flags import PYTHON_VARIABLE
from scripts.cli.worker_python import default_python

HERE = Path(__file__).resolve().parent
HEADER = "| what | value | | |\n| --- | ---: | --- | --- |"


def main() -> int:
    """Print the rows; return 1 if a part could not be measured."""
    options = parse_options()
    if options.official:
        return subprocess.run([str(options.official), str(HERE / "official.py")]).returncode
    worker = options.worker_python or default_python()
    if options.batch is not None:
        return subprocess.run([str(worker), str(HERE / "batch.py"), *options.batch]).returncode
    if options.against is not None:
        return subprocess.run([str(worker), str(HERE / "against.py"), *options.against]).returncode
    if options.device:
        return subprocess.run([str(worker), str(HERE / "gpu.py"), "--device", options.device]).returncode
    if options.face_budget:
        return subprocess.run([str(worker), str(HERE / "face_budget.py")]).returncode
    parts = [("engine.py", worker), ("render.py", worker), ("thumbnail.py", worker)]
    if options.blender_python:
        parts.append(("addon.py", options.blender_python))
    rows = []
    for script, python in parts:
        measured = run_part(script, python, options.repeats, worker)
        if measured is None:
            return 1
        rows += measured
    print(json.dumps({"machine": machine(), "rows": rows}) if options.json else table(rows))
    return 0


def run_part(script: str, python: Path, repeats: int, worker: Path) -> list[dict] | None:
    """Run a part in its own Python with its own data folder; return its rows, or None if it failed."""
    with tempfile.TemporaryDirectory(prefix="text3d-bench-") as home:
        variables = {"BLENDER_TEXT3D_HOME": home, "BLENDER_USER_RESOURCES": home, PYTHON_VARIABLE: str(worker)}
        command = [str(python), str(HERE / script), str(repeats)]
        done = subprocess.run(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    lines = [line for line in done.stdout.splitlines() if line.startswith("[{")]
    if lines:
        return json.loads(lines[-1])
    print(f"{script} measured nothing with {python} (exit code {done.returncode}).", file=sys.stderr)
    return None


def table(rows: list[dict]) -> str:
    """Return the rows in Markdown."""
    lines = [f"| {row['what']} | {row['value']:g} | {row['unit']} | {row['note']} |" for row in rows]
    return "\n".join([machine(), "", HEADER, *lines])


def machine() -> str:
    """Describe the machine."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def parse_options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each (%(default)s)")
    parser.add_argument("--worker-python", type=Path, help="the worker's Python (as scripts/generate.py finds it)")
    parser.add_argument("--blender-python", type=Path, help="a Python with bpy, to measure the add-on too")
    parser.add_argument(
        "--official", type=Path, help="a Python with point_e and shap_e: run only the comparison with them"
    )
    parser.add_argument("--device", help='"cuda" or "mps": run only the networks, on that GPU')
    parser.add_argument("--face-budget", action="store_true", help="run only the comparison of simplified meshes")
    parser.add_argument(
        "--against", nargs=argparse.REMAINDER, help="run only the comparison with a checkout; its options follow"
    )
    parser.add_argument(
        "--batch", nargs=argparse.REMAINDER, help="run only the comparison of lists; its options follow (-h lists them)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
