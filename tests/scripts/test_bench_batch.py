# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of lists: prompts, processor time of all processes, and the table."""

import sys
from types import SimpleNamespace

import pytest

from scripts.bench import __main__ as bench
from scripts.bench import batch
from scripts.bench.batch import Run, Way

BURN = "import time\nwhile time.process_time() < 0.5: pass"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}])"


def test_all_prompts_differ():
    assert len(set(batch.prompts_of(360))) == 360
    assert batch.prompts_of(2) == ["a red chair", "a red mug"]


def test_processor_time_is_that_of_all_processes_and_of_the_first():
    run = batch.measure(Way("burns", lambda *_: ["-c", PARENT]), 1)
    assert run.cpu >= 0.3
    assert run.driver < run.cpu - 0.2
    assert run.wall >= 0.5


def test_a_run_that_fails_ends_the_measurement_with_what_it_said():
    with pytest.raises(SystemExit, match="broken: no weights"):
        batch.measure(Way("broken", lambda *_: ["-c", "raise SystemExit('no weights')"]), 1)


def test_each_list_is_a_file_for_the_command():
    (way,) = batch.all_ways(None, [3])
    assert way.name == "3 workers"
    arguments = way.arguments("PROMPTS", "OUT", "JOBS")
    assert arguments[1:7] == ["--jobs", "PROMPTS", "--out", "OUT", "--workers", "3"]


def test_the_other_checkout_comes_first_with_its_own_command(tmp_path):
    against, *_ = batch.all_ways(tmp_path, [1, 2])
    arguments = against.arguments("PROMPTS", "OUT", "JOBS")
    assert arguments[0] == str(tmp_path.resolve() / "scripts/batch_generate.py")
    assert arguments[arguments.index("--jobs-dir") + 1] == "JOBS"


def test_the_figures_beyond_the_start_are_those_of_the_difference():
    found = batch.figures(Run(10.0, 12.0, 1.0), Run(20.0, 32.0, 1.5), [5, 25])
    assert list(found.values()) == pytest.approx([0.5, 1.25, 2.0, 12.0, 1.0, 0.025])


def test_the_table_has_the_ratio_to_the_first_way_within_each_round():
    rounds = []
    for load in (1.0, 3.0):
        rounds.append({("old", 2): Run(8 * load, 8, 1), ("old", 6): Run(16 * load, 16, 1)})
        rounds[-1] |= {("new", 2): Run(4 * load, 4, 1), ("new", 6): Run(6 * load, 8, 1)}
    lines = batch.table(rounds, ["old", "new"], [2, 6])
    assert len({line.count("|") for line in lines}) == 1
    assert "| 4.00 (4.00 to 4.00) |" in lines[-1]
    assert "| 0.50 (0.50 to 0.50) |" in lines[-1]


def test_the_options_of_lists_are_passed_on(monkeypatch):
    called = []
    monkeypatch.setattr(sys, "argv", ["bench", "--worker-python", "python", "--batch", "--rounds", "2"])
    done = SimpleNamespace(returncode=0)
    monkeypatch.setattr(bench.subprocess, "run", lambda command: called.append(command) or done)
    assert bench.main() == 0
    assert called[0][1:] == [str(bench.HERE / "batch.py"), "--rounds", "2"]
