# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest progress in a run's log, which is untrusted."""

import json
import time
from datetime import UTC, datetime

import pytest

from blender_text3d.client.run_status import last_sentence, parse_status, read_status

GOOD = {"version": 1, "state": "running", "total": 10, "done": 4, "failed": 1, "existed": 2, "actors": 3}
GOOD |= {"objects_per_s": 1.5, "eta_s": 20}


def now():
    return {"updated_at": datetime.now(UTC).isoformat(timespec="seconds")}


def test_the_newest_progress_is_read_among_other_lines(tmp_path):
    log = tmp_path / "run.log"
    lines = [
        json.dumps(GOOD),
        json.dumps(GOOD | now() | {"done": 5}),
        '{"id": "a", "state": "made"}',
        "A sentence.",
        '{"half',
    ]
    log.write_text("\n".join(lines))
    status = read_status(log)
    assert (status.done, status.total, status.eta_s, status.actors) == (5, 10, 20, 3)
    assert status.share_done == pytest.approx(0.8)
    assert abs(status.updated_at - time.time()) < 60
    assert last_sentence(log) == "A sentence."


def test_a_missing_or_linked_log_has_no_progress(tmp_path):
    (tmp_path / "other").write_text(json.dumps(GOOD))
    (tmp_path / "link").symlink_to(tmp_path / "other")
    for name in ("none", "link"):
        assert read_status(tmp_path / name) is None
        assert last_sentence(tmp_path / name) == ""


@pytest.mark.parametrize("change", [{"version": 2}, {"state": "made"}, {"state": None}, {"version": "1"}])
def test_other_lines_are_no_progress(change):
    assert parse_status(json.dumps(GOOD | change)) is None


@pytest.mark.parametrize("line", ["", "null", "[]", "7", '"running"', "{", "NaN"])
def test_lines_that_are_no_objects_are_no_progress(line):
    assert parse_status(line) is None


@pytest.mark.parametrize("bad", [-1, 1.5, "9", None, True, [], 10**30])
def test_bad_numbers_become_harmless_ones(bad):
    values = dict.fromkeys(("total", "done", "failed", "existed", "actors", "objects_per_s", "eta_s"), bad)
    status = parse_status(json.dumps(GOOD | values | {"updated_at": bad}))
    assert 0 <= status.done <= 10**9
    assert 0 <= status.objects_per_s <= 10**9
    assert 0 <= status.share_done <= 1


def test_a_run_that_wrote_nothing_for_minutes_is_silent_unless_it_has_ended():
    old = {"updated_at": "2020-01-01T00:00:00+00:00"}
    assert not parse_status(json.dumps(GOOD | now())).is_silent
    assert parse_status(json.dumps(GOOD | old)).is_silent
    ended = parse_status(json.dumps(GOOD | old | {"state": "finished"}))
    assert (ended.is_silent, ended.is_ended) == (False, True)
