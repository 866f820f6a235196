# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker's Python holds: its packages, torch, Rerun. It is asked in a child, with a time limit."""

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

ANSWER_WITHIN_S = 120.0


def packages(case: Context, within_s: float = ANSWER_WITHIN_S) -> Iterator[Finding]:
    """All that the worker's Python says of itself; nothing where there is no such Python."""
    if not os.path.isfile(case.python):
        return
    facts = probe_python(case.python, within_s)
    if isinstance(facts, str):
        yield Finding("packages", "Worker's packages", BAD, facts, "a Python that answers", *fix_for(case, "repair"))
        return
    yield python_version(case, facts)
    yield imports(case, facts)
    if facts.get("torch"):
        yield device(case, facts)
    if "rerun" not in facts["broken"]:
        yield rerun(case, facts)


def probe_python(python: Path, within_s: float) -> dict[str, Any] | str:
    """What the probe says, or a sentence on why it says nothing."""
    command = [str(python), "-I", str(Path(__file__).with_name("probe.py")), *WORKER.modules]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=within_s, env=clean_environment(),
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return json.loads(done.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        return f"{python} did not answer within {within_s:.0f} s"
    except OSError as error:
        return f"{python} cannot be started ({error.strerror})"
    except (ValueError, IndexError):
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        return f"{python} broke off with exit code {done.returncode} and said: {said[-1][:200]}"


def python_version(case: Context, facts: dict[str, Any]) -> Finding:
    """Whether the worker's Python is one that the packages are made for."""
    what, wanted = "Worker's Python", "one of " + ", ".join(WORKER.python_versions)
    is_known = ".".join(facts["python"].split(".")[:2]) in WORKER.python_versions
    what_to_press = "" if case.own_python else " and press Set Up Again"
    fix = f"Choose another Python in the preferences{what_to_press}."
    return Finding("worker_python", what, GOOD if is_known else WARN, facts["python"], wanted, fix, "preferences")


def imports(case: Context, facts: dict[str, Any]) -> Finding:
    """Whether all packages can be imported."""
    what, wanted = "Worker's packages", ", ".join(WORKER.modules)
    broken = facts["broken"]
    if broken:
        found = "; ".join(f"{name} does not work ({why[:160]})" for name, why in broken.items())
        return Finding("packages", what, BAD, found, wanted, *fix_for(case, "repair"))
    return Finding("packages", what, GOOD, f"all {len(WORKER.modules)} can be imported", wanted)


def rerun(case: Context, facts: dict[str, Any]) -> Finding:
    """Whether Rerun is of the version that recordings are written with."""
    line = next((line for line in WORKER.requirements if line.startswith("rerun-sdk")), "")
    wanted = re.sub(r"[^0-9.].*$", "", line.partition("==")[2]).rstrip(".")
    fits = f"{facts['rerun']}.".startswith(f"{wanted}.") if wanted else True
    found = f"version {facts['rerun'] or 'unknown'}"
    state = GOOD if fits else WARN  # the worker runs with it, so that a repair would find nothing
    return Finding("rerun", "Rerun", state, found, wanted or "any version", *fix_for(case, "renew"))
