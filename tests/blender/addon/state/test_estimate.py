# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of time estimates."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state import time_estimate as module
from blender_text3d.addon.state.time_estimate import (
    TimeEstimate,
    device_of,
    durations_in,
    estimate_time,
    format_duration,
    measured_s,
    relative_work,
    requested_work,
    typical_work,
)
from blender_text3d.addon.state.time_history import Duration, save_duration
from blender_text3d.environment.smoke_test_result import SmokeTestResult
from blender_text3d.protocol.models import MODELS

MINI = Duration("mini/shap-e", "cuda", "Some Card", "standard", 20, 128, "mesh", 4.0)
DRAFT = MODELS["mini/shap-e"].qualities["draft"]
OFFICIAL = Duration("shap-e/text300M", "cuda", "Some Card", "standard", 16, 128, "mesh", 100.0)


def panel(**values):
    """Return the panel's settings."""
    return SimpleNamespace(
        **{
            "model": "mini/shap-e", "quality": "standard", "device": "auto", "count": 1, "outputs": "mesh",
            "has_own_sampling": False, "steps": 7, "grid": 32,
        }
        | values
    )  # fmt: skip


@pytest.fixture
def machine(clean_state, tmp_path, monkeypatch):
    """A function that sets the device that Set Up's test found."""
    chosen = Choices(tmp_path / "jobs", tmp_path / "worker-env", None, "", "auto", "", "")
    monkeypatch.setattr(module, "choices", lambda: chosen)

    def machine(device, device_name):
        module._tested_devices.clear()
        monkeypatch.setattr(
            module, "smoke_test_result", lambda _: SmokeTestResult("", "", device=device, device_name=device_name)
        )
        return chosen

    yield machine
    module._tested_devices.clear()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "1 s"), (0.4, "1 s"), (2.6, "3 s"), (89.9, "90 s"), (90, "2 min"), (149, "2 min"), (5399, "90 min"),
        (5400, "1.5 h"), (9000, "2.5 h"),
    ],
)  # fmt: skip
def test_a_duration_has_the_unit_of_its_length(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "device", "text"),
    [
        (None, "cuda", "Not measured yet (Some Card)"), (4.0, "cuda", "About 4 s (Some Card)"),
        (60.0, "cpu", "About 60 s (CPU)"), (60.1, "cpu", "About 60 s (CPU, slow)"),
        (60.1, "cuda", "About 60 s (Some Card, slow)"),
    ],
)  # fmt: skip
def test_more_than_a_minute_is_slow(seconds, device, text):
    estimate = TimeEstimate(seconds, device, "Some Card", True)
    assert estimate.text == text
    assert estimate.is_slow == ("slow" in text)


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (MINI, 1.0),
        (replace(MINI, steps=40), 1.3),
        (replace(MINI, grid=512), 0.3 + 0.7 * 8),
        (replace(MINI, quality="exact"), 1.3),
        (replace(MINI, quality="draft"), 1.0),
        (replace(MINI, steps=4), 0.3 * 0.1 + 0.7),
        (replace(MINI, steps=5), 0.3 * 0.25 + 0.7),
        (replace(MINI, model="mini/point-e", steps=4), 0.3 * 0.125 + 0.7),
        (replace(MINI, model="mini/point-e", steps=8), 0.3 * 0.5 + 0.7),
        (OFFICIAL, 1.0),
        (replace(OFFICIAL, steps=28), 1.9),
        (replace(OFFICIAL, quality="draft", steps=10), 0.9 * 9 / 14 + 0.1),
        (replace(OFFICIAL, grid=512), 0.9 + 0.1 * 8),
    ],
)
def test_work_grows_with_the_evaluations_of_the_network_and_with_the_grid(work, expected):
    assert relative_work(work) == pytest.approx(expected)


@pytest.mark.parametrize(("name", "steps", "seconds"), [("mini/point-e", 4, 3.0), ("shap-e/text300M", 16, 170.0)])
def test_the_typical_work_is_a_mesh_of_standard_quality_on_the_cpu(name, steps, seconds):
    assert typical_work(MODELS[name]) == Duration(name, "cpu", "", "standard", steps, 128, "mesh", seconds)


def test_a_model_without_standard_quality_has_the_typical_work_of_its_first():
    model = MODELS["mini/shap-e"]._replace(qualities={"fast": MODELS["mini/shap-e"].qualities["draft"]})
    assert typical_work(model) == Duration(
        "mini/shap-e", "cpu", "", "fast", DRAFT.steps, DRAFT.grid, "mesh", model.typical_s
    )


def test_the_requested_work_is_that_of_the_quality_or_of_the_panels_own_sampling():
    model = MODELS["mini/shap-e"]
    assert requested_work(panel(quality="draft", outputs="both"), model, "cuda", "Some Card") == Duration(
        "mini/shap-e", "cuda", "Some Card", "draft", DRAFT.steps, DRAFT.grid, "both", 0.0
    )
    own = requested_work(panel(has_own_sampling=True), model, "cuda", "Some Card")
    assert (own.steps, own.grid) == (7, 32)


