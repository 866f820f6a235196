#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the requirements files with pinned versions and hashes, for all systems and Python versions.

    python scripts/release/lock_requirements.py --torch             only PyTorch's own builds, from torch_wheels.sha256
    python scripts/release/lock_requirements.py --parts --uv UV     only the optional parts, for the packages locked now
    python scripts/release/lock_requirements.py --uv /path/to/uv    all packages of the public index

All forms but the first need the public package index, the last one PyTorch's, too. Run them on a machine without a
configured mirror, whose hashes may differ. Each build of PyTorch has its own file, and so have its dependencies.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.environment.optional_parts import PARTS
from blender_text3d.environment.requirements import HASHED_DIR, WORKER, base_packages_file
from scripts.release.torch_wheels import BUILDS, INDEX, LIST, TORCH, read_list

WITH_TORCH = re.compile(r"(torch|triton|nvidia-|cuda-)")
MIN_PYTHON = "3.11"
HEAD = "# {about}\n# Made by scripts/release/lock_requirements.py. Names no index: packages come from {where}.\n"
CONFIGURED = "the configured one"
CUDA_DEPENDENCIES = "What PyTorch's builds for CUDA {} need on Linux besides the other packages."


def main() -> int:
    """Write the files; always returns exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--torch", action="store_true", help="only PyTorch's own builds; needs no network")
    parser.add_argument("--parts", action="store_true", help="only the optional parts")
    parser.add_argument("--uv", default="uv", help="program file of uv (%(default)s)")
    parser.add_argument("--uv-version", default="0.13.9", help="version of uv that Set Up installs (%(default)s)")
    options = parser.parse_args()
    write_builds(read_list(LIST), HASHED_DIR)
    if not options.torch and not options.parts:
        write_public(options.uv, options.uv_version)
    if not options.torch:
        write_parts(options.uv)
    return 0


def write_builds(wheels: dict[str, str], folder: Path) -> None:
    """Write the requirements files of PyTorch's own builds.

    Args:
        wheels: SHA-256 of each wheel by file name.
        folder: The folder to write to.
    """
    for build, packages in BUILDS.items():
        lines = [with_hashes(package, wheels) for package in packages]
        write(folder / f"torch_{build}.txt", f"PyTorch's own build {build}.", lines, "PyTorch's own index")


def with_hashes(package: str, wheels: dict[str, str]) -> str:
    """Return a requirement such as "torch==2.13.0+cpu" with the hashes of its wheels.

    Raises:
        SystemExit: No wheel is listed.
    """
    prefix = package.replace("-", "_").replace("==", "-") + "-"
    digests = sorted(digest for name, digest in wheels.items() if name.startswith(prefix))
    if not digests:
        raise SystemExit(
            f"{LIST.name} has no wheel of {package}. Run scripts/release/torch_wheels.py --write to get them."
        )
    return " \\\n".join([package, *(f"    --hash=sha256:{digest}" for digest in digests)])


def write_public(uv: str, uv_version: str) -> None:
    """Write the requirements files of the packages on the public index."""
    packages = locked(uv, "\n".join(WORKER.requirements))
    with_torch = [package for package in packages if WITH_TORCH.match(package)]
    torch = [package for package in with_torch if package.startswith("torch==")]
    rest = [package for package in packages if package not in with_torch]
    older = ("--index", f"{INDEX}/cu126", "--index-strategy", "unsafe-best-match")
    older_with_torch = [package for package in locked(uv, f"{TORCH}+cu126", *older) if WITH_TORCH.match(package)]
    write(HASHED_DIR / "worker.txt", "What the worker's environment holds besides PyTorch.", rest)
    write(HASHED_DIR / "torch_default.txt", "PyTorch as the public package index has it.", torch)
    write(
        HASHED_DIR / "needs_cuda13.txt",
        CUDA_DEPENDENCIES.format("13.0"),
        [package for package in with_torch if package not in torch],
    )
    write(
        HASHED_DIR / "needs_cuda12.txt",
        CUDA_DEPENDENCIES.format("12.6"),
        [p for p in older_with_torch if not p.startswith("torch==")],
    )
    write(HASHED_DIR / "uv.txt", "The installer.", locked(uv, f"uv=={uv_version}"))


def write_parts(uv: str) -> None:
    """Write what each optional part needs besides the locked packages of the worker, which it may not change.

    A package of several parts gets one version, so that they can be installed together.
    """
    base, torch = base_packages_file(HASHED_DIR), HASHED_DIR / "torch_default.txt"
    known = {name_of(line) for file in (base, torch) for line in file.read_text(encoding="utf-8").splitlines()}
    constraints = [base, torch]
    for part in PARTS.values():
        requirements = "\n".join((*WORKER.requirements, *part.requirements))
        packages = locked(uv, requirements, *(word for file in constraints for word in ("--constraint", str(file))))
        own = [package for package in packages if name_of(package) not in known and not WITH_TORCH.match(package)]
        write(part.file, f"What the optional part {part.label} needs besides the worker's packages.", own)
        constraints.append(part.file)


def name_of(requirement: str) -> str:
    """Return the package's name of a pinned requirement."""
    return requirement.partition("==")[0]


def locked(uv: str, requirements: str, *options: str) -> list[str]:
    """Return each package with its version, marker and hashes."""
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
            MIN_PYTHON,
            "--generate-hashes",
        ]
        command += ["--no-header", "--no-annotate", "--no-config", *options, "in.txt"]
        text = subprocess.run(command, cwd=scratch, env=variables, check=True, capture_output=True, text=True).stdout
    return re.split(r"\n(?=\S)", text.strip())


def write(path: Path, about: str, packages: list[str], where: str = CONFIGURED) -> None:
    """Write a requirements file."""
    path.write_text(HEAD.format(about=about, where=where) + "\n".join(packages) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
