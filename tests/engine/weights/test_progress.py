# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates of a download: when they are due, their rate, and their JSON."""

import json
from types import SimpleNamespace

import pytest

from blender_text3d.engine.weights.progress import ProgressUpdate, RateMeter

UPDATE = ProgressUpdate("download", "test/net", "message")


@pytest.fixture
def clock():
    return SimpleNamespace(now=100.0)


def test_an_update_is_due_at_first_and_then_after_its_interval(clock):
    meter = RateMeter(0.2, clock=lambda: clock.now)
    assert meter.is_due()
    meter.update(UPDATE, 0, 0)
    assert not meter.is_due()
    clock.now += 0.1
    assert not meter.is_due()
    clock.now = 100.2 + 1e-9
    assert meter.is_due()


def test_the_rate_is_that_of_the_last_five_seconds(clock):
    meter = RateMeter(0.0, clock=lambda: clock.now)
    for now, done, rate in [(100, 0, 0), (101, 300, 300), (105, 500, 100), (106, 500, 40), (112, 900, 0)]:
        clock.now = float(now)
        assert meter.update(UPDATE, done, 0).bytes_per_s == rate


@pytest.mark.parametrize(
    ("done", "of_bytes", "left_s"), [(500, 1500, 2.0), (500, 500, 0.0), (500, 0, None), (0, 1500, None)]
)
def test_the_time_left_needs_a_rate_and_a_size(clock, done, of_bytes, left_s):
    meter = RateMeter(0.0, clock=lambda: clock.now)
    meter.update(UPDATE, 0, of_bytes)
    clock.now += 1
    update = meter.update(UPDATE, done, of_bytes)
    assert (update.done_bytes, update.of_bytes, update.left_s) == (done, of_bytes, left_s)
    assert (update.stage, update.checkpoint, update.message) == ("download", "test/net", "message")


def test_two_measurements_at_one_moment_give_no_rate(clock):
    meter = RateMeter(0.0, clock=lambda: clock.now)
    meter.update(UPDATE, 0, 100)
    assert meter.update(UPDATE, 50, 100).bytes_per_s == 0.0


def test_an_update_as_json_has_all_fields():
    assert json.loads(UPDATE.to_json()) == {
        "stage": "download", "checkpoint": "test/net", "message": "message", "done_bytes": 0, "of_bytes": 0,
        "bytes_per_s": 0.0, "left_s": None,
    }  # fmt: skip
