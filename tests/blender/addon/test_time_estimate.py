# SPDX-License-Identifier: GPL-3.0-or-later
"""Time estimates for this device and these settings, never from another device's time."""

import json
from dataclasses import asdict

import bpy
import pytest

from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state import time_estimate as module
from blender_text3d.addon.state.session_state import SessionState, apply_event, state
from blender_text3d.addon.state.time_estimate import estimate_time
from blender_text3d.addon.state.time_history import FILE_NAME, MAX_KEPT, Duration, read_durations, save_duration
from blender_text3d.environment.smoke_test_result import SmokeTestResult, override_result_path, write_test_result
from blender_text3d.protocol.events import Finished, Started
from tests.blender.recording_layout import drawn

CARD = ("cuda", "NVIDIA RTX 3060")


def started(device="cuda:0", name="NVIDIA RTX 3060"):
    return Started(
        pid=1, host="here", device=device, device_name=name, engine_version="0", torch_version="0", weights_sha256="a"
    )


@pytest.fixture
def worker_runs(monkeypatch):
    """A worker that runs already, so that its start takes no time."""
    monkeypatch.setattr(module, "has_running_worker", lambda: True)


@pytest.fixture
def tested(addon, tmp_path, worker_runs):
    """A function that writes the result of Set Up's test of this Python; the worker runs."""
    module._tested_devices.clear()

    def tested(device, name):
        module._tested_devices.clear()
        chosen = choices()
        data_dir = chosen.env_dir.parent
        data_dir.mkdir(parents=True, exist_ok=True)
        stamp = SmokeTestResult("3.13", str(chosen.own_python), device=device, device_name=name)
        write_test_result(override_result_path(data_dir), stamp)

    return tested


@pytest.fixture
def record_duration(addon):
    """A function that stores a duration of this machine."""

    def record(
        seconds, model="mini/shap-e", device=CARD, quality="standard", steps=4, grid=128, outputs="mesh", start_s=0.0
    ):
        data_dir = choices().jobs_dir.parent
        data_dir.mkdir(parents=True, exist_ok=True)
        state.times[data_dir] = save_duration(
            data_dir, Duration(model, *device, quality, steps, grid, outputs, seconds, start_s)
        )

    return record


def test_before_the_first_object_the_device_is_the_one_that_set_up_found(addon, tested):
    tested("CPU", "CPU, 8 threads")
    assert estimate_time(addon).text == "About 3 s (CPU)"
    assert "About 3 s (CPU)" in drawn()


def test_a_cpu_time_is_not_used_for_a_gpu(addon, tested):
    tested("CUDA", "NVIDIA RTX 3060")
    assert estimate_time(addon).text == "Not measured yet (NVIDIA RTX 3060)"
    addon.model = "shap-e/text300M"
    assert estimate_time(addon).seconds is None


