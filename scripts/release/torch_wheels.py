#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare PyTorch's index with scripts/release/torch_wheels.sha256.

    python scripts/release/torch_wheels.py            exit code 1 if they differ
    python scripts/release/torch_wheels.py --write    write the list from the index; then run
                                                      scripts/release/lock_requirements.py --torch

The index has missed the hash of a wheel for weeks (https://github.com/pytorch/pytorch/issues/173099). Wheels without a
hash are named, and keep their listed hash.
"""

import argparse
import html
import re
import sys
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.environment.requirements import WORKER

LIST = Path(__file__).with_suffix(".sha256")
INDEX = "https://download.pytorch.org/whl"
PYTHONS = ("311", "312", "313", "314")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "linux_x86_64", "win_amd64")
LINK = re.compile(r'<a\s[^>]*href="([^"]+\.whl)(?:#sha256=([0-9a-f]{64}))?"')
TORCH = next(line for line in WORKER.requirements if line.startswith("torch=="))
# Packages of each build that are installed from PyTorch's index. It has had no hash of torch 2.13.0+rocm7.2 for months.
BUILDS = {
    "cpu": (f"{TORCH}+cpu",),
    "cu126": (f"{TORCH}+cu126",),
    "cu130": (f"{TORCH}+cu130",),
    "rocm7.2": ("torch==2.12.1+rocm7.2", "triton-rocm==3.7.1"),
}


def main() -> int:
    """Return exit code 0 if they agree or the list was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the list from the index")
    parser.add_argument("--index", default=INDEX, help="URL of the index (%(default)s)")
    parser.add_argument("--list", type=Path, default=LIST, help="the list (%(default)s)")
    options = parser.parse_args()
    listed, found = read_list(options.list), on_index(options.index)
    lines = differences(listed, found) or [f"The list and the index agree: {len(found)} wheels."]
    print(*lines, sep="\n")
    if options.write:
        write_list(options.list, {name: digest or listed.get(name, "") for name, digest in found.items()})
        return 0
    return 0 if listed == found else 1


def read_list(path: Path) -> dict[str, str]:
    """Return the SHA-256 of each wheel by file name, from lines in the form of sha256sum."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {name: digest for digest, name in lines}


def write_list(path: Path, wheels: dict[str, str]) -> None:
    """Replace the list below its comment, without wheels that have no hash."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = [line for line in lines if line.startswith("#")]
    found = [f"{digest}  {name}" for name, digest in sorted(wheels.items()) if digest]
    path.write_text("\n".join([*comment, *found]) + "\n", encoding="utf-8")


def on_index(index: str, builds: dict[str, tuple[str, ...]] = BUILDS) -> dict[str, str]:
    """Return the hashes of the wheels that Set Up may install from PyTorch's index; "" if a hash is missing."""
    found = {}
    for build, packages in builds.items():
        for package in packages:
            name, version = package.split("==")
            found |= wheels_on(f"{index}/{build}/{name}/", f"{name.replace('-', '_')}-{version}-")
    return found


def wheels_on(url: str, prefix: str) -> dict[str, str]:
    """Return the hashes of supported wheels whose names have a prefix, from a page of links."""
    with urllib.request.urlopen(url, timeout=60) as response:
        page = html.unescape(response.read().decode("utf-8"))
    links = {urllib.parse.unquote(link).rsplit("/", 1)[-1]: digest or "" for link, digest in LINK.findall(page)}
    return {name: digest for name, digest in links.items() if name.startswith(prefix) and is_supported(name)}


def is_supported(name: str) -> bool:
    """True if a wheel is for a Python version and system that Set Up supports."""
    python, abi, platform = name.removesuffix(".whl").split("-")[2:]
    return python == abi and python.removeprefix("cp") in PYTHONS and platform in PLATFORMS


def differences(listed: dict[str, str], found: dict[str, str]) -> list[str]:
    """Return a sentence for each wheel that differs between the list and the index."""
    lines = [f"{name} is listed, but no longer on the index." for name in sorted(listed.keys() - found.keys())]
    for name, digest in sorted(found.items()):
        if not digest:
            lines.append(f"{name} has no hash on the index" + ("." if name in listed else " and is not listed."))
        elif name not in listed:
            lines.append(f"{name} is on the index, but not listed.")
        elif listed[name] != digest:
            lines.append(f"{name} has another hash on the index: {digest}.")
    return lines


if __name__ == "__main__":
    sys.exit(main())
