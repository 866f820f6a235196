# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that panels make of the state, without a panel."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.environment_task import environment_task
from blender_text3d.addon.panels import environment, fix_buttons, main, messages, text_wrap, weights
from blender_text3d.addon.panels.text_wrap import draw_wrapped, wrapped
from blender_text3d.addon.state import count_text
from blender_text3d.addon.state.problem import BUTTONS
from blender_text3d.addon.state.weight_files import Transfer, WeightFile
from blender_text3d.environment.progress import Progress
from tests.blender.recording_layout import RecordingLayout

FILE = WeightFile("shap-e/x", "about", 900, 100, "", "", ("shap-e/text300M",), "MIT", "", "")


@pytest.fixture
def job(new_job, monkeypatch):
    """A job that has just reported step 2 of 8."""
    job = new_job()
    job.stage, job.index, job.total, job.updated_at, job.stage_since = "sample", 2, 8, 100.0, 90.0
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(type(job), "silent_s", property(lambda self: clock.now - self.updated_at))
    job.clock = clock
    return job


@pytest.mark.parametrize(
    ("changes", "now", "text"),
    [
        ({}, 100.0, "Sampling  ·  2/8"),
        ({"total": 1}, 100.0, "Sampling"),
        ({"stage": "load"}, 100.0, "Loading Model"),
        ({"stage": "of a newer version"}, 100.0, "Of a newer version  ·  2/8"),
        ({}, 105.0, "Sampling  ·  2/8"),
        ({}, 106.0, "Sampling  ·  2/8  ·  16 s"),
        ({"eta_s": 30.0}, 100.0, "Sampling  ·  2/8  ·  30 s left"),
        ({"eta_s": 30.0}, 104.0, "Sampling  ·  2/8  ·  26 s left"),
        ({"eta_s": 4.0}, 104.0, "Sampling  ·  2/8"),
        ({"eta_s": 30.0, "is_cancel_requested": True}, 100.0, "Canceling…"),
        ({"eta_s": 30.0, "is_cancel_requested": True}, 106.0, "Canceling…  ·  16 s"),
    ],
)
def test_the_progress_is_stage_step_time_of_slow_steps_and_time_left(job, changes, now, text):
    vars(job).update(changes)
    job.clock.now = now
    assert main.progress_text(job) == text


@pytest.mark.parametrize(
    ("is_running", "device", "text"),
    [(True, "Some Card", "Waiting"), (True, "", "Starting"), (False, "Some Card", "Starting")],
)
def test_a_queued_job_waits_if_the_worker_has_started_one_before(
    job, clean_state, monkeypatch, is_running, device, text
):
    monkeypatch.setattr(main, "has_running_worker", lambda: is_running)
    clean_state.device, job.stage = device, "queued"
    assert main.stage_text(job) == text


@pytest.mark.parametrize(
    ("now", "is_running", "text"),
    [
        (159.9, True, ""),
        (160.0, True, "Still running, last update 60 s ago"),
        (400.0, True, "Still running, last update 5 min ago"),
        (400.0, False, ""),
    ],
)
def test_a_worker_that_is_silent_for_a_minute_is_mentioned(job, monkeypatch, now, is_running, text):
    monkeypatch.setattr(messages, "has_running_worker", lambda: is_running)
    job.clock.now = now
    assert messages.stall_message(job) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs")])
def test_one_thing_is_singular(count, text):
    assert count_text.counted(count, "job") == text


def test_earlier_jobs_are_counted():
    assert messages.running_text(1) == "1 earlier job running"
    assert messages.running_text(3) == "3 earlier jobs running"


def test_a_notice_is_shown_as_long_as_its_job_or_object_is_there(scene, new_job, clean_state):
    new_job("active")
    clean_state.ended["ended"] = new_job("ended")
    del clean_state.jobs["ended"]
    target, other = bpy.data.objects.new("chair", None), bpy.data.objects.new("table", None)
    target["text3d_job_id"], other["text3d_job_id"] = "imported", "another job"
    clean_state.results = {"imported": "chair", "replaced": "table", "deleted": "sofa"}
    for job_id in ("", "active", "ended", "imported", "replaced", "deleted", "unknown"):
        clean_state.notice(f"about {job_id}", job_id)
        assert (messages.current_notices() == [f"about {job_id}"]) == (job_id in ("", "active", "ended", "imported"))
        clean_state.notices.clear()


