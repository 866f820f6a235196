# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker's Python holds: its packages, torch with its device, Rerun. Asked in a child, with a time limit."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..child import clean_environment
from ..nvidia import ask_driver, needs_older_cuda
from ..packages import WORKER
from . import graphics
from .case import Case
from .finding import BAD, GOOD, WARN, Finding

ANSWER_WITHIN_S = 120.0
REPAIR = "Press Set Up to repair the environment."


def packages(case: Case, within_s: float = ANSWER_WITHIN_S) -> Iterator[Finding]:
    """All that the worker's Python says of itself; nothing where there is no such Python."""
    if not case.python.is_file():
        return
    facts = asked(case.python, within_s)
    if isinstance(facts, str):
        yield Finding("packages", "Worker's packages", BAD, facts, "a Python that answers", REPAIR, "setup")
        return
    yield python_version(facts)
    yield imports(facts)
    if facts.get("torch"):
        yield device(facts)
    if "rerun" not in facts["broken"]:
        yield rerun(facts)


def asked(python: Path, within_s: float) -> dict[str, Any] | str:
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


def python_version(facts: dict[str, Any]) -> Finding:
    """Whether the worker's Python is one that the packages are made for."""
    what, wanted = "Worker's Python", "one of " + ", ".join(WORKER.python_versions)
    is_known = ".".join(facts["python"].split(".")[:2]) in WORKER.python_versions
    fix = "Choose another Python in the preferences and press Set Up."
    return Finding("worker_python", what, GOOD if is_known else WARN, facts["python"], wanted, fix, "preferences")


def imports(facts: dict[str, Any]) -> Finding:
    """Whether all packages can be imported."""
    what, wanted = "Worker's packages", ", ".join(WORKER.modules)
    broken = facts["broken"]
    if broken:
        found = "; ".join(f"{name} does not work ({why[:160]})" for name, why in broken.items())
        return Finding("packages", what, BAD, found, wanted, REPAIR, "setup")
    return Finding("packages", what, GOOD, f"all {len(WORKER.modules)} can be imported", wanted)


def rerun(facts: dict[str, Any]) -> Finding:
    """Whether Rerun is of the version that recordings are written with."""
    line = next((line for line in WORKER.requirements if line.startswith("rerun-sdk")), "")
    wanted = re.sub(r"[^0-9.].*$", "", line.partition("==")[2]).rstrip(".")
    fits = f"{facts['rerun']}.".startswith(f"{wanted}.") if wanted else True
    found = f"version {facts['rerun'] or 'unknown'}"
    return Finding("rerun", "Rerun", GOOD if fits else WARN, found, wanted or "any version", REPAIR, "setup")


def device(facts: dict[str, Any], root: Path = Path("/")) -> Finding:
    """Whether torch's build suits the machine's graphics card."""
    build = f"PyTorch {facts['torch']}"
    state, found, fix = _suits(facts, graphics.cards(root), graphics.has_nvidia_driver(root))
    button = "preferences" if state != GOOD else ""
    return Finding("device", "Device", state, f"{found} ({build})", "a build that suits the machine", fix, button)


def _suits(facts: dict[str, Any], cards: set[str], has_driver: bool) -> tuple[str, str, str]:
    processor = f"the processor, {facts.get('threads', 1)} threads"
    if facts.get("devices"):
        return GOOD, ", ".join(facts["devices"]), ""
    if facts.get("mps"):
        return GOOD, "Apple's GPU", ""
    if facts.get("cuda") or facts.get("hip"):
        return _useless_build(facts, cards, has_driver, processor)
    if "NVIDIA" in cards:
        fix = "Choose Automatic as PyTorch in the preferences and press Set Up Again."
        return WARN, f"{processor}: the build knows no graphics card, though an NVIDIA card is there", fix
    return GOOD, processor, ""


def _useless_build(facts: dict[str, Any], cards: set[str], has_driver: bool, processor: str) -> tuple[str, str, str]:
    kind = f"CUDA {facts['cuda']}" if facts.get("cuda") else f"ROCm {facts['hip']}"
    why = f" ({facts['why'][:160]})" if facts.get("why") else ""
    if not cards & {"NVIDIA", "AMD", "other"}:
        fix = "It works; to free some gigabytes choose CPU Only as PyTorch and press Set Up Again."
        return WARN, f"{processor}: the build is for {kind}, and no such card is seen", fix
    if facts.get("cuda") and not has_driver:
        fix = "Install NVIDIA's driver and start the machine again."
        return WARN, f"{processor}: a card is there, but NVIDIA's driver is not at work{why}", fix
    if facts.get("cuda", "").startswith("13") and needs_older_cuda(ask_driver()):
        fix = "Choose NVIDIA CUDA 12.6 as PyTorch in the preferences and press Set Up Again, or update NVIDIA's driver."
        return WARN, f"{processor}: the card or its driver is too old for {kind}{why}", fix
    fix = "Update the graphics driver, or choose CPU Only as PyTorch in the preferences and press Set Up Again."
    return WARN, f"{processor}: the build for {kind} cannot use the card{why}", fix
