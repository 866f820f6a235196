# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of durations. It is untrusted, and writing it must not matter."""

import json
from dataclasses import asdict, replace

import pytest

from blender_text3d.addon.state.time_history import Duration, read_durations, save_duration

GOOD = Duration("mini/shap-e", "cuda", "Some Card", "draft", 12, 64, "mesh", 2.0)


def stored(folder, durations):
    (folder / "times.json").write_text(json.dumps([asdict(each) for each in durations]), encoding="utf-8")


@pytest.mark.parametrize("name", ["steps", "grid", "seconds"])
@pytest.mark.parametrize(
    ("value", "is_valid"),
    [
        (0, False),
        (-1, False),
        (1, True),
        (1e-9, True),
        (999_999_999.0, True),
        (1e9, False),
        (True, False),
        ("1", False),
    ],
)
def test_a_number_is_above_zero_and_below_a_billion(name, value, is_valid):
    assert replace(GOOD, **{name: value}).is_valid() is is_valid


@pytest.mark.parametrize("name", ["model", "device", "device_name", "quality", "outputs"])
def test_a_name_is_text(name):
    assert replace(GOOD, **{name: ""}).is_valid()
    assert not replace(GOOD, **{name: None}).is_valid()


def test_the_same_work_differs_in_its_times_alone():
    assert GOOD.is_same_work(replace(GOOD, seconds=9.0, start_s=4.0))
    assert not GOOD.is_same_work(replace(GOOD, grid=65))


def test_durations_are_read_in_their_order_without_invalid_ones(tmp_path):
    durations = [replace(GOOD, steps=steps) for steps in (3, 1, 2)]
    stored(tmp_path, [durations[0], replace(GOOD, seconds=0), *durations[1:]])
    assert read_durations(tmp_path) == durations


@pytest.mark.parametrize("count", [200, 201])
def test_at_most_two_hundred_are_read(tmp_path, count):
    durations = [replace(GOOD, steps=steps + 1) for steps in range(count)]
    stored(tmp_path, durations)
    assert read_durations(tmp_path) == durations[:200]


@pytest.mark.parametrize(("length", "is_read"), [(2**20, True), (2**20 + 1, False)])
def test_a_file_of_more_than_a_mebibyte_is_not_read(tmp_path, length, is_read):
    stored(tmp_path, [GOOD])
    text = (tmp_path / "times.json").read_text()
    (tmp_path / "times.json").write_text(text.ljust(length))
    assert read_durations(tmp_path) == ([GOOD] if is_read else [])


def test_times_of_older_versions_have_no_start_of_the_worker(tmp_path):
    values = asdict(GOOD)
    del values["start_s"]
    (tmp_path / "times.json").write_text(json.dumps([values]))
    assert read_durations(tmp_path) == [GOOD]
    assert GOOD.start_s == 0


@pytest.mark.parametrize(("start_s", "is_valid"), [(0, True), (5.5, True), (-1, False), ("1", False), (1e9, False)])
def test_a_start_of_the_worker_takes_no_negative_time(start_s, is_valid):
    assert replace(GOOD, start_s=start_s).is_valid() is is_valid


def test_unknown_and_missing_fields_make_the_file_invalid(tmp_path):
    for values in (asdict(GOOD) | {"more": 1}, {"model": "mini/shap-e"}):
        (tmp_path / "times.json").write_text(json.dumps([values]))
        assert read_durations(tmp_path) == []


def test_a_saved_duration_is_the_first_and_replaces_the_oldest_of_five_of_the_same_work(tmp_path):
    other = replace(GOOD, grid=128)
    assert save_duration(tmp_path, other) == [other]
    last = [replace(GOOD, seconds=float(number)) for number in range(1, 8)]
    for duration in last:
        times = save_duration(tmp_path, duration)
    assert times == [*reversed(last[2:]), other]
    assert read_durations(tmp_path) == times
    assert [file.name for file in tmp_path.iterdir()] == ["times.json"]


def test_the_oldest_of_two_hundred_makes_room(tmp_path):
    durations = [replace(GOOD, steps=steps + 1) for steps in range(200)]
    stored(tmp_path, durations)
    newest = replace(GOOD, steps=999)
    assert save_duration(tmp_path, newest) == [newest, *durations[:199]]
    assert read_durations(tmp_path) == [newest, *durations[:199]]


def test_an_invalid_duration_is_not_saved(tmp_path):
    save_duration(tmp_path, GOOD)
    assert save_duration(tmp_path, replace(GOOD, seconds=0.0)) == [GOOD]
    assert read_durations(tmp_path) == [GOOD]