def test_a_gpu_time_is_not_used_for_the_cpu(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(4.0, model="shap-e/text300M", steps=16)
    addon.model = "shap-e/text300M"
    assert estimate_time(addon).text == "About 4 s (NVIDIA RTX 3060)"
    addon.device = "cpu"
    assert estimate_time(addon).text == "About 3 min (CPU, slow)"


def test_official_models_on_the_cpu_warn_with_the_measured_minutes(addon, tested):
    tested("CPU", "CPU, 8 threads")
    addon.model = "point-e/base1B"
    assert estimate_time(addon).is_slow
    assert estimate_time(addon).text == "About 29 min (CPU, slow)"
    message = drawn()
    assert "About 29 min (CPU, slow)" in message
    assert "Estimate, not measured here" in message


def test_a_time_measured_here_is_not_marked_as_an_estimate(addon, tested, record_duration):
    tested("CPU", "CPU, 8 threads")
    record_duration(240.0, model="shap-e/text300M", device=("cpu", "CPU, 8 threads"), steps=16)
    addon.model = "shap-e/text300M"
    message = drawn()
    assert "About 4 min (CPU, slow)" in message
    assert "Estimate" not in message


def test_the_time_of_another_gpu_is_not_used(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(4.0, device=("cuda", "NVIDIA GT 710"))
    assert estimate_time(addon).seconds is None


def test_times_are_known_in_the_next_session(addon, tested):
    bpy.ops.text3d.generate()
    vars(state).update(times=SessionState().times, devices={})
    tested("CPU", "Test Device")
    expected = estimate_time(addon)
    assert (expected.seconds, expected.is_measured, expected.device_name) == (1.5, True, "Test Device")


def test_the_estimate_is_the_median_of_the_last_five(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    for seconds in (1.0, 90.0, 5.0, 20.0, 3.0, 6.0):
        record_duration(seconds)
    assert estimate_time(addon).seconds == 6.0
    addon.quality = "draft"
    draft = estimate_time(addon).seconds
    record_duration(500.0, steps=5)
    assert estimate_time(addon).seconds == pytest.approx(draft)  # of the newest five, one is out of line


def test_the_start_of_the_worker_is_included_when_none_runs(addon, tested, record_duration, monkeypatch):
    tested("CUDA", "NVIDIA RTX 3060")
    for start_s in (0.0, 9.0, 0.0, 7.0, 20.0):
        record_duration(10.0, start_s=start_s)
    assert estimate_time(addon).seconds == 10.0
    monkeypatch.setattr(module, "has_running_worker", lambda: False)
    assert estimate_time(addon).seconds == 19.0
    addon.count = 3
    assert estimate_time(addon).seconds == 39.0
    addon.device = "cpu"
    assert estimate_time(addon).seconds == module.TYPICAL_START_S + 3 * 3.0


def test_a_measured_time_of_an_older_version_is_shown_as_it_was(addon, tested, record_duration, monkeypatch):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(10.0)
    monkeypatch.setattr(module, "has_running_worker", lambda: False)
    assert estimate_time(addon).seconds == 10.0


def test_the_first_job_measures_the_start_of_the_worker_and_the_next_one_does_not(addon, start_job, drive):
    (first,) = start_job("a chair")
    drive(lambda: not state.jobs)
    (second,) = start_job("a chair")
    drive(lambda: not state.jobs)
    assert (first.starts_worker, second.starts_worker) == (True, False)
    ((newest, oldest),) = state.times.values()
    assert newest.start_s == 0
    assert first.began_at == first.submitted_at
    assert second.began_at > second.submitted_at
    assert oldest.start_s >= 0


def test_draft_is_quicker_and_exact_slower_than_standard(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(10.0)
    seconds = {}
    for quality in ("draft", "standard", "exact"):
        addon.quality = quality
        seconds[quality] = estimate_time(addon).seconds
    assert seconds["draft"] < 0.7 * seconds["standard"]
    assert seconds["standard"] == 10.0
    assert seconds["exact"] > 2 * seconds["standard"]


@pytest.mark.parametrize(
    ("model", "quality", "at_least", "at_most"),  # seconds of one thread: README and scripts/bench/official.md
    [
        ("mini/shap-e", "draft", 0.1, 0.25), ("mini/shap-e", "exact", 1.4, 2.2),
        ("shap-e/text300M", "draft", 120, 160), ("shap-e/text300M", "exact", 1600, 2200),
    ],
)  # fmt: skip
def test_other_qualities_are_estimated_as_they_were_measured(
    addon, tested, record_duration, model, quality, at_least, at_most
):
    tested("CPU", "CPU, 1 thread")
    steps = 16 if model.startswith("shap-e") else 4
    record_duration(
        {"mini/shap-e": 0.45, "shap-e/text300M": 214.0}[model], model, ("cpu", "CPU, 1 thread"), steps=steps
    )
    addon.model, addon.quality = model, quality
    assert at_least <= estimate_time(addon).seconds <= at_most


def test_own_steps_and_grid_count(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(10.0)
    addon.has_own_sampling, addon.steps, addon.grid = True, 20, 256
    finer = estimate_time(addon).seconds
    addon.steps, addon.grid = 200, 128
    assert finer > 20
    assert estimate_time(addon).seconds > 30


def test_a_measured_time_is_preferred_to_a_scaled_one(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(7.0, quality="draft", steps=2, grid=64)
    record_duration(10.0)
    addon.quality = "draft"
    assert estimate_time(addon).seconds == 7.0
    addon.count = 3
    assert estimate_time(addon).seconds == 21.0


def test_a_draft_of_an_earlier_version_which_took_more_steps_is_scaled(addon, tested, record_duration):
    tested("CUDA", "NVIDIA RTX 3060")
    record_duration(7.0, quality="draft", steps=4, grid=64)
    addon.quality = "draft"
    assert 3.5 < estimate_time(addon).seconds < 7.0


def finish(job, device="cuda:0", seconds=4.0):
    apply_event(job, started(device))
    apply_event(job, Finished(elapsed_s=seconds, files={}))
    state.jobs.pop(job.folder.job_id)


def test_the_device_of_the_last_job_comes_before_the_tested_one(addon, start_job, tested):
    tested("CPU", "CPU, 8 threads")
    finish(*start_job("silent"))
    assert estimate_time(addon).text == "About 4 s (NVIDIA RTX 3060)"


def test_batches_latents_and_views_are_not_recorded(addon, start_job):
    first, second = start_job("silent", count=2)
    for job in (first, second):
        apply_event(job, started())
    for job in (first, second):
        apply_event(job, Finished(elapsed_s=9.0, files={}))
        state.jobs.pop(job.folder.job_id)
    assert not state.times


def test_jobs_one_after_the_other_teach(addon, start_job):
    first, second = start_job("silent", count=2)
    finish(first)
    finish(second, seconds=3.0)
    ((newest, oldest),) = state.times.values()
    assert (newest.seconds, oldest.seconds) == (3.0, 4.0)


@pytest.mark.parametrize(
    "content", ["", "{", "{}", "[5]", '[{"model": "mini/shap-e"}]', "[" * 5000, '"times"', "null", "5"]
)
def test_a_broken_file_of_times_is_no_time(tmp_path, content):
    (tmp_path / FILE_NAME).write_text(content)
    assert read_durations(tmp_path) == []


@pytest.mark.parametrize("change", [{"seconds": -1}, {"seconds": "5"}, {"steps": 0}, {"grid": True}, {"model": 5}])
def test_a_broken_time_is_passed_over(tmp_path, change):
    good = Duration("mini/shap-e", *CARD, "draft", 12, 64, "mesh", 2.0)
    (tmp_path / FILE_NAME).write_text(json.dumps([asdict(good) | change, asdict(good)]))
    assert read_durations(tmp_path) == [good]


def test_the_newest_time_replaces_an_older_one_and_the_file_stays_small(tmp_path):
    for steps in range(1, MAX_KEPT + 20):
        times = save_duration(tmp_path, Duration("mini/shap-e", *CARD, "draft", steps, 64, "mesh", 2.0))
    assert len(times) == MAX_KEPT
    times = save_duration(tmp_path, Duration("mini/shap-e", *CARD, "draft", 50, 64, "mesh", 3.0))
    assert len(times) == MAX_KEPT
    assert times[0].seconds == 3.0
    assert read_durations(tmp_path) == times


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path):
    duration = Duration("mini/shap-e", *CARD, "draft", 12, 64, "mesh", 2.0)
    assert save_duration(tmp_path / "is" / "not", duration) == [duration]
