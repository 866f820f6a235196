# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in small steps."""

import itertools
import math
from types import SimpleNamespace

from blender_text3d.system import run_steps as module
from blender_text3d.system.run_steps import run_for, run_steps


def steps(count, taken):
    for number in range(count):
        taken.append(number)
        yield
    return "done"


def test_all_steps_are_taken_and_their_value_is_returned():
    taken = []
    assert run_steps(steps(3, taken)) == "done"
    assert taken == [0, 1, 2]


def test_steps_are_taken_for_their_time_and_the_rest_later(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    taken = []
    work = steps(5, taken)
    assert not run_for(work, 0)
    assert taken == []
    assert not run_for(work, 3)
    assert taken == [0, 1]
    assert run_for(work, math.inf)
    assert taken == [0, 1, 2, 3, 4]
