#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the requirements with exact versions and hashes anew, for every system and Python at once.

    python scripts/lock_requirements.py --uv /path/to/uv

Needs the public package index: run it where nothing else is configured, for a mirror's hashes are not everybody's.
PyTorch, and what only it needs, is in a file of its own, since other builds of it have other hashes.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SETUP = Path(__file__).resolve().parent.parent / "blender_text3d" / "setup"
WITH_TORCH = re.compile(r"(torch|triton|nvidia-|cuda-)")
OLDEST_PYTHON = "3.11"
HEAD = "# {about}\n# Made by scripts/lock_requirements.py. Names no index: packages come from the configured one.\n"


def main() -> int:
    """Write the three files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uv", default="uv", help="uv's program file (%(default)s)")
    parser.add_argument("--uv-version", default="0.13.9", help="the uv that Set Up brings (%(default)s)")
    options = parser.parse_args()
    packages = locked(options.uv, (SETUP / "worker_requirements.txt").read_text(encoding="utf-8"))
    torch = [package for package in packages if WITH_TORCH.match(package)]
    write(
        "worker_locked.txt",
        "What the worker's environment holds beside PyTorch.",
        [p for p in packages if p not in torch],
    )
    write("torch_locked.txt", "PyTorch as the public package index has it, and what only it needs.", torch)
    write("uv_locked.txt", "The installer.", locked(options.uv, f"uv=={options.uv_version}"))
    return 0


def locked(uv: str, requirements: str) -> list[str]:
    """Each package with its version, its condition and its hashes."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "in.txt").write_text(requirements, encoding="utf-8")
        command = [
            uv,
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--python-version",
            OLDEST_PYTHON,
            "--generate-hashes",
        ]
        command += ["--no-header", "--no-annotate", "--no-config", "in.txt"]
        text = subprocess.run(command, cwd=scratch, env=variables, check=True, capture_output=True, text=True).stdout
    return re.split(r"\n(?=\S)", text.strip())


def write(name: str, about: str, packages: list[str]) -> None:
    """One requirements file."""
    (SETUP / name).write_text(HEAD.format(about=about) + "\n".join(packages) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