@pytest.mark.parametrize(
    ("total", "done", "text"),
    [({}, {}, "Importing…"), ({"a": 3_000_000, "b": 1_000_000}, {"a": 2_000_000, "b": 500_000}, "2 MB of 4 MB")],
)
def test_a_transfer_shows_the_bytes_of_all_files(total, done, text):
    assert weights.amount_text(Transfer("Importing", total_bytes=total, done_bytes=done)) == text


@pytest.mark.parametrize(
    ("total", "rate", "text"),
    [
        ({}, 0.0, ""), ({"a": 9_000_000}, 0.0, ""), ({}, 1_000_000.0, "1 MB/s"),
        ({"a": 9_000_000}, 1_000_000.0, "1 MB/s  ·  9 s left"),
    ],
)  # fmt: skip
def test_a_transfer_shows_the_rate_and_the_time_left_if_they_are_known(total, rate, text):
    assert weights.rate_text(Transfer("Importing", total_bytes=total, bytes_per_s=rate)) == text


def test_what_is_missing_is_the_rest_of_all_files():
    assert weights.missing_bytes([FILE, FILE]) == 1600
    assert (
        weights.missing_bytes([WeightFile(*(list(vars(FILE).values())[:3]), 2000, *list(vars(FILE).values())[4:])]) == 0
    )
    assert weights.missing_bytes([]) == 0


@pytest.mark.parametrize(
    ("progress", "lines"),
    [
        (Progress("Now"), []),
        (Progress("Now", done_bytes=500_000_000, of_bytes=2_000_000_000), ["500 MB of about 2 GB"]),
        (Progress("Now", of_bytes=2_000_000_000), []),
        (Progress("Now", done_bytes=500_000_000), []),
        (Progress("Now", bytes_per_s=1e6), ["1 MB/s"]),
        (Progress("Now", left_s=0.0), ["1 s left"]),
        (
            Progress("Now", 0.5, "working", "", 5_000_000, 10_000_000, 1e6, 90.0),
            ["5 MB of about 10 MB", "1 MB/s  ·  2 min left"],
        ),
    ],
)
def test_setup_shows_bytes_and_rate_on_two_lines_as_far_as_they_are_known(monkeypatch, progress, lines):
    monkeypatch.setattr(environment_task, "newest", progress)
    assert environment.transfer_lines() == lines


@pytest.mark.parametrize(("count", "text"), [(2e9, "2 GB"), (7.5e9, "7.50 GB"), (14e9, "14 GB"), (5e6, "5 MB")])
def test_an_estimated_size_has_no_zeros_behind_the_point(count, text):
    assert environment.rounded_size(count) == text


def test_text_is_wrapped_at_spaces_and_after_slashes_and_words_stay_whole():
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("a/long/path/to/file", 8) == ["a/long/", "path/to/", "file"]
    assert wrapped(r"C:\long\path", 8) == ["C:\\long\\", "path"]
    assert wrapped("unbreakable-word-of-text", 5) == ["unbreakable-word-of-text"]
    assert wrapped("", 5) == []


class Layout:
    """A layout that records labels with their icons."""

    def __init__(self):
        self.labels, self.scale_y = [], 1.0

    def column(self, align):
        return self

    def label(self, text, icon):
        self.labels.append((text, icon))


def context(width, ui_scale=1.0):
    region = SimpleNamespace(width=width) if width else None
    return SimpleNamespace(preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=ui_scale)), region=region)


