# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the device that objects are generated on, and that PyTorch's build supports the graphics card."""

from pathlib import Path
from typing import Any

from ...environment.installers.nvidia_driver import needs_older_cuda, query_driver
from ...environment.installers.torch_build import AMD_ON_LINUX, OLDER_NVIDIA
from ..context import Context
from ..finding import GOOD, WARN, Finding
from ..fixes import build_fix
from . import graphics

Advice = tuple[str, str, str]  # limitation, fix, button; all "" if there is none
NO_DRIVER = "Install NVIDIA's driver, restart the machine, and run the diagnostics again."


def device(context: Context, facts: dict[str, Any], root: Path = Path("/")) -> Finding:
    """Check that PyTorch's build supports the machine's graphics card.

    Args:
        context: The context of the check.
        facts: The output of probe.py.
        root: Root of the file system.
    """
    found, advice = _device(context, facts, root)
    limitation, fix, button = advice
    found = f"{found}: {limitation}" if limitation else found
    state, wanted = WARN if limitation else GOOD, "a build for the machine's hardware"
    return Finding("device", "Device", state, f"{found} (PyTorch {facts['torch']})", wanted, fix, button)


def _device(context: Context, facts: dict[str, Any], root: Path) -> tuple[str, Advice]:
    if facts.get("devices"):
        return ", ".join(facts["devices"]), ("", "", "")
    if facts.get("mps"):
        return "Apple GPU (MPS)", ("", "", "")
    has_gpu_build = facts.get("cuda") or facts.get("hip")
    advice = _gpu_build_advice(context, facts, root) if has_gpu_build else _cpu_build_advice(context, root)
    return f"CPU, {facts.get('threads', 1)} threads", advice


def _cpu_build_advice(context: Context, root: Path) -> Advice:
    if "NVIDIA" in graphics.card_vendors(root):
        if not graphics.has_nvidia_driver(root):
            return "there is an NVIDIA card, but NVIDIA's driver is not running", NO_DRIVER, ""
        how, button = build_fix(context, "auto")
        return "the build supports no graphics card, but there is an NVIDIA card", _sentence(how), button
    if graphics.has_amd_driver(root):
        how, button = build_fix(context, AMD_ON_LINUX)
        fix = f"{_sentence(how)} This takes about 14 GB and supports only newer AMD cards."
        return "the build supports no graphics card, but there is an AMD card", fix, button
    return "", "", ""


def _gpu_build_advice(context: Context, facts: dict[str, Any], root: Path) -> Advice:
    kind = f"CUDA {facts['cuda']}" if facts.get("cuda") else f"ROCm {facts['hip']}"
    why = f" ({facts['why'][:160]})" if facts.get("why") else ""
    if not graphics.card_vendors(root) & {"NVIDIA", "AMD", "other"}:
        how, button = build_fix(context, "cpu")
        return (
            f"the build is for {kind}, but there is no such card",
            f"It works; to free several gigabytes, {how}.",
            button,
        )
    if facts.get("cuda") and not graphics.has_nvidia_driver(root):
        return f"there is a card, but NVIDIA's driver is not running{why}", NO_DRIVER, ""
    if facts.get("cuda", "").startswith("13") and needs_older_cuda(query_driver()):
        how, button = build_fix(context, OLDER_NVIDIA, "auto")
        fix = f"Update NVIDIA's driver, or {how}."
        return f"the card or its driver is too old for {kind}{why}", fix, button
    how, button = build_fix(context, "cpu")
    return f"the build for {kind} cannot use the card{why}", f"Update the graphics driver, or {how}.", button


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
