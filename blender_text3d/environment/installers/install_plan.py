# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed, in which order, and from where: all but PyTorch first, so that its own needs are there already."""

from dataclasses import dataclass
from pathlib import Path

from ..hashed import build_dependencies_file, packages_file, torch_file
from ..requirements import Packages
from .torch_build import OWN, PYTORCH_INDEX, build_in, torch_attempts

WHEELS = ("--only-binary", ":all:")
HASHED = (*WHEELS, "--no-deps", "--require-hashes")
UNHASHED = "PyTorch{build} was taken without a hash that we know: {why}."
OTHER = "your own package source has another build of it than the public indexes"
NAMED = "it comes from the index that you named"
UNKNOWN = "the add-on has none for this build"


@dataclass(frozen=True)
class Step:
    """One thing to install.

    Attributes:
        what: For the user.
        attempts: Arguments for `pip install`, tried in turn until one works.
        notes: What is to be told where the attempt of the same place was the one; "" for nothing.
    """

    what: str
    attempts: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Where packages come from.

    Attributes:
        build: PyTorch's, as from torch_build.
        torch_index: An index or a folder, for the build "own".
        is_own: Whether the user has configured a source of packages; then its build of PyTorch is the user's choice.
        kit_wheels: An offline kit's folder, in which case nothing else is asked; "" for none.
        kit_torch: PyTorch's version with the build in that kit.
    """

    build: str
    torch_index: str = ""
    is_own: bool = False
    kit_wheels: str = ""
    kit_torch: str = ""


def steps(packages: Packages, source: Source) -> list[Step]:
    """Everything that is to be installed."""
    torch = next((line for line in packages.requirements if line.startswith("torch==")), "")
    alone = ("--no-index", "--find-links", source.kit_wheels) if source.kit_wheels else ()
    if packages.hashed is None:
        first = _torch_alone(torch, source, alone, "") if torch and source.build != "default" else []
        return [*first, Step("the packages", ((*alone, *WHEELS, *packages.requirements),), ("",))]
    rest = Step("the packages", ((*alone, *HASHED, "-r", str(packages_file(packages.hashed))),), ("",))
    return [rest, *_torch(torch, packages.hashed, source, alone)]


def _torch(requirement: str, folder: Path, source: Source, alone: tuple[str, ...]) -> list[Step]:
    torch, needs = torch_file(folder, source.build), build_dependencies_file(folder, source.build)
    if alone:
        return [_kits_torch(folder, build_in(source.kit_torch), alone)]
    if torch is None:
        return _torch_alone(requirement, source, alone, NAMED if source.build == OWN else UNKNOWN)
    if source.build == "default":
        return [_public_torch(requirement, torch, needs, source)]
    before = [Step("what PyTorch needs", ((*HASHED, "-r", str(needs)),), ("",))] if needs else []
    return [*before, _pytorchs_torch(requirement, torch, source)]


def _kits_torch(folder: Path, build: str, alone: tuple[str, ...]) -> Step:
    """A kit's own manifest is no witness: anybody may have made it."""
    files = [path for path in (build_dependencies_file(folder, build), torch_file(folder, build)) if path]
    return Step("PyTorch", ((*alone, *HASHED, *(word for path in files for word in ("-r", str(path)))),), ("",))


def _public_torch(requirement: str, torch: Path, needs: Path, source: Source) -> Step:
    hashed = (*HASHED, "-r", str(needs), "-r", str(torch))
    if not source.is_own:
        return Step("PyTorch", (hashed,), ("",))
    return Step("PyTorch", (hashed, (*WHEELS, requirement)), ("", UNHASHED.format(build="", why=OTHER)))


def _pytorchs_torch(requirement: str, torch: Path, source: Source) -> Step:
    """One of PyTorch's own builds. A mirror or folder of the user's may hold the very one, and comes first."""
    hashed = (*HASHED, "-r", str(torch))
    from_pytorch = ("--index-url", PYTORCH_INDEX + source.build, *hashed)
    if not source.is_own:
        return Step("PyTorch", (from_pytorch,), ("",))
    another = (*WHEELS, f"{requirement}+{source.build}")
    note = UNHASHED.format(build=f" {source.build}", why=OTHER)
    return Step("PyTorch", (hashed, from_pytorch, another), ("", "", note))


def _torch_alone(requirement: str, source: Source, alone: tuple[str, ...], why: str) -> list[Step]:
    """PyTorch without requirements that have hashes."""
    if alone:
        return [Step("PyTorch", ((*alone, *WHEELS, f"torch=={source.kit_torch}"),), ("",))]
    attempts = torch_attempts(requirement, source.build, source.torch_index)
    note = UNHASHED.format(build="" if source.build == OWN else f" {source.build}", why=why) if why else ""
    return [Step("PyTorch", tuple((*WHEELS, *attempt) for attempt in attempts), (note,) * len(attempts))]
