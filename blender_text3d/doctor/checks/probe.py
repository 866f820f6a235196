# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by the worker's Python: says as JSON what it can import and what it can run on. Imports nothing of ours."""

import importlib
import json
import os
import platform
import sys
from importlib import metadata


def main(modules: list[str]) -> None:
    """Print one JSON object."""
    facts = {"python": platform.python_version(), "broken": {}, "threads": os.cpu_count() or 1}
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # a damaged package raises whatever it likes
            facts["broken"][name] = f"{type(error).__name__}: {error}".split("\n")[0]
    facts["rerun"] = version_of("rerun-sdk")
    if "torch" in modules and "torch" not in facts["broken"]:
        facts |= torch_facts()
    sys.stdout.write("\n" + json.dumps(facts) + "\n")


def torch_facts() -> dict:
    """Version, build, and what it can run on."""
    torch = importlib.import_module("torch")  # of the worker's Python; ours has none
    facts = {
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "hip": getattr(torch.version, "hip", None) or "",
        "mps": torch.backends.mps.is_available(),
        "devices": [],
        "why": "",
    }
    try:
        facts["devices"] = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
        torch.zeros(1, device="cuda" if facts["devices"] else "cpu")
    except Exception as error:  # drivers that do not fit say so in many ways
        facts["devices"], facts["why"] = [], str(error).split("\n")[0]
    return facts


def version_of(package: str) -> str:
    """Of what is installed; "" for nothing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
