# SPDX-License-Identifier: GPL-3.0-or-later
"""Estimated duration and device: from earlier jobs on this machine, else the model's typical time.

A duration on the GPU does not predict one on the CPU, nor the other way round, so each is estimated from its own.
"""

import time
from dataclasses import replace
from pathlib import Path

from ...protocol.models import DEFAULT_QUALITY, MODELS, ModelInfo
from ...protocol.samplings import reused_steps
from ...system.lazy_dataclass import lazy_dataclass
from ..settings.choices import Choices, choices
from ..settings.properties import TEXT3D_Settings
from .environment_summary import smoke_test_result
from .session_state import has_running_worker, state
from .time_history import MAX_PER_WORK, Duration, read_durations

SLOW_S = 60.0
CACHE_FOR_S = 2.0
TYPICAL_START_S = 6.0
"""Seconds to start the worker and load a small model on two CPU cores."""
KIND_OF_TESTED = {"CPU": "cpu", "CUDA": "cuda", "ROCm": "cuda", "MPS": "mps"}
NAMES = {"": "CPU", "cpu": "CPU", "cuda": "GPU", "mps": "Apple GPU"}
SAMPLING_SHARE = {"mini": 0.3}
DEFAULT_SAMPLING_SHARE = 0.9
"""Share of denoising, as opposed to surface extraction, in the time of a standard object. See scripts/bench/."""
TWO_EVALUATIONS_QUALITY = "exact"
"""The quality whose solver evaluates the network twice per step."""

_tested_devices: dict[tuple[Path, Path | None], tuple[float, tuple[str, str]]] = {}


@lazy_dataclass(frozen=True)
class TimeEstimate:
    """The estimate for all results together.

    Attributes:
        seconds: Total duration, with the start of the worker if none runs; None if unknown for this device.
        device: "cpu", "cuda", "mps", or "" if unknown.
        device_name: Name of the device for the user.
        is_measured: True if it is based on jobs on this machine.
    """

    seconds: float | None
    device: str
    device_name: str
    is_measured: bool

    @property
    def is_slow(self) -> bool:
        """True if the panel should warn."""
        return self.seconds is not None and self.seconds > SLOW_S

    @property
    def text(self) -> str:
        """One line for the panel."""
        if self.seconds is None:
            return f"Not measured yet ({self.device_name})"
        name = NAMES["cpu"] if self.device == "cpu" else self.device_name  # without the number of threads
        return f"About {format_duration(self.seconds)} ({name}{', slow' if self.is_slow else ''})"


def estimate_time(settings: TEXT3D_Settings) -> TimeEstimate | None:
    """Return the estimate for the panel's settings, or None if the model has no such quality."""
    model = MODELS.get(settings.model)
    if model is None or settings.quality not in model.qualities:
        return None
    chosen = choices()
    device, name = device_of(settings.device, chosen)
    requested = requested_work(settings, model, device, name)
    times = durations_in(chosen.jobs_dir.parent)
    seconds, is_measured = work_seconds(requested, times)
    starting_s = 0.0 if has_running_worker() else worker_start_s(requested, times, is_measured)
    total = None if seconds is None else starting_s + settings.count * seconds
    return TimeEstimate(total, device, name or NAMES[device], is_measured)


def work_seconds(requested: Duration, times: list[Duration]) -> tuple[float | None, bool]:
    """Return the seconds of one job, None if unknown on its device, and whether they were measured here."""
    seconds = measured_s(requested, times)
    if seconds is not None or requested.device not in ("", "cpu"):
        return seconds, seconds is not None
    model = MODELS[requested.model]
    return model.typical_s * relative_work(requested) / relative_work(typical_work(model)), False


def worker_start_s(requested: Duration, times: list[Duration], is_measured: bool) -> float:
    """Return the median of the last starts of the worker on this device, those with this model first.

    Without any it is TYPICAL_START_S, or 0 beside a measured time: older versions did not measure the start.
    """
    here = [each for each in times if each.start_s and each.device == requested.device]
    with_model = [each for each in here if each.model == requested.model]
    starts = [each.start_s for each in (with_model or here)[:MAX_PER_WORK]]
    return median(starts) if starts else 0.0 if is_measured else TYPICAL_START_S


