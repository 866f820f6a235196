# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the worker's Python, PyTorch, Rerun and other packages, in a child process with a time limit."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...environment.requirements import WORKER
from ...system.run_logged import clean_environment
from ..context import Context
from ..finding import BAD, GOOD, WARN, Finding
from ..fixes import fix_for
from .device import device

TIMEOUT_S = 120.0


def packages(context: Context, timeout_s: float = TIMEOUT_S) -> Iterator[Finding]:
    """Check everything that the worker's Python reports; nothing if it does not exist."""
    if not os.path.isfile(context.python):
        return
    facts = probe_python(context.python, timeout_s)
    if isinstance(facts, str):
        yield Finding("packages", "Packages", BAD, facts, "a Python that runs", *fix_for(context, "repair"))
        return
    yield python_version(context, facts)
    yield imports(context, facts)
    if facts.get("torch"):
        yield device(context, facts)
    if "rerun" not in facts["broken"]:
        yield rerun(context, facts)


def probe_python(python: Path, timeout_s: float) -> dict[str, Any] | str:
    """Return the output of probe.py, or a sentence with the reason if there is none."""
    command = [str(python), "-I", str(Path(__file__).with_name("probe.py")), *WORKER.modules]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout_s, env=clean_environment(),
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return dict(json.loads(result.stdout.strip().splitlines()[-1]))
    except subprocess.TimeoutExpired:
        return f"{python} did not respond within {timeout_s:.0f} s"
    except OSError as error:
        return f"{python} cannot be started ({error.strerror})"
    except (ValueError, TypeError, IndexError):
        lines = (result.stderr or result.stdout).strip().splitlines() or ["no output"]
        return f"{python} stopped with exit code {result.returncode}: {lines[-1][:200]}"


def python_version(context: Context, facts: dict[str, Any]) -> Finding:
    """Check that the packages support the worker's Python version."""
    what, wanted = "Worker's Python", "one of " + ", ".join(WORKER.python_versions)
    is_supported = ".".join(facts["python"].split(".")[:2]) in WORKER.python_versions
    press = "" if context.own_python else " and press Set Up Again"
    fix = f"Choose another Python in the preferences{press}."
    return Finding("worker_python", what, GOOD if is_supported else WARN, facts["python"], wanted, fix, "preferences")


def imports(context: Context, facts: dict[str, Any]) -> Finding:
    """Check that all packages can be imported."""
    what, wanted = "Packages", ", ".join(WORKER.modules)
    broken = facts["broken"]
    if broken:
        found = "; ".join(f"{name} does not work ({why[:160]})" for name, why in broken.items())
        return Finding("packages", what, BAD, found, wanted, *fix_for(context, "repair"))
    return Finding("packages", what, GOOD, f"all {len(WORKER.modules)} can be imported", wanted)


def rerun(context: Context, facts: dict[str, Any]) -> Finding:
    """Check the version of Rerun."""
    line = next((line for line in WORKER.requirements if line.startswith("rerun-sdk")), "")
    wanted = re.sub(r"[^0-9.].*$", "", line.partition("==")[2]).rstrip(".")
    fits = f"{facts['rerun']}.".startswith(f"{wanted}.") if wanted else True
    found = f"version {facts['rerun'] or 'unknown'}"
    state = GOOD if fits else WARN  # the worker runs with it, so a repair would change nothing
    return Finding("rerun", "Rerun", state, found, wanted or "any version", *fix_for(context, "renew"))
