# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the worker's environment, in words for panel and preferences. Looks at small files only; no bpy."""

from pathlib import Path

from ...environment.installers.torch_build import build_from_version, needs_other_build
from ...environment.manifest import read_manifest
from ...environment.paths import worker_python
from ...environment.test_result import FILE_NAME, SmokeTestResult, override_result_path, read_test_result
from ...system.user_folders import data_dir, default_data_dir
from .weight_files import WeightFile, format_bytes

UNTESTED = "Not tested. Press Check and Repair"


def test_result_of(choices) -> SmokeTestResult | None:
    """What the worker's own test found out about the Python that is in use, None where it was not tested.

    Args:
        choices: The preferences, as in preferences.Choices.
    """
    if choices.own_python is None:
        return read_test_result(worker_python(choices.env_dir).parent.parent / FILE_NAME)
    stamp = read_test_result(override_result_path(choices.env_dir.parent))
    return stamp if stamp and stamp.executable == str(choices.own_python) else None


def needs_rebuild(stamp: SmokeTestResult | None, choices) -> bool:
    """Whether preferences and machine ask for another build of PyTorch or another Python than the environment has.

    Args:
        stamp: Of the environment.
        choices: The preferences, as in preferences.Choices.
    """
    if stamp is None or choices.own_python is not None:
        return False
    is_python = bool(stamp.requested_build and choices.base_python) and choices.base_python != stamp.requested_python
    return is_python or needs_other_build(
        choices.torch, choices.torch_index, stamp.requested_build, stamp.build or build_from_version(stamp.torch)
    )


def unused_environment(choices) -> tuple[Path, int] | None:
    """The usual data folder, and its environment's size or 0, where all of us use another since; else None.

    Args:
        choices: The preferences, as in preferences.Choices.
    """
    usual = default_data_dir()
    if not choices.is_moved or choices.env_dir.parent == usual or data_dir() == usual:
        return None
    env_dir = usual / choices.env_dir.name
    if read_manifest(env_dir) is None:
        return None
    stamp = read_test_result(worker_python(env_dir).parent.parent / FILE_NAME)
    return usual, stamp.disk_bytes if stamp else 0


def summary_lines(stamp: SmokeTestResult | None, files: list[WeightFile], use=None) -> list[tuple[str, str]]:
    """Names and values, a line each.

    Args:
        stamp: Of the environment.
        files: Of all models, as far as they are known.
        use: What jobs and environment take, as in disk_use.DiskUse; None where that is not known yet.
    """
    tested = _test_lines(stamp) if stamp else [("Environment", UNTESTED)]
    return [*tested, *_model_lines(files), *_disk_lines(stamp, files, use)]


def _test_lines(stamp: SmokeTestResult) -> list[tuple[str, str]]:
    is_said = stamp.device in stamp.device_name  # "CPU, 8 threads"
    device = stamp.device_name if is_said else f"{stamp.device}: {stamp.device_name}".rstrip(": ")
    tool = f", installed by {stamp.tool}" if stamp.tool else ""
    return [
        ("Python", stamp.python + tool),
        ("PyTorch", stamp.torch),
        ("Device", device),
        ("Rerun", stamp.rerun or "Missing, jobs are not recorded"),
    ]


def _model_lines(files: list[WeightFile]) -> list[tuple[str, str]]:
    downloaded = f", {sum(bool(file.path) for file in files)} of {len(files)} downloaded" if files else ""
    return [("Models", f"2 included{downloaded}")]


def _disk_lines(stamp: SmokeTestResult | None, files: list[WeightFile], use) -> list[tuple[str, str]]:
    env_bytes = use.env_bytes if use else stamp.disk_bytes if stamp else 0
    models_bytes = sum(file.size_bytes if file.path else file.received_bytes for file in files)
    parts = {"environment": env_bytes, "models": models_bytes, "jobs": use.jobs_bytes if use else 0}
    words = ", ".join(f"{name} {format_bytes(count)}" for name, count in parts.items() if count)
    total = format_bytes(sum(parts.values()))
    jobs = [("Jobs", f"{use.jobs:,}, {format_bytes(use.jobs_bytes)}")] if use and use.jobs else []
    return [*jobs, ("Disk Usage", f"{total} ({words})" if words else total)]