def requested_work(settings: TEXT3D_Settings, model: ModelInfo, device: str, name: str) -> Duration:
    """Return what the panel asks for as a Duration of 0 seconds."""
    default = model.qualities[settings.quality]
    steps, grid = (settings.steps, settings.grid) if settings.has_own_sampling else (default.steps, default.grid)
    return Duration(model.name, device, name, settings.quality, steps, grid, settings.outputs, 0.0)


def typical_work(model: ModelInfo) -> Duration:
    """Return the model's typical time as a Duration: of its standard quality, or its first if there is none."""
    quality = DEFAULT_QUALITY if DEFAULT_QUALITY in model.qualities else next(iter(model.qualities))
    default = model.qualities[quality]
    return Duration(model.name, "cpu", "", quality, default.steps, default.grid, "mesh", model.typical_s)


def measured_s(requested: Duration, times: list[Duration]) -> float | None:
    """Return the median of the last times of the same work on this device, else of other work of the model, scaled.

    None without any.
    """
    here = [duration for duration in times if (duration.model, duration.device) == (requested.model, requested.device)]
    here = [duration for duration in here if not requested.device_name or duration.device_name == requested.device_name]
    same = [each for each in here if each.is_same_work(replace(requested, device_name=each.device_name))]
    scaled = [each.seconds * relative_work(requested) / relative_work(each) for each in (same or here)[:MAX_PER_WORK]]
    return median(scaled) if scaled else None


def relative_work(work: Duration) -> float:
    """Return the work for these steps and this grid; about 1 for the model's undistilled standard quality."""
    model = MODELS[work.model]
    default = typical_work(model)
    undistilled = model.undistilled.get(DEFAULT_QUALITY)
    usual = undistilled.steps if undistilled else default.steps * evaluations_per_step(default, model)
    share = SAMPLING_SHARE.get(work.model.partition("/")[0], DEFAULT_SAMPLING_SHARE)
    evaluations = work.steps * evaluations_per_step(work, model)
    return share * evaluations / usual + (1 - share) * (work.grid / default.grid) ** 1.5


def evaluations_per_step(work: Duration, model: ModelInfo) -> float:
    """Return the evaluations of the network in a step, in pairs with and without guidance as of the standard solver."""
    if work.quality == TWO_EVALUATIONS_QUALITY:
        return 2.0
    sampling = model.qualities[work.quality]
    if work.quality in model.undistilled and work.steps in {model.qualities[name].steps for name in model.undistilled}:
        return 0.5  # of distilled weights; drafts of earlier versions took the steps of standard
    if work.steps != sampling.steps:
        return 1.0
    return 1.0 - 0.5 * reused_steps(sampling.steps, sampling.guidance_every) / sampling.steps


def device_of(requested: str, chosen: Choices) -> tuple[str, str]:
    """Return kind and name of the device: of the newest job, else of the environment's test, else ""."""
    if requested in state.devices:
        return state.devices[requested]
    kind, name = tested_device(chosen)
    return (kind, name) if requested in ("auto", kind) else (requested, "")


def tested_device(chosen: Choices) -> tuple[str, str]:
    """Return kind and name of the device of the environment's test, cached since panels call this while drawing."""
    key, now = (chosen.env_dir, chosen.own_python), time.monotonic()
    read_at, device = _tested_devices.get(key, (-CACHE_FOR_S, ("", "")))
    if now - read_at >= CACHE_FOR_S:
        tested = smoke_test_result(chosen)
        device = (KIND_OF_TESTED.get(tested.device, ""), tested.device_name) if tested else ("", "")
        _tested_devices[key] = (now, device)
    return device


def durations_in(data_dir: Path) -> list[Duration]:
    """Return the durations saved in the data folder, read once."""
    if data_dir not in state.times:
        state.times[data_dir] = read_durations(data_dir)
    return state.times[data_dir]


def format_duration(seconds: float) -> str:
    """Return a duration as text."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def median(times_s: list[float]) -> float:
    """Return the median of some times. The statistics module takes as long to import as 20 of the add-on's own."""
    from statistics import median

    return median(times_s)
