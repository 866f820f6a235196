# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan what to install, in which order, and from where. PyTorch comes last, after its own dependencies."""

from dataclasses import dataclass
from pathlib import Path

from ..requirements import Packages, base_packages_file, build_dependencies_file, torch_file
from .torch_build import OWN, PYTORCH_INDEX, build_from_version, torch_install_attempts

WHEELS = ("--only-binary", ":all:")
HASHED = (*WHEELS, "--no-deps", "--require-hashes")
UNHASHED = "PyTorch{build} was installed without a known hash: {why}."
CUSTOM_SOURCE = "your own package source has another build than the public indexes"
CUSTOM_INDEX = "it comes from the index that you chose"
UNKNOWN_BUILD = "the add-on has none for this build"


@dataclass(frozen=True)
class InstallStep:
    """A run of the installer.

    Attributes:
        name: Name of the packages, for the user.
        attempts: Arguments for `pip install`, tried in turn until one works.
        notes: A sentence for the user for each attempt, shown if it worked; "" for none.
    """

    name: str
    attempts: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class PackageSource:
    """The source of packages.

    Attributes:
        build: PyTorch build, as returned by `torch_build`.
        torch_index: Index URL or folder for the build "own".
        is_custom: True if the user has configured a package source; its build of PyTorch is then the user's choice.
        kit_wheels: Folder of an offline kit's wheels, which is then the only source; "" for none.
        kit_torch: PyTorch version with its build in that kit.
    """

    build: str
    torch_index: str = ""
    is_custom: bool = False
    kit_wheels: str = ""
    kit_torch: str = ""


def install_steps(packages: Packages, source: PackageSource) -> list[InstallStep]:
    """Return the steps to install all packages."""
    torch = next((line for line in packages.requirements if line.startswith("torch==")), "")
    only_kit = ("--no-index", "--find-links", source.kit_wheels) if source.kit_wheels else ()
    if packages.hashed is None:
        first = _unhashed_torch(torch, source, only_kit, "") if torch and source.build != "default" else []
        return [*first, InstallStep("the packages", ((*only_kit, *WHEELS, *packages.requirements),), ("",))]
    rest = InstallStep("the packages", ((*only_kit, *HASHED, "-r", str(base_packages_file(packages.hashed))),), ("",))
    return [rest, *_torch(torch, packages.hashed, source, only_kit)]


def _torch(requirement: str, folder: Path, source: PackageSource, only_kit: tuple[str, ...]) -> list[InstallStep]:
    torch, dependencies = torch_file(folder, source.build), build_dependencies_file(folder, source.build)
    if only_kit:
        return [_kit_torch(folder, build_from_version(source.kit_torch), only_kit)]
    if torch is None:
        return _unhashed_torch(requirement, source, only_kit, CUSTOM_INDEX if source.build == OWN else UNKNOWN_BUILD)
    if source.build == "default":
        return [_torch_from_public_index(requirement, torch, dependencies, source)]
    before = [InstallStep("PyTorch's dependencies", (_hashed(dependencies),), ("",))] if dependencies else []
    return [*before, _torch_from_pytorch_index(requirement, torch, source)]


def _kit_torch(folder: Path, build: str, only_kit: tuple[str, ...]) -> InstallStep:
    """Check a kit's wheels by the add-on's own hashes: its manifest may be by an untrusted author."""
    hashed = _hashed(build_dependencies_file(folder, build), torch_file(folder, build))
    return InstallStep("PyTorch", ((*only_kit, *hashed),), ("",))


def _torch_from_public_index(
    requirement: str, torch: Path, dependencies: Path | None, source: PackageSource
) -> InstallStep:
    hashed = _hashed(dependencies, torch)
    if not source.is_custom:
        return InstallStep("PyTorch", (hashed,), ("",))
    return InstallStep("PyTorch", (hashed, (*WHEELS, requirement)), ("", UNHASHED.format(build="", why=CUSTOM_SOURCE)))


def _torch_from_pytorch_index(requirement: str, torch: Path, source: PackageSource) -> InstallStep:
    """Install one of PyTorch's own builds. A mirror or folder of the user may contain it too, and comes first."""
    hashed = (*HASHED, "-r", str(torch))
    from_pytorch = ("--index-url", PYTORCH_INDEX + source.build, *hashed)
    if not source.is_custom:
        return InstallStep("PyTorch", (from_pytorch,), ("",))
    other = (*WHEELS, f"{requirement}+{source.build}")
    note = UNHASHED.format(build=f" {source.build}", why=CUSTOM_SOURCE)
    return InstallStep("PyTorch", (hashed, from_pytorch, other), ("", "", note))


def _unhashed_torch(requirement: str, source: PackageSource, only_kit: tuple[str, ...], why: str) -> list[InstallStep]:
    """Install PyTorch without hashes."""
    if only_kit:
        return [InstallStep("PyTorch", ((*only_kit, *WHEELS, f"torch=={source.kit_torch}"),), ("",))]
    attempts = torch_install_attempts(requirement, source.build, source.torch_index)
    note = UNHASHED.format(build="" if source.build == OWN else f" {source.build}", why=why) if why else ""
    return [InstallStep("PyTorch", tuple((*WHEELS, *attempt) for attempt in attempts), (note,) * len(attempts))]


def _hashed(*files: Path | None) -> tuple[str, ...]:
    """Return arguments that install from requirements files with hashes."""
    return (*HASHED, *(argument for path in files if path for argument in ("-r", str(path))))
