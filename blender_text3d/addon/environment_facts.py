# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the worker's environment, in words for panel and preferences. Looks at small files only; no bpy."""

from ..setup.paths import worker_python
from ..setup.stamp import FILE_NAME, Stamp, own_stamp_path, read_stamp
from ..setup.torch_build import build_in, is_another
from .weight_files import WeightFile, in_bytes

UNTESTED = "not tested yet: Check and Repair does it"


def stamp_of(choices) -> Stamp | None:
    """What the worker's own test found out about the Python that is in use, None where it was not tested.

    Args:
        choices: The preferences, as in preferences.Choices.
    """
    if choices.own_python is None:
        return read_stamp(worker_python(choices.env_dir).parent.parent / FILE_NAME)
    stamp = read_stamp(own_stamp_path(choices.env_dir.parent))
    return stamp if stamp and stamp.executable == str(choices.own_python) else None


def is_to_be_renewed(stamp: Stamp | None, choices) -> bool:
    """Whether preferences and machine ask for another build of PyTorch or another Python than the environment has.

    Args:
        stamp: Of the environment.
        choices: The preferences, as in preferences.Choices.
    """
    if stamp is None or choices.own_python is not None:
        return False
    is_python = bool(stamp.wish and choices.base_python) and choices.base_python != stamp.wished_python
    return is_python or is_another(choices.torch, choices.torch_index, stamp.wish, stamp.build or build_in(stamp.torch))


def facts(stamp: Stamp | None, files: list[WeightFile]) -> list[tuple[str, str]]:
    """Names and values, a line each.

    Args:
        stamp: Of the environment.
        files: Of all models, as far as they are known.
    """
    return [*(_of_stamp(stamp) if stamp else [("Environment", UNTESTED)]), *_of_disk(stamp, files)]


def _of_stamp(stamp: Stamp) -> list[tuple[str, str]]:
    is_said = stamp.device in stamp.device_name  # "CPU, 8 threads"
    device = stamp.device_name if is_said else f"{stamp.device}: {stamp.device_name}".rstrip(": ")
    tool = f", installed by {stamp.tool}" if stamp.tool else ""
    return [
        ("Python", stamp.python + tool),
        ("PyTorch", stamp.torch),
        ("Device", device),
        ("Rerun", stamp.rerun or "missing: jobs are not recorded"),
    ]


def _of_disk(stamp: Stamp | None, files: list[WeightFile]) -> list[tuple[str, str]]:
    here = [file for file in files if file.path]
    weights_bytes = sum(file.size_bytes if file.path else file.come_bytes for file in files)
    count = f"{len(here)} of {len(files)} official files" if files else "not known yet"
    models = ("Models", f"two small ones, and {count}")
    env_bytes = stamp.disk_bytes if stamp else 0
    parts = [f"environment {in_bytes(env_bytes)}"] * bool(env_bytes) + [f"models {in_bytes(weights_bytes)}"] * bool(
        here
    )
    return [models, ("Disk Used", in_bytes(env_bytes + weights_bytes) + (f" ({', '.join(parts)})" if parts else ""))]
