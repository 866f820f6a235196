# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the worker's Python on this machine, for a test of the connection from another one."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from ..system.run_module import python_options

PACKAGE = Path(__file__).absolute().parents[1]
PROBE = PACKAGE / "doctor" / "checks" / "probe.py"
MODULES = ("numpy", "torch", "trimesh", "PIL", "safetensors", "scipy")
TIMEOUT_S = 90.0


def probe(python: Path) -> dict[str, Any]:
    """Return what a Python can import, its devices and the number of downloaded files, or why that is not known."""
    try:
        lines = output_of(python, ["-B", str(PROBE), *MODULES])
        facts: dict[str, Any] = json.loads(lines[-1])
        return {
            "broken": sorted(facts["broken"])[:20],
            "torch": facts.get("torch", ""),
            "device": device_of(facts),
            "models": downloaded(python),
        }
    except (OSError, ValueError, IndexError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        return {"error": f"{type(error).__name__}: {error}"[:500]}


def downloaded(python: Path) -> int:
    """Return the number of model files that were downloaded."""
    lines = output_of(python, ["-B", *python_options(PACKAGE, "engine.weights"), "--json", "list"])
    return sum(bool(json.loads(line).get("path")) for line in lines)


def output_of(python: Path, arguments: list[str]) -> list[str]:
    """Return the lines that a Python prints.

    Raises:
        OSError: It cannot be started.
        subprocess.TimeoutExpired: It takes too long.
    """
    done = subprocess.run(
        [str(python), *arguments], capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
    )
    return done.stdout.decode("utf-8", "replace").strip().splitlines()


def device_of(facts: dict[str, Any]) -> str:
    """Return the name of the device that a job would run on."""
    if facts.get("devices"):
        return ", ".join(facts["devices"])[:200]
    return "Apple GPU" if facts.get("mps") else f"CPU, {os.cpu_count() or 1} threads"
