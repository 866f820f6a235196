# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about the worker's Python on this machine, for a test of the connection from another one."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).absolute().parents[1]
PROBE = PACKAGE / "doctor" / "checks" / "probe.py"
MODULES = ("numpy", "torch", "trimesh", "PIL", "safetensors", "scipy")
TIMEOUT_S = 90.0


def probe(python: Path) -> dict[str, Any]:
    """Return what a Python can import and its devices, or why that is not known."""
    try:
        done = subprocess.run(
            [str(python), "-B", str(PROBE), *MODULES],
            capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        facts: dict[str, Any] = json.loads(done.stdout.decode("utf-8", "replace").strip().splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired) as error:
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    return {"broken": sorted(facts["broken"])[:20], "torch": facts.get("torch", ""), "device": device_of(facts)}


def device_of(facts: dict[str, Any]) -> str:
    """Return the name of the device that a job would run on."""
    if facts.get("devices"):
        return ", ".join(facts["devices"])[:200]
    return "Apple GPU" if facts.get("mps") else f"CPU, {os.cpu_count() or 1} threads"
