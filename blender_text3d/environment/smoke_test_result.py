# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of an environment's smoke test, written when it passes and shown in panels."""

import json
from dataclasses import asdict
from pathlib import Path

from ..system.files import replace_with_retry
from ..system.lazy_dataclass import lazy_dataclass

FILE_NAME = "blender_text3d-stamp.json"
# Keys of the file that differ from the field names, because version 0.1.0 wrote them.
STORED_KEYS = {"requested_build": "wish", "requested_python": "wished_python"}


@lazy_dataclass(frozen=True)
class SmokeTestResult:
    """Facts about an environment in which the worker has generated an object.

    Attributes:
        python: Python version, "3.11.7".
        executable: Path of the tested Python.
        torch: PyTorch version with its build, "2.13.0+cpu".
        device: Type of the device that was used: "CUDA", "ROCm", "MPS" or "CPU".
        device_name: Name of the device for the user.
        rerun: Rerun version, or "" if it is not installed.
        tool: Installer with its version, "uv 0.13.9" or "pip 26.0"; "" if the add-on did not install the packages.
        disk_bytes: Size on disk; 0 if the add-on did not create the environment.
        seconds: Time from the start of the worker to the object.
        notes: Sentences for the user, such as a package that was installed without a known hash.
        requested_build: The requested PyTorch build, followed by its index if it is "own"; "" if none was requested.
        build: The installed build, as returned by `build_to_install`.
        requested_python: The interpreter that was requested, or "" if it was chosen automatically.
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
    requested_build: str = ""
    build: str = ""
    requested_python: str = ""


def read_test_result(path: Path) -> SmokeTestResult | None:
    """Return the result stored in a file, or None if it is missing or unreadable."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        renamed = {name: stored.pop(key) for name, key in STORED_KEYS.items() if key in stored}
        return SmokeTestResult(**stored | renamed | {"notes": tuple(stored.get("notes", ()))})
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def write_test_result(path: Path, result: SmokeTestResult) -> None:
    """Replace a stored result atomically.

    Raises:
        OSError: It cannot be written.
    """
    stored = {STORED_KEYS.get(name, name): value for name, value in asdict(result).items()}
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(stored, indent=1), encoding="utf-8")
    replace_with_retry(temporary, path)


def override_result_path(data_dir: Path) -> Path:
    """Return the file with the test result of the Python override, whose own folder may not be writable."""
    return data_dir / "own-python-stamp.json"
