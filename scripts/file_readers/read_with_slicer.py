# SPDX-License-Identifier: GPL-3.0-or-later
"""Read files with PrusaSlicer, slice those that are made for printing, and print what it says, as JSON.

Arguments: the program, then paths. A slicer prints in one color, so it says nothing of colors.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Print a list of results, one a file; what cannot be read or sliced has an error."""
    program, *paths = sys.argv[1:]
    print("\nRESULTS " + json.dumps([result_of(program, Path(path)) for path in paths]))


def result_of(program: str, path: Path) -> dict:
    """Return the box in meters, or in the unit of a file without one, or an error."""
    said = subprocess.run([program, "--info", str(path)], capture_output=True, text=True).stdout
    facts = dict(line.split(" = ", 1) for line in said.splitlines() if " = " in line)
    if "size_x" not in facts:
        return {"error": "nothing there"}
    if facts["manifold"] != "yes":
        return {"error": "not manifold"}
    if path.stem.startswith("print") and not is_sliced(program, path):
        return {"error": "not sliced"}
    unit_m = 0.001 if path.suffix == ".3mf" else 1.0
    low, high = ([float(facts[f"{end}_{axis}"]) * unit_m for axis in "xyz"] for end in ("min", "max"))
    return {"low": low, "high": high, "up": 1 if path.suffix == ".obj" else 2, "is_colorless": True}


def is_sliced(program: str, path: Path) -> bool:
    """Return True if the program makes layers of material from a file."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "layers.gcode"
        subprocess.run([program, "--export-gcode", "--output", str(target), str(path)], capture_output=True)
        return target.exists() and target.read_text(encoding="utf-8").count(";LAYER_CHANGE") > 100


if __name__ == "__main__":
    main()