@pytest.mark.parametrize(
    ("width", "ui_scale", "icon", "share", "characters"),
    [
        (300, 1.0, "INFO", 1.0, 35),
        (300, 1.0, "NONE", 1.0, 38),
        (600, 2.0, "INFO", 1.0, 35),
        (300, 0.0, "INFO", 1.0, 35),
        (None, 1.0, "INFO", 1.0, 35),
        (600, 1.0, "INFO", 0.5, 35),
        (100, 1.0, "INFO", 1.0, 20),
        (375, 1.0, "INFO", 1.0, 45),
    ],
)
def test_lines_have_the_characters_that_fit_beside_the_icon(width, ui_scale, icon, share, characters):
    layout = Layout()
    draw_wrapped(layout, "x " * 100, icon, context(width, ui_scale), share=share)
    assert max(len(text) for text, _ in layout.labels) in (characters, characters - 1)
    assert len(layout.labels[0][0]) == characters - (characters + 1) % 2
    rest = "NONE" if icon == "NONE" else "BLANK1"
    assert [shown for _, shown in layout.labels] == [icon] + [rest] * (len(layout.labels) - 1)


class Buttons:
    """A layout that records operators, row by row."""

    def __init__(self):
        self.rows = []

    def column(self, align):
        return self

    def row(self, align):
        self.rows.append([])
        return self

    def operator(self, identifier, text, icon):
        button = SimpleNamespace()
        self.rows[-1].append((identifier, text, vars(button)))
        return button


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        ((), []),
        (("again",), [["Retry"]]),
        (("again", "log"), [["Retry"], ["Open Log"]]),
        (("draft", "processor", "free", "again", "log"),
         [["Use Draft Quality"], ["Use CPU", "Unload Model"], ["Retry", "Open Log"]]),
        (("draft", "processor", "again", "log"), [["Use Draft Quality"], ["Use CPU", "Retry"], ["Open Log"]]),
    ],
)  # fmt: skip
def test_the_best_fix_has_a_row_of_its_own_and_the_others_go_in_pairs(names, rows):
    layout = Buttons()
    fix_buttons.draw_all(layout, names)
    assert [[label for _, label, _ in row] for row in layout.rows] == rows


@pytest.mark.parametrize(
    ("name", "operator", "values"),
    [
        ("setup", "text3d.set_up", {}), ("renew", "text3d.set_up", {"is_anew": True}), ("repair", "text3d.repair", {}),
        ("again", "text3d.try_again", {"how": "same"}), ("draft", "text3d.try_again", {"how": "draft"}),
        ("processor", "text3d.try_again", {"how": "processor"}), ("seed", "text3d.try_again", {"how": "seed"}),
        ("device", "text3d.try_again", {"how": "device"}), ("mini", "text3d.try_again", {"how": "mini"}),
        ("sample", "text3d.try_again", {"how": "sample"}), ("import", "text3d.import_weights", {"model": "some/model"}),
    ],
)  # fmt: skip
def test_a_fix_button_calls_its_operator_with_its_values(name, operator, values):
    layout = Buttons()
    fix_buttons.draw(layout.row(True), name, "some/model")
    assert [(button[0], button[2]) for button in layout.rows[0]] == [(operator, values)]


def test_every_fix_has_a_button_with_a_label_of_its_own():
    labels = [fix_buttons.fix_button(name).label for name in {name for names in BUTTONS.values() for name in names}]
    assert len(labels) == len(set(labels))
    assert max(map(len, labels)) - text_wrap.MARGIN_CHARACTERS < text_wrap.MIN_CHARACTERS


def test_the_likeliest_kinds_of_an_uncertain_image_are_buttons_that_fill_the_prompt(addon):
    layout = RecordingLayout()
    messages.draw_notice(
        layout, "Not sure: it looks like a dog, a plane or an armchair. Using: a yellow dog.", bpy.context
    )
    used = [button for button in layout.buttons if button.rna.identifier == "TEXT3D_OT_use_prompt"]
    assert [button.values["prompt"] for button in used] == ["a yellow dog", "a yellow plane", "a yellow armchair"]
    layout = RecordingLayout()
    messages.draw_notice(layout, "Recognized: a yellow dog.", bpy.context)
    assert all(button.rna.identifier != "TEXT3D_OT_use_prompt" for button in layout.buttons)
