# SPDX-License-Identifier: GPL-3.0-or-later
from itertools import count
from types import SimpleNamespace

from scripts.bench import __main__ as bench
from scripts.bench import batch, engine


class ThreeStages:
    """An engine without networks."""

    def generate(self, recipe):
        for stage in ("load", "sample", "sample", "mesh"):
            yield SimpleNamespace(stage=stage)


def test_each_step_s_time_goes_to_the_stage_that_it_reports(monkeypatch):
    ticks = count()
    monkeypatch.setattr(engine.time, "perf_counter", lambda: next(ticks))
    assert engine.stage_times_s(ThreeStages(), "draft") == {"load": 1, "sample": 2, "mesh": 1}


def test_compared_measurements_alternate():
    order = []
    measurements = {name: lambda name=name: order.append(name) or {"all": name} for name in ("own", "official")}
    runs = engine.alternate(measurements, 2)
    assert order == ["own", "official", "own", "official"]
    assert runs["official"] == [{"all": "official"}] * 2


def test_every_quality_is_compared_with_the_default_one(monkeypatch):
    ticks = count()
    monkeypatch.setattr(engine.time, "perf_counter", lambda: next(ticks))
    rows = {row["what"]: row for row in engine.compare_qualities(ThreeStages(), 2)}
    assert rows["exact: prompt to mesh, models loaded"]["note"] == "1.00 x standard"
    assert (rows["draft: stage sample"]["value"], rows["draft: stage sample"]["note"]) == (2, "50%")


def test_the_table_has_one_line_per_row():
    rows = [engine.row("draft: stage mesh", 1.23456, "s", "40%"), engine.row("peak memory", 512.0, "MB")]
    lines = bench.table(rows).splitlines()
    assert lines[-2:] == ["| draft: stage mesh | 1.235 | s | 40% |", "| peak memory | 512 | MB |  |"]


class Driver:
    """A process that ends while it is waited for."""

    pid, returncode = 1, None

    def wait(self, timeout):
        self.returncode = 0


def test_a_run_ends_with_its_process_and_what_others_still_take_then_counts(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(batch.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(batch.time, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds))
    monkeypatch.setattr(batch, "children_of", lambda driver: [SimpleNamespace(pid=2)])
    running = iter([{1: 1.0, 2: 0.5}, {2: 0.7}, {2: 0.9}, {}])
    monkeypatch.setattr(batch, "running_times", lambda known: next(running))
    assert batch.followed(SimpleNamespace(pid=1), Driver()) == ({1: 1.0, 2: 0.9}, 0.0)
    assert clock.now > 0.0
