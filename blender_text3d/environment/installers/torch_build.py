# SPDX-License-Identifier: GPL-3.0-or-later
"""Which build of PyTorch suits this machine.

The public package index carries one build for each system: on Linux it brings several gigabytes of CUDA along, on
Windows it knows no GPU. PyTorch's own index has the others.
"""

import os
import platform
import shutil
import sys

from ..errors import SetupFailed
from .nvidia_driver import ask_driver, needs_older_cuda

PYTORCH_INDEX = "https://download.pytorch.org/whl/"
NVIDIA_ON_WINDOWS = "cu130"
OLDER_NVIDIA = "cu126"
AMD_ON_LINUX = "rocm7.2"
OWN = "own"
MIN_MACOS = 14

# Builds to choose from: name, label, what it is. Any other name in PyTorch's index also works.
BUILDS = (
    ("auto", "Automatic", "The build that suits this machine"),
    ("cpu", "CPU Only", "The smallest; no graphics card is used"),
    (NVIDIA_ON_WINDOWS, "NVIDIA CUDA 13.0", "For NVIDIA graphics cards, from PyTorch's own index"),
    (OLDER_NVIDIA, "NVIDIA CUDA 12.6", "For NVIDIA cards before GTX 16 and RTX, and for drivers before 580"),
    (AMD_ON_LINUX, "AMD ROCm 7.2", "For AMD graphics cards on Linux, from PyTorch's own index"),
    ("default", "Package Index", "The build that pip's configured package index has"),
    (OWN, "Own Index", "From an index or a folder of wheels that you name"),
)


def torch_build(wish: str = "auto") -> str:
    """The build's name: "cpu", "cu130" ... as in PyTorch's index, "default" for the package index's own, or "own".

    Quick enough to be asked while a panel is drawn.

    Args:
        wish: "auto" looks at the machine, any other name is taken as it is. A Mac has one build, whatever is wished.
    """
    if sys.platform == "darwin" and wish != OWN:
        return "default"
    if wish != "auto":
        return wish
    has_nvidia = bool(shutil.which("nvidia-smi")) or os.path.exists("/proc/driver/nvidia/version")
    if sys.platform == "linux" and not has_nvidia:
        return "cpu"
    if os.name == "nt" and has_nvidia and platform.machine() == "AMD64":
        return NVIDIA_ON_WINDOWS
    return "default"


def build_to_install(wish: str = "auto") -> str:
    """As torch_build, but asks NVIDIA's driver as well: where a card or its driver is too old, it is CUDA 12.6."""
    build = torch_build(wish)
    is_cuda_13 = wish == "auto" and build in ("default", NVIDIA_ON_WINDOWS) and sys.platform != "darwin"
    return OLDER_NVIDIA if is_cuda_13 and needs_older_cuda(ask_driver()) else build


def wish_in_words(wish: str, index: str = "") -> str:
    """A wish as a stamp keeps it."""
    return f"{wish} {index}".strip() if wish == OWN else wish


def is_another(wish: str, index: str, old_wish: str, old_build: str) -> bool:
    """Whether a wish asks for another build than an environment has; quick, as torch_build is.

    Args:
        wish: What is wished for now.
        index: For the build "own".
        old_wish: What was wished for when the environment was made; "" where that is not known, as of a kit.
        old_build: What it became, as from build_to_install or build_in.
    """
    if wish == OWN:
        return wish_in_words(wish, index) != old_wish
    build = torch_build(wish)
    is_nothing_new_wished = wish == old_wish or (not old_wish and wish in ("auto", "default"))
    if is_nothing_new_wished:  # but a card, or its driver, may have come since
        return brings_cuda(build) and not brings_cuda(old_build)
    is_as_automatic = wish == "auto" and old_build == OLDER_NVIDIA and build in ("default", NVIDIA_ON_WINDOWS)
    return build != old_build and not is_as_automatic


def build_in(version: str) -> str:
    """The build that PyTorch's own version names: "cpu" of "2.13.0+cpu", "default" where it names none."""
    return version.partition("+")[2] or "default"


def brings_cuda(build: str) -> bool:
    """Whether a build can use NVIDIA's cards."""
    return build.startswith("cu") or (build in ("default", OWN) and sys.platform == "linux")


def require_macos(build: str) -> None:
    """See that the locked PyTorch has a build for this Mac; other systems are passed over.

    Source: the wheels of the locked version, whose macOS ones are all of macosx_14_0_arm64.

    Raises:
        SetupFailed: It has none.
    """
    if sys.platform != "darwin" or build == OWN:
        return
    fix = "Name a Python that has PyTorch as Worker Python in the add-on's preferences, or use another Mac."
    if platform.machine() != "arm64":
        raise SetupFailed("PyTorch has no build for Macs with an Intel processor.", fix)
    release = platform.mac_ver()[0]
    if release and int(release.split(".")[0]) < MIN_MACOS:
        raise SetupFailed(f"PyTorch needs macOS {MIN_MACOS}, and this is macOS {release}.", fix)


def expected_gb(build: str) -> float:
    """About what an environment with this build writes to the disk, downloads included, in gigabytes.

    Measured for the CPU build on Linux; for the others added up from their wheels' sizes.
    """
    return 14.0 if build.startswith("rocm") else 7.5 if brings_cuda(build) else 2.0


def torch_attempts(requirement: str, build: str, index: str = "") -> list[tuple[str, ...]]:
    """Arguments for `pip install`, to be tried in turn until one works.

    The user's own package source comes first: a mirror or a folder of wheels may hold the very build, and PyTorch's
    index may be out of reach.

    Args:
        requirement: "torch==1.2.3".
        build: As from torch_build, not "default".
        index: Address of an index, or a folder, for the build "own".
    """
    if build == OWN:
        return [("--find-links" if os.path.isdir(index) else "--index-url", index, requirement)]
    exact = f"{requirement}+{build}"
    return [(exact,), ("--index-url", PYTORCH_INDEX + build, exact)]
