# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the build of PyTorch for this machine.

The public package index has one build for each system: on Linux it includes several gigabytes of CUDA, on Windows it
supports no GPU. PyTorch's own index has the others.
"""

import os
import platform
import shutil
import sys

from ..errors import SetupFailed
from .nvidia_driver import needs_older_cuda, query_driver

PYTORCH_INDEX = "https://download.pytorch.org/whl/"
NVIDIA_ON_WINDOWS = "cu130"
OLDER_NVIDIA = "cu126"
AMD_ON_LINUX = "rocm7.2"
OWN = "own"
MIN_MACOS = 14

# Builds in the preferences: name, label, description. Any other name in PyTorch's index also works.
BUILDS = (
    ("auto", "Automatic", "The build for this machine's hardware"),
    ("cpu", "CPU Only", "The smallest build, without GPU support"),
    (NVIDIA_ON_WINDOWS, "NVIDIA CUDA 13.0", "For NVIDIA GPUs, from PyTorch's own index"),
    (OLDER_NVIDIA, "NVIDIA CUDA 12.6", "For NVIDIA GPUs older than GTX 16 and RTX, and for drivers older than 580"),
    (AMD_ON_LINUX, "AMD ROCm 7.2", "For AMD GPUs on Linux, from PyTorch's own index"),
    ("default", "Package Index", "The build of pip's configured package index"),
    (OWN, "Custom Index", "From an index URL or a folder of wheels"),
)


def torch_build(requested: str = "auto") -> str:
    """Return the name of a build: "cpu", "cu130" ... as in PyTorch's index, "default" for the public index, or "own".

    Fast enough to call while a panel is drawn.

    Args:
        requested: "auto" inspects the machine; other names are returned unchanged, except that a Mac has one build.
    """
    if sys.platform == "darwin" and requested != OWN:
        return "default"
    if requested != "auto":
        return requested
    has_nvidia = bool(shutil.which("nvidia-smi")) or os.path.exists("/proc/driver/nvidia/version")
    if sys.platform == "linux" and not has_nvidia:
        return "cpu"
    if os.name == "nt" and has_nvidia and platform.machine() == "AMD64":
        return NVIDIA_ON_WINDOWS
    return "default"


def build_to_install(requested: str = "auto") -> str:
    """Return the name of a build as `torch_build` does, but CUDA 12.6 for an old NVIDIA card or driver."""
    build = torch_build(requested)
    is_cuda_13 = requested == "auto" and build in ("default", NVIDIA_ON_WINDOWS) and sys.platform != "darwin"
    return OLDER_NVIDIA if is_cuda_13 and needs_older_cuda(query_driver()) else build


def requested_build_text(requested: str, index: str = "") -> str:
    """Return a requested build as a test result stores it: its name, followed by the index of a custom one."""
    return f"{requested} {index}".strip() if requested == OWN else requested


def needs_other_build(requested: str, index: str, old_request: str, old_build: str) -> bool:
    """True if an environment does not have the requested build; as fast as `torch_build`.

    Args:
        requested: The requested build.
        index: Index of the build "own".
        old_request: The build requested when the environment was created; "" if unknown, as from a kit.
        old_build: The installed build, as returned by `build_to_install` or `build_from_version`.
    """
    if requested == OWN:
        return requested_build_text(requested, index) != old_request
    build = torch_build(requested)
    is_same_request = requested == old_request or (not old_request and requested in ("auto", "default"))
    if is_same_request:  # a card or its driver may have been installed since
        return supports_cuda(build) and not supports_cuda(old_build)
    is_as_automatic = requested == "auto" and old_build == OLDER_NVIDIA and build in ("default", NVIDIA_ON_WINDOWS)
    return build != old_build and not is_as_automatic


def build_from_version(version: str) -> str:
    """Return the build in a version of PyTorch: "cpu" for "2.13.0+cpu", "default" if it contains none."""
    return version.partition("+")[2] or "default"


def supports_cuda(build: str) -> bool:
    """True if a build supports NVIDIA's cards."""
    return build.startswith("cu") or (build in ("default", OWN) and sys.platform == "linux")


def require_macos(build: str) -> None:
    """Check that the pinned PyTorch has a build for this Mac; does nothing on other systems.

    Source: the wheels of the pinned version, which for macOS are all tagged macosx_14_0_arm64.

    Raises:
        SetupFailed: It has none.
    """
    if sys.platform != "darwin" or build == OWN:
        return
    fix = "Choose a Python with PyTorch as Python Override in the add-on's preferences, or use another Mac."
    if platform.machine() != "arm64":
        raise SetupFailed("PyTorch has no build for Macs with an Intel CPU.", fix)
    release = platform.mac_ver()[0]
    if release and int(release.split(".")[0]) < MIN_MACOS:
        raise SetupFailed(f"PyTorch requires macOS {MIN_MACOS}, but this is macOS {release}.", fix)


def expected_gb(build: str) -> float:
    """Return an estimate of the disk space that setup needs for a build, including downloads, in gigabytes.

    Measured for the CPU build on Linux; for the others, the sum of their wheels' sizes.
    """
    return 14.0 if build.startswith("rocm") else 7.5 if supports_cuda(build) else 2.0


def torch_install_attempts(requirement: str, build: str, index: str = "") -> list[tuple[str, ...]]:
    """Return arguments for `pip install`, to be tried in turn until one works.

    The user's package source comes first: a mirror or a folder of wheels may contain the same build, and PyTorch's
    index may be unreachable.

    Args:
        requirement: "torch==1.2.3".
        build: A build as returned by `torch_build`, except "default".
        index: Index URL or folder for the build "own".
    """
    if build == OWN:
        return [("--find-links" if os.path.isdir(index) else "--index-url", index, requirement)]
    exact = f"{requirement}+{build}"
    return [(exact,), ("--index-url", PYTORCH_INDEX + build, exact)]
