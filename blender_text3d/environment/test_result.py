# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker's own test found out about an environment: written when it passed, read by panels."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..system.patience import replace_with_retry

FILE_NAME = "blender_text3d-stamp.json"


@dataclass(frozen=True)
class SmokeTestResult:
    """Facts of an environment in which the worker has made an object.

    Attributes:
        python: Its version, "3.11.7".
        executable: The Python that was tested.
        torch: Its version with the build, "2.13.0+cpu".
        device: What the object was made on: "CUDA", "ROCm", "MPS" or "CPU".
        device_name: What a person calls it.
        rerun: Its version; "" where it is missing.
        tool: What installed it, "uv 0.13.9" or "pip 26.0"; "" where it was not installed by us.
        disk_bytes: What the environment takes on the disk; 0 where it is not ours.
        seconds: From the worker's start to the object.
        notes: Sentences worth knowing, such as a package taken without a known hash.
        wish: Which build of PyTorch was wished for, with its index where it was "own"; "" where nobody was asked.
        build: The build that it became, as from torch_build.build_to_install.
        wished_python: The Python that it was to be built on; "" where the choice was left to Set Up.
    """

    python: str
    executable: str
    torch: str = ""
    device: str = ""
    device_name: str = ""
    rerun: str = ""
    tool: str = ""
    disk_bytes: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    wish: str = ""
    build: str = ""
    wished_python: str = ""


def read_stamp(path: Path) -> SmokeTestResult | None:
    """The stamp in a file, None where there is none that can be read."""
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return SmokeTestResult(**facts | {"notes": tuple(facts.get("notes", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write_stamp(path: Path, stamp: SmokeTestResult) -> None:
    """Replace the stamp in one step.

    Raises:
        OSError: It cannot be written.
    """
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(asdict(stamp), indent=1), encoding="utf-8")
    replace_with_retry(unfinished, path)


def own_stamp_path(data_dir: Path) -> Path:
    """Where the stamp of a Python that the user named lies: its folder is not ours to write to."""
    return data_dir / "own-python-stamp.json"
