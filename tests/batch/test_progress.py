# SPDX-License-Identifier: GPL-3.0-or-later
"""progress.json: complete at any moment, at most once a second, and its numbers add up."""

import json

import pytest

from blender_text3d.batch.progress import FILE_NAME, Counts, RunProgress, duration
from blender_text3d.client.run_status import FINISHED, RUNNING


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(tmp_path, clock):
    return RunProgress(tmp_path, clock)


def written(tmp_path):
    return json.loads((tmp_path / FILE_NAME).read_text())


def test_the_file_has_all_that_followers_need(progress, tmp_path):
    progress.write()
    names = "version state reason total waiting running done failed stolen existed actors objects_per_s eta_s"
    assert list(written(tmp_path)) == [*names.split(), "started_at", "updated_at"]
    assert written(tmp_path)["state"] == "starting"
    assert written(tmp_path)["updated_at"].endswith("+00:00")


def test_it_is_written_once_a_second_and_at_once_when_the_state_changes(progress, clock, tmp_path):
    assert progress.update(Counts(total=9, waiting=9))
    clock.now += 0.5
    assert not progress.update(Counts(total=9, waiting=8, done=1))
    assert written(tmp_path)["done"] == 0
    progress.set_state(RUNNING)
    assert (written(tmp_path)["state"], written(tmp_path)["done"]) == ("running", 1)
    clock.now += 1.0
    assert progress.update(Counts(total=9, waiting=7, done=2))
    assert written(tmp_path)["done"] == 2


def test_the_rate_is_that_of_the_last_minute(progress, clock):
    progress.set_state(RUNNING)
    done = 0
    for second in range(300):
        clock.now += 1.0
        done += 1 if second < 200 else 2
        progress.update(Counts(total=1000, waiting=1000 - done, done=done))
    assert progress.objects_per_s == pytest.approx(2.0, rel=0.05)
    assert progress.eta_s == pytest.approx((1000 - done) / 2, rel=0.05)


def test_the_time_left_is_unknown_before_the_first_and_nothing_after_the_last(progress, clock):
    progress.update(Counts(total=3, waiting=3))
    assert progress.eta_s is None
    progress.counts = Counts(total=3, done=3)
    progress.set_state(FINISHED)
    assert progress.eta_s == 0


def test_a_line_tells_what_counts(progress, clock):
    progress.set_state(RUNNING)
    clock.now += 10
    progress.update(Counts(total=100, waiting=60, running=10, done=20, failed=3, existed=7, stolen=2, actors=2))
    assert progress.sentence() == (
        "20 of 100 made, 10 running, 60 waiting, 7 existed, 3 failed, 2 stolen, 2.00 objects/s, 2 processes, 35 s left"
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (90_061, "25 h 1 min")]
)
def test_durations_have_two_units(seconds, text):
    assert duration(seconds) == text
