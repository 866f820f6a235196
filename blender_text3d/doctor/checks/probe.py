# SPDX-License-Identifier: GPL-3.0-or-later
"""Print as JSON what the worker's Python can import and which devices it has. Imports nothing from this package."""

import importlib
import json
import os
import platform
import sys
from importlib import metadata
from typing import Any


def main(modules: list[str]) -> None:
    """Print one JSON object."""
    facts: dict[str, Any] = {"python": platform.python_version(), "broken": {}, "threads": os.cpu_count() or 1}
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # a damaged package may raise any exception
            facts["broken"][name] = f"{type(error).__name__}: {error}".split("\n")[0]
    facts["rerun"] = package_version("rerun-sdk")
    if "torch" in modules and "torch" not in facts["broken"]:
        facts |= torch_facts()
    sys.stdout.write("\n" + json.dumps(facts) + "\n")


def torch_facts() -> dict[str, Any]:
    """Return the version, build and devices of PyTorch."""
    torch = importlib.import_module("torch")
    facts: dict[str, Any] = {
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
    except Exception as error:  # unsuitable drivers raise many exceptions
        facts["devices"], facts["why"] = [], str(error).split("\n")[0]
    return facts


def package_version(package: str) -> str:
    """Return the version of an installed package, or ""."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
