# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed, in which order, and from where: all but PyTorch first, so that its own needs are there already."""

from dataclasses import dataclass

from .packages import Packages
from .torch_build import OWN, torch_attempts

WHEELS = ("--only-binary", ":all:")
HASHED = (*WHEELS, "--no-deps", "--require-hashes")
UNHASHED = "PyTorch {build} was taken without a hash that we know: it comes from another source than the public index."


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
    if packages.locked is None:
        first = [_torch(torch, packages, source, alone)] if torch and source.build != "default" else []
        return [*first, Step("the packages", ((*alone, *WHEELS, *packages.requirements),), ("",))]
    rest = Step("the packages", ((*alone, *HASHED, "-r", str(packages.locked)),), ("",))
    return [rest, _torch(torch, packages, source, alone)]


def _torch(requirement: str, packages: Packages, source: Source, alone: tuple[str, ...]) -> Step:
    if source.kit_wheels:  # its files' hashes are in its manifest and were compared with it
        return Step("PyTorch", ((*alone, *WHEELS, f"torch=={source.kit_torch}"),), ("",))
    if source.build == "default":
        return _public_torch(requirement, packages, source)
    attempts = torch_attempts(requirement, source.build, source.torch_index)
    note = UNHASHED.format(build="" if source.build == OWN else source.build).replace("  ", " ")
    notes = (note if packages.locked else "",) * len(attempts)
    return Step("PyTorch", tuple((*WHEELS, *attempt) for attempt in attempts), notes)


def _public_torch(requirement: str, packages: Packages, source: Source) -> Step:
    hashed = (*HASHED, "-r", str(packages.locked_torch))
    if not source.is_own:
        return Step("PyTorch", (hashed,), ("",))
    note = UNHASHED.format(build="of your own package source")
    return Step("PyTorch", (hashed, (*WHEELS, requirement)), ("", note))
