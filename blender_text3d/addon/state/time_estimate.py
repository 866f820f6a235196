# SPDX-License-Identifier: GPL-3.0-or-later
"""How long it will take, and on what: measured here where it was done before, else the model's typical time.

A card's time says nothing of a processor's, nor the other way round, so where only the other is known, nothing is said.
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from ...protocol.models import DEFAULT_QUALITY, MODELS, ModelInfo
from ..settings.choices import Choices, choices
from ..settings.properties import TEXT3D_Settings
from .environment_summary import test_result_of
from .session_state import state
from .time_history import Duration, read_durations

SLOW_S = 60.0
CACHE_FOR_S = 2.0
KIND_OF_TESTED = {"CPU": "cpu", "CUDA": "cuda", "ROCm": "cuda", "MPS": "mps"}
NAMES = {"": "CPU", "cpu": "CPU", "cuda": "GPU", "mps": "Apple GPU"}
SAMPLING_SHARE = {"mini": 0.3}
DEFAULT_SAMPLING_SHARE = 0.9
"""Of a standard object's time that goes into denoising, not into the surface: README, scripts/bench_official.md."""
TWO_EVALUATIONS_QUALITY = "exact"
"""The quality whose solver evaluates the network twice a step."""

_tested_devices: dict[tuple[Path, Path | None], tuple[float, tuple[str, str]]] = {}


@dataclass(frozen=True)
class TimeEstimate:
    """What to expect of all results together.

    Attributes:
        seconds: None where nothing is known of this device yet.
        device: "cpu", "cuda", "mps"; "" where nobody knows.
        device_name: What a person calls it.
        is_measured: Whether it was measured on this machine.
    """

    seconds: float | None
    device: str
    device_name: str
    is_measured: bool

    @property
    def is_slow(self) -> bool:
        """Whether the user should think twice."""
        return self.seconds is not None and self.seconds > SLOW_S

    @property
    def text(self) -> str:
        """One line for the panel."""
        if self.seconds is None:
            return f"Not measured yet ({self.device_name})"
        name = NAMES["cpu"] if self.device == "cpu" else self.device_name  # without the number of threads
        return f"About {format_duration(self.seconds)} ({name}{', slow' if self.is_slow else ''})"


def estimate_time(settings: TEXT3D_Settings) -> TimeEstimate | None:
    """For what the panel says; None where the model has no such quality."""
    model = MODELS.get(settings.model)
    if model is None or settings.quality not in model.qualities:
        return None
    chosen = choices()
    device, name = device_of(settings.device, chosen)
    asked = requested_work(settings, model, device, name)
    seconds = measured_s(asked, durations_in(chosen.jobs_dir.parent))
    is_measured = seconds is not None
    if not is_measured and device in ("", "cpu"):
        seconds = model.typical_s * relative_work(asked) / relative_work(typical_work(model))
    whole = None if seconds is None else settings.count * seconds
    return TimeEstimate(whole, device, name or NAMES[device], is_measured)


def requested_work(settings: TEXT3D_Settings, model: ModelInfo, device: str, name: str) -> Duration:
    """What the panel asks for, in the form in which times are kept; its own time is not known."""
    usual = model.qualities[settings.quality]
    steps, grid = (settings.steps, settings.grid) if settings.has_own_sampling else (usual.steps, usual.grid)
    return Duration(model.name, device, name, settings.quality, steps, grid, settings.outputs, 0.0)


def typical_work(model: ModelInfo) -> Duration:
    """What the model's typical time is of: its standard quality, or the first where it has none of that name."""
    quality = DEFAULT_QUALITY if DEFAULT_QUALITY in model.qualities else next(iter(model.qualities))
    usual = model.qualities[quality]
    return Duration(model.name, "cpu", "", quality, usual.steps, usual.grid, "mesh", model.typical_s)


def measured_s(asked: Duration, times: list[Duration]) -> float | None:
    """Seconds on this device: of the same, else of the same model, stretched by steps and grid; None without any."""
    here = [took for took in times if (took.model, took.device) == (asked.model, asked.device)]
    here = [took for took in here if not asked.device_name or took.device_name == asked.device_name]
    same = [took for took in here if took.is_same_work(replace(asked, device_name=took.device_name))]
    best = next(iter([*same, *here]), None)
    return best and best.seconds * relative_work(asked) / relative_work(best)


def relative_work(took: Duration) -> float:
    """Work that steps and grid make, about 1 for the model's standard quality."""
    usual = typical_work(MODELS[took.model])
    share = SAMPLING_SHARE.get(took.model.partition("/")[0], DEFAULT_SAMPLING_SHARE)
    evaluations = took.steps * (2 if took.quality == TWO_EVALUATIONS_QUALITY else 1)
    return share * evaluations / usual.steps + (1 - share) * (took.grid / usual.grid) ** 1.5


def device_of(asked: str, chosen: Choices) -> tuple[str, str]:
    """Kind and name of the device: the one seen at work, else the one that Set Up's test found; "" for the unknown."""
    if asked in state.devices:
        return state.devices[asked]
    kind, name = tested_device(chosen)
    return (kind, name) if asked in ("auto", kind) else (asked, "")


def tested_device(chosen: Choices) -> tuple[str, str]:
    """Kind and name of what the environment was tested on; looked up now and then, for this is asked while drawing."""
    key, now = (chosen.env_dir, chosen.own_python), time.monotonic()
    read_at, device = _tested_devices.get(key, (-CACHE_FOR_S, ("", "")))
    if now - read_at >= CACHE_FOR_S:
        stamp = test_result_of(chosen)
        device = (KIND_OF_TESTED.get(stamp.device, ""), stamp.device_name) if stamp else ("", "")
        _tested_devices[key] = (now, device)
    return device


def durations_in(data_dir: Path) -> list[Duration]:
    """What was kept in the data folder, read once."""
    if data_dir not in state.times:
        state.times[data_dir] = read_durations(data_dir)
    return state.times[data_dir]


def format_duration(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
