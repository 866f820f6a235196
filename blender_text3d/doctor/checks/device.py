# SPDX-License-Identifier: GPL-3.0-or-later
"""What an object will be made on, and whether PyTorch's build suits the machine's graphics card."""

from pathlib import Path
from typing import Any

from ...environment.installers.nvidia_driver import needs_older_cuda, query_driver
from ...environment.installers.torch_build import AMD_ON_LINUX, OLDER_NVIDIA
from ..context import Context
from ..finding import GOOD, WARN, Finding
from ..fixes import build_fix
from . import graphics

Advice = tuple[str, str, str]  # what is odd, what to do, the button; all "" where all is well
NO_DRIVER = "Install NVIDIA's driver, start the machine again, and ask the doctor once more."


def device(case: Context, facts: dict[str, Any], root: Path = Path("/")) -> Finding:
    """Whether torch's build suits the machine's graphics card.

    Args:
        case: Whose Python.
        facts: What that Python says, see probe.py.
        root: Where the system's files are.
    """
    found, advice = _device(case, facts, root)
    odd, fix, button = advice
    told = f"{found}: {odd}" if odd else found
    state, wanted = WARN if odd else GOOD, "a build that suits the machine"
    return Finding("device", "Device", state, f"{told} (PyTorch {facts['torch']})", wanted, fix, button)


def _device(case: Context, facts: dict[str, Any], root: Path) -> tuple[str, Advice]:
    if facts.get("devices"):
        return ", ".join(facts["devices"]), ("", "", "")
    if facts.get("mps"):
        return "Apple's GPU", ("", "", "")
    is_for_a_card = facts.get("cuda") or facts.get("hip")
    advice = _of_a_cards_build(case, facts, root) if is_for_a_card else _of_the_processors_build(case, root)
    return f"the processor, {facts.get('threads', 1)} threads", advice


def _of_the_processors_build(case: Context, root: Path) -> Advice:
    if "NVIDIA" in graphics.cards(root):
        if not graphics.has_nvidia_driver(root):
            return "an NVIDIA card is there, but NVIDIA's driver is not at work", NO_DRIVER, ""
        how, button = build_fix(case, "auto")
        return "the build knows no graphics card, though an NVIDIA card is there", _sentence(how), button
    if graphics.has_amd_driver(root):
        how, button = build_fix(case, AMD_ON_LINUX)
        fix = f"{_sentence(how)} That takes about 14 GB and serves AMD's newer cards only."
        return "the build knows no graphics card, though an AMD card is there", fix, button
    return "", "", ""


def _of_a_cards_build(case: Context, facts: dict[str, Any], root: Path) -> Advice:
    kind = f"CUDA {facts['cuda']}" if facts.get("cuda") else f"ROCm {facts['hip']}"
    why = f" ({facts['why'][:160]})" if facts.get("why") else ""
    if not graphics.cards(root) & {"NVIDIA", "AMD", "other"}:
        how, button = build_fix(case, "cpu")
        return f"the build is for {kind}, and no such card is seen", f"It works; to free some gigabytes {how}.", button
    if facts.get("cuda") and not graphics.has_nvidia_driver(root):
        return f"a card is there, but NVIDIA's driver is not at work{why}", NO_DRIVER, ""
    if facts.get("cuda", "").startswith("13") and needs_older_cuda(query_driver()):
        how, button = build_fix(case, OLDER_NVIDIA, "auto")
        fix = f"Update NVIDIA's driver, or {how}."
        return f"the card or its driver is too old for {kind}{why}", fix, button
    how, button = build_fix(case, "cpu")
    return f"the build for {kind} cannot use the card{why}", f"Update the graphics driver, or {how}.", button


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
