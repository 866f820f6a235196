#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure this machine: prompt to mesh by quality and stage, and what the add-on costs Blender.

    python scripts/bench
    python scripts/bench --blender-python PYTHON_WITH_BPY --json
    python scripts/bench --official PYTHON    ours against the official packages, which that Python has

What is compared is taken in turn within one process, so ratios hold on a busy machine where seconds do not.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.generate import PYTHON_VARIABLE, usual_python  # noqa: E402

HEADER = "| what | value | | |\n| --- | ---: | --- | --- |"


def main() -> int:
    """Print the rows; the exit code is 1 when a part could not be measured."""
    options = options_from()
    if options.official:
        return subprocess.run([str(options.official), str(HERE / "official.py")]).returncode
    worker = options.worker_python or usual_python()
    parts = [("engine.py", worker), ("render.py", worker)]
    if options.blender_python:
        parts.append(("addon.py", options.blender_python))
    rows = []
    for script, python in parts:
        measured = rows_of(script, python, options.repeats, worker)
        if measured is None:
            return 1
        rows += measured
    print(json.dumps({"machine": machine(), "rows": rows}) if options.json else table(rows))
    return 0


def rows_of(script: str, python: Path, repeats: int, worker: Path) -> list[dict] | None:
    """Run a part in its own Python, in a home of its own; its rows, or None when it failed."""
    with tempfile.TemporaryDirectory(prefix="text3d-bench-") as home:
        own = {"BLENDER_TEXT3D_HOME": home, "BLENDER_USER_RESOURCES": home, PYTHON_VARIABLE: str(worker)}
        command = [str(python), str(HERE / script), str(repeats)]
        done = subprocess.run(command, env=os.environ | own, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    lines = [line for line in done.stdout.splitlines() if line.startswith("[{")]
    if lines:
        return json.loads(lines[-1])
    print(f"{script} did not measure anything with {python} (exit code {done.returncode}).", file=sys.stderr)
    return None


def table(rows: list[dict]) -> str:
    """The rows in markdown."""
    lines = [f"| {row['what']} | {row['value']:g} | {row['unit']} | {row['note']} |" for row in rows]
    return "\n".join([machine(), "", HEADER, *lines])


def machine() -> str:
    """Where this was measured."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def options_from() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.py", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="runs of each (%(default)s)")
    parser.add_argument("--worker-python", type=Path, help="the worker's Python (as scripts/generate.py finds it)")
    parser.add_argument("--blender-python", type=Path, help="a Python with bpy, to measure the add-on too")
    parser.add_argument("--official", type=Path, help="a Python with point_e and shap_e: only ours against them")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
