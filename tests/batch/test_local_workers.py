# SPDX-License-Identifier: GPL-3.0-or-later
"""Makers as processes of this machine: what they are handed out, what they answer, and how they end."""

import time

import pytest

from blender_text3d.batch import local_workers
from blender_text3d.batch.cluster.errors import UnfitNode
from blender_text3d.batch.cluster.object_maker import MakerSettings, Order
from blender_text3d.batch.core_groups import CoreGroup
from blender_text3d.batch.local_workers import LocalFleet, MakerDied

SETTINGS = MakerSettings("out", "", 1, False, "", 0, False, False, False, 60.0, 500)
ORDERS = [Order("a", {}, "line 1", 0), Order("b", {}, "line 2", 0)]

ANSWERS = """
import json, os, sys, time
settings = json.loads(sys.stdin.readline())
def tell(values): print(json.dumps(values), flush=True)
tell({"ready": os.getpid()})
for line in sys.stdin:
    orders = json.loads(line)
    %s
tell({"closed": 1})
"""
MAKES = ANSWERS % (
    "seen = f\"{settings['threads']} {os.environ['OMP_NUM_THREADS']} {os.environ.get('CUDA_VISIBLE_DEVICES')}\"\n"
    '    tell({"results": [[order[0], "made", seen, 1.0] for order in orders]})'
)


@pytest.fixture
def fleet_of(monkeypatch):
    """Return a function that makes a fleet whose makers run a script; all end afterwards."""
    fleets = []

    def make(script, *groups):
        monkeypatch.setattr(local_workers, "maker_options", lambda: ["-c", script])
        fleets.append(LocalFleet(SETTINGS, groups or (CoreGroup(0, 1),)))
        fleets[-1].refresh(len(groups) or 1)
        return fleets[-1]

    yield make
    for fleet in fleets:
        fleet.close()


def ended(fleet, count=1):
    """Wait until so many works have ended; returns them."""
    found, give_up = [], time.monotonic() + 60
    while len(found) < count and time.monotonic() < give_up:
        found += fleet.wait(0.1)
    return found


def until_idle(fleet, count=1):
    give_up = time.monotonic() + 60
    while len(fleet.idle) < count and time.monotonic() < give_up:
        assert fleet.wait(0.1) == []
    return fleet.idle


def test_each_group_has_a_maker_with_its_threads_and_gpu(fleet_of):
    fleet = fleet_of(MAKES, CoreGroup(0, 3, True, "7"), CoreGroup(1, 2))
    for maker in until_idle(fleet, 2):
        fleet.hand_out(maker, ORDERS)
    assert fleet.idle == []
    ends = ended(fleet, 2)
    assert sorted(one.results[0].reason for one in ends) == ["2 2 None", "3 3 7"]
    assert [[result.object_id for result in one.results] for one in ends] == [["a", "b"]] * 2
    assert len(fleet.idle) == 2


def test_no_more_makers_start_than_there_is_work_for(fleet_of):
    fleet = fleet_of(MAKES, CoreGroup(0, 1))
    fleet._groups = [CoreGroup(0, 1), CoreGroup(1, 1), CoreGroup(2, 1)]
    fleet.refresh(1)
    assert len(fleet.makers) == 1
    fleet.refresh(2)
    fleet.refresh(2)
    assert [maker.group.number for maker in fleet.makers] == [0, 1]


@pytest.mark.parametrize("answer", ["os._exit(9)", 'print("no JSON", flush=True)', 'tell({"results": [["a"]]})'])
def test_a_maker_that_dies_or_answers_nonsense_is_replaced(fleet_of, answer):
    fleet = fleet_of(ANSWERS % answer)
    (maker,) = until_idle(fleet)
    fleet.hand_out(maker, ORDERS)
    (end,) = ended(fleet)
    assert isinstance(end.error, MakerDied)
    assert (end.maker, end.results, end.is_unfit, fleet.makers) == (maker, [], False, [])
    assert maker.process.poll() is not None
    fleet.refresh(1)
    assert until_idle(fleet)[0].name != maker.name


def test_after_three_makers_that_never_became_ready_there_is_no_other(fleet_of):
    fleet = fleet_of("raise SystemExit(3)")
    for is_last in (False, False, True):
        (end,) = ended(fleet)
        assert (end.is_unfit, str(end.error)) == (is_last, "exit code 3")
        fleet.refresh(1)
    assert fleet.makers == []
    assert fleet.unfit == {"this machine": "exit code 3"}


def test_a_machine_that_cannot_make_the_objects_says_why(fleet_of):
    fleet = fleet_of(ANSWERS % 'tell({"unfit": "No weights."}); break')
    fleet.hand_out(until_idle(fleet)[0], ORDERS)
    (end,) = ended(fleet)
    assert isinstance(end.error, UnfitNode)
    assert (str(end.error), end.is_unfit, fleet.unfit) == ("No weights.", True, {"this machine": "No weights."})
    fleet.refresh(1)
    assert fleet.makers == []


def test_a_removed_maker_ends_and_what_it_said_before_does_not_count(fleet_of):
    fleet = fleet_of(MAKES)
    (maker,) = until_idle(fleet)
    fleet.hand_out(maker, ORDERS)
    fleet.remove(maker)
    assert maker.process.poll() is not None
    assert fleet.wait(1.0) == []


def test_an_idle_maker_may_end_by_itself_and_a_busy_one_is_killed(fleet_of, tmp_path):
    done = tmp_path / "done"
    script = ANSWERS.replace('tell({"closed": 1})', f"open({str(done)!r}, 'w')") % "time.sleep(600)"
    fleet = fleet_of(script, CoreGroup(0, 1), CoreGroup(1, 1))
    idle, busy = until_idle(fleet, 2)
    fleet.hand_out(busy, ORDERS)
    fleet.close()
    assert done.exists()
    assert (idle.process.returncode, busy.process.returncode != 0, fleet.makers) == (0, True, [])


def test_a_python_that_cannot_be_run_is_told(fleet_of, monkeypatch):
    monkeypatch.setattr(local_workers.sys, "executable", "/nowhere/python")
    fleet = fleet_of(MAKES)
    assert (fleet.makers, list(fleet.unfit.values())) == (
        [],
        ["/nowhere/python cannot be run (No such file or directory)."],
    )
