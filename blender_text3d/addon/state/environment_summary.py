# SPDX-License-Identifier: GPL-3.0-or-later
"""Summary of the worker's environment for panel and preferences. Reads small files only; no bpy."""

from pathlib import Path
from typing import TYPE_CHECKING

from ...environment.installers.torch_build import build_from_version, needs_other_build
from ...environment.manifest import read_manifest
from ...environment.paths import worker_python
from ...environment.smoke_test_result import FILE_NAME, SmokeTestResult, override_result_path, read_test_result
from ...system.lazy_dataclass import lazy_dataclass
from ...system.user_folders import data_dir, default_data_dir
from .weight_files import WeightFile, format_bytes

if TYPE_CHECKING:
    from ..settings.choices import Choices

UNTESTED = "Not tested. Press Check and Repair"


@lazy_dataclass(frozen=True)
class DiskUse:
    """Sizes in one data folder.

    Attributes:
        jobs: Number of job folders.
        jobs_bytes: Size of all job folders.
        env_bytes: Size of the environment with its installer, older environments, and the worker's copies of this
            package.
    """

    jobs: int
    jobs_bytes: int
    env_bytes: int


def smoke_test_result(choices: "Choices") -> SmokeTestResult | None:
    """Return the smoke test's result for the Python in use, or None if it was not tested.

    Args:
        choices: The preferences.
    """
    if choices.own_python is None:
        return read_test_result(worker_python(choices.env_dir).parent.parent / FILE_NAME)
    result = read_test_result(override_result_path(choices.env_dir.parent))
    return result if result and result.executable == str(choices.own_python) else None


def needs_rebuild(result: SmokeTestResult | None, choices: "Choices") -> bool:
    """True if preferences and machine need another PyTorch build or Python than the environment has.

    Args:
        result: Test result of the environment.
        choices: The preferences.
    """
    if result is None or choices.own_python is not None:
        return False
    is_python = bool(result.requested_build and choices.base_python) and choices.base_python != result.requested_python
    return is_python or needs_other_build(
        choices.torch, choices.torch_index, result.requested_build, result.build or build_from_version(result.torch)
    )


def unused_environment(choices: "Choices") -> tuple[Path, int] | None:
    """Return the default data folder and its environment's size in bytes or 0, if it is no longer used; else None.

    Args:
        choices: The preferences.
    """
    default = default_data_dir()
    if not choices.is_moved or choices.env_dir.parent == default or data_dir() == default:
        return None
    env_dir = default / choices.env_dir.name
    if read_manifest(env_dir) is None:
        return None
    result = read_test_result(worker_python(env_dir).parent.parent / FILE_NAME)
    return default, result.disk_bytes if result else 0


def summary_lines(
    result: SmokeTestResult | None, files: list[WeightFile], use: DiskUse | None = None
) -> list[tuple[str, str]]:
    """Return labels and values, one line each.

    Args:
        result: Test result of the environment.
        files: Files of all models, as far as known.
        use: Disk use of jobs and environment, or None if unknown.
    """
    tested = _test_lines(result) if result else [("Environment", UNTESTED)]
    return [*tested, *_model_lines(files), *_disk_lines(result, files, use)]


def _test_lines(result: SmokeTestResult) -> list[tuple[str, str]]:
    has_kind = result.device in result.device_name  # "CPU, 8 threads"
    device = result.device_name if has_kind else f"{result.device}: {result.device_name}".rstrip(": ")
    tool = f", installed by {result.tool}" if result.tool else ""
    return [
        ("Python", result.python + tool),
        ("PyTorch", result.torch),
        ("Device", device),
        ("Rerun", result.rerun or "Missing, jobs are not recorded"),
    ]


def _model_lines(files: list[WeightFile]) -> list[tuple[str, str]]:
    downloaded = f", {sum(bool(file.path) for file in files)} of {len(files)} downloaded" if files else ""
    return [("Models", f"2 included{downloaded}")]


def _disk_lines(result: SmokeTestResult | None, files: list[WeightFile], use: DiskUse | None) -> list[tuple[str, str]]:
    env_bytes = use.env_bytes if use else result.disk_bytes if result else 0
    models_bytes = sum(file.size_bytes if file.path else file.received_bytes for file in files)
    parts = {"environment": env_bytes, "models": models_bytes, "jobs": use.jobs_bytes if use else 0}
    text = ", ".join(f"{name} {format_bytes(count)}" for name, count in parts.items() if count)
    total = format_bytes(sum(parts.values()))
    jobs = [("Jobs", f"{use.jobs:,}, {format_bytes(use.jobs_bytes)}")] if use and use.jobs else []
    return [*jobs, ("Disk Usage", f"{total} ({text})" if text else total)]