REQUESTED = replace(MINI, seconds=0.0)


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ([], None),
        ([MINI], 4.0),
        ([replace(MINI, model="mini/point-e")], None),
        ([replace(MINI, device="cpu")], None),
        ([replace(MINI, device_name="Other Card")], None),
        ([replace(MINI, steps=40, seconds=13.0), MINI], 4.0),
        ([replace(MINI, steps=40, seconds=13.0)], 10.0),
        ([replace(MINI, steps=40, seconds=13.0), replace(MINI, grid=512, seconds=59.0)], 10.0),
    ],
)
def test_the_newest_time_of_the_same_work_on_the_same_device_counts_else_that_of_other_work(times, seconds):
    assert measured_s(REQUESTED, times) == (seconds if seconds is None else pytest.approx(seconds))


def test_more_work_than_any_so_far_takes_more_time():
    assert measured_s(replace(REQUESTED, steps=40), [MINI]) == pytest.approx(4.0 * 1.3)


def test_without_the_name_of_the_device_the_newest_of_its_kind_counts():
    unnamed = replace(REQUESTED, device_name="")
    times = [replace(MINI, steps=40, device_name="Third Card", seconds=9.0), replace(MINI, device_name="Other Card")]
    assert measured_s(unnamed, times) == 4.0


def test_the_device_of_the_newest_job_comes_before_that_of_the_test(clean_state, machine):
    chosen = machine("CUDA", "Some Card")
    clean_state.devices["auto"] = ("cpu", "CPU, 8 threads")
    assert device_of("auto", chosen) == ("cpu", "CPU, 8 threads")
    assert device_of("cuda", chosen) == ("cuda", "Some Card")


@pytest.mark.parametrize(
    ("tested", "requested", "device"),
    [
        ("CPU", "auto", "cpu"), ("CUDA", "auto", "cuda"), ("ROCm", "auto", "cuda"), ("MPS", "auto", "mps"),
        ("MPS", "mps", "mps"), ("XPU", "auto", ""),
    ],
)  # fmt: skip
def test_the_tested_device_is_the_one_that_is_chosen_automatically(machine, tested, requested, device):
    assert device_of(requested, machine(tested, "Its Name")) == (device, "Its Name")


def test_another_device_than_the_tested_one_has_no_name(machine):
    assert device_of("cpu", machine("CUDA", "Some Card")) == ("cpu", "")


def test_the_result_of_the_test_is_read_again_after_two_seconds(machine, monkeypatch):
    chosen, clock = machine("CUDA", "First"), SimpleNamespace(now=50.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now))
    names = iter(("First", "Second", "Third"))
    monkeypatch.setattr(module, "smoke_test_result", lambda _: SmokeTestResult("", "", "", "CUDA", next(names)))
    found = []
    for clock.now in (50.0, 51.9, 52.0, 52.1):
        found.append(module.tested_device(chosen))
    assert found == [("cuda", "First")] * 2 + [("cuda", "Second")] * 2
    assert module.tested_device(replace(chosen, own_python=Path("/usr/bin/python3"))) == ("cuda", "Third")


def test_a_missing_test_is_no_device(machine, monkeypatch):
    chosen = machine("CUDA", "Some Card")
    monkeypatch.setattr(module, "smoke_test_result", lambda _: None)
    assert module.tested_device(chosen) == ("", "")


def test_durations_are_read_from_the_disk_once(clean_state, tmp_path):
    save_duration(tmp_path, MINI)
    assert durations_in(tmp_path) == [MINI]
    save_duration(tmp_path, replace(MINI, steps=40))
    assert durations_in(tmp_path) == [MINI]


@pytest.mark.parametrize("values", [{"model": "of a newer version"}, {"quality": "of a newer version"}])
def test_without_such_a_model_or_quality_there_is_no_estimate(machine, values):
    machine("CPU", "CPU, 8 threads")
    assert estimate_time(panel(**values)) is None


def test_before_the_first_job_only_the_cpu_has_an_estimate(machine):
    machine("CPU", "CPU, 8 threads")
    start_s = module.TYPICAL_START_S  # no worker runs
    assert estimate_time(panel(count=3)) == TimeEstimate(pytest.approx(start_s + 9), "cpu", "CPU, 8 threads", False)
    assert estimate_time(panel(model="shap-e/text300M", quality="exact")).seconds == pytest.approx(
        start_s + 170 * (0.9 * 2 * 64 / 14 + 0.1)
    )
    machine("", "")
    assert estimate_time(panel()) == TimeEstimate(pytest.approx(start_s + 3), "", "CPU", False)
    machine("CUDA", "Some Card")
    assert estimate_time(panel()) == TimeEstimate(None, "cuda", "Some Card", False)


@pytest.mark.parametrize(("device", "name"), [("cuda", "GPU"), ("mps", "Apple GPU"), ("cpu", "CPU")])
def test_a_device_that_was_not_tested_is_named_by_its_kind(machine, device, name):
    machine("CUDA" if device != "cuda" else "CPU", "Some Card")
    assert estimate_time(panel(device=device)).device_name == name


def test_a_measured_time_is_that_of_all_results(clean_state, machine, tmp_path):
    machine("CUDA", "Some Card")
    save_duration(tmp_path, replace(MINI, steps=4))
    assert estimate_time(panel(count=3)) == TimeEstimate(12.0, "cuda", "Some Card", True)
