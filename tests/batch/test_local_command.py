# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that several workers share, with real processes and the scripted engine."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.worker.gate import Gate
from tests.worker.scripted_python import WITH_SCRIPTED_ENGINE, changed_engine, scripted_python

GIVE_UP_S = 600.0
REPOSITORY = Path(__file__).parents[2]
AFTER_TWO = """
import time
def held(generate_batch=scripted_engine.Engine.generate_batch):
    batches = []
    def waits(self, recipes):
        batches.append(len(recipes))
        while len(batches) > 2 and not os.path.exists({go!r}):
            time.sleep(0.02)
        yield from generate_batch(self, recipes)
    return waits
scripted_engine.Engine.generate_batch = held()
"""
"""Each worker makes two objects, and then waits until there is the file `go`."""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts the command for so many prompts; what still runs is killed afterwards."""
    started = []

    def run(count, *options, word="chair", script=WITH_SCRIPTED_ENGINE):
        prompts = tmp_path / f"{count}.txt"
        prompts.write_text("\n".join(f"{word} {number}" for number in range(count)), encoding="utf-8")
        files = ["--jobs", str(prompts), "--out", str(tmp_path / "out"), "--python"]
        files.append(str(scripted_python(tmp_path, script)))
        command = [sys.executable, "-m", "blender_text3d.batch", *files, *options]
        started.append(
            subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path / "gate")


def objects(tmp_path):
    return sorted(path.name for path in (tmp_path / "out" / "objects").iterdir())


def progress(tmp_path):
    return json.loads((tmp_path / "out" / "progress.json").read_text())


def descendants(process, module):
    """Return the processes that a run has started from a module, as soon as there is one.

    On Linux, these are forks of the template, in which a maker is the parent of its worker.
    """
    give_up = time.monotonic() + GIVE_UP_S
    while time.monotonic() < give_up and process.poll() is None:
        started = [one for one in psutil.Process(process.pid).children(recursive=True) if line(one)]
        found = [one for one in started if module in " ".join(line(one))]
        if forks := [one for one in started if "batch.maker_template" in " ".join(line(one))]:
            generation = {"batch.local_maker": 2, "blender_text3d.worker": 3}[module]
            found = [one for one in forks if generation_of(one, process.pid) == generation]
        if found:
            return found
        time.sleep(0.05)
    return []


def generation_of(process, first):
    """Return how many generations after a process another one is; 0 if it has just ended."""
    try:
        return [parent.pid for parent in process.parents()].index(first) + 1
    except (psutil.Error, ValueError):
        return 0


def line(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_two_workers_make_each_object_once(start, gate, tmp_path):
    process = start(20, "--workers", "2", "--json", script=gate.script())
    gate.wait_for(2)
    give_up = time.monotonic() + GIVE_UP_S
    while progress(tmp_path)["actors"] < 2:
        assert time.monotonic() < give_up
        assert process.poll() is None
        time.sleep(0.05)
    gate.open()
    out, err = process.communicate(timeout=GIVE_UP_S)
    told = [json.loads(text) for text in out.splitlines()]
    made = [values["id"] for values in told if values["state"] == "made"]
    assert sorted(made) == objects(tmp_path)
    assert len(made) == 20
    assert "20 made, 0 existed, 0 repeated, 0 failed" in err
    values = progress(tmp_path)
    assert (values["state"], values["done"], values["waiting"], values["running"]) == ("finished", 20, 0, 0)
    assert not [path for path in (tmp_path / "out" / ".work").iterdir() if path.is_dir()]


def test_the_number_of_workers_is_that_of_the_machine_unless_there_is_little_to_do(start, tmp_path):
    start(2).communicate(timeout=GIVE_UP_S)
    assert not (tmp_path / "out" / "progress.json").exists()
    start(2, "--workers", "2", word="mug").communicate(timeout=GIVE_UP_S)
    assert progress(tmp_path)["done"] == 2


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("module", ["batch.local_maker", "blender_text3d.worker"])
def test_a_process_that_is_killed_is_replaced_and_its_objects_are_made(start, gate, tmp_path, module):
    process = start(20, "--workers", "2", script=gate.script())
    gate.wait_for(2)
    (victim, *_) = descendants(process, module)
    victim.kill()
    gate.wait_for(3)
    gate.open()
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0, err
    assert len(objects(tmp_path)) == 20
    assert progress(tmp_path)["failed"] == 0


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_keeps_what_is_done_and_the_next_run_makes_the_rest(start, tmp_path):
    script = changed_engine(AFTER_TWO.format(go=str(tmp_path / "go")))
    process = start(12, "--workers", "2", script=script)
    children = descendants(process, "blender_text3d.worker")
    while not objects(tmp_path):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, progress(tmp_path)["state"]) == (130, "stopped")
    assert "Run the same command again to make the rest." in err
    assert not psutil.wait_procs(children, timeout=GIVE_UP_S)[1]
    count = len(objects(tmp_path))
    assert 0 < count < 12
    (tmp_path / "go").touch()
    _, err = start(12, "--workers", "2", script=script).communicate(timeout=GIVE_UP_S)
    assert f"{12 - count} made, {count} existed" in err
    assert len(objects(tmp_path)) == 12


def test_two_commands_fill_one_folder(start, tmp_path):
    first, second = start(20, "--workers", "2"), start(20, "--workers", "2", "--count", "1")
    for process in (first, second):
        _, err = process.communicate(timeout=GIVE_UP_S)
        assert process.returncode == 0, err
    assert len(objects(tmp_path)) == 20


def test_final_failures_of_several_workers_may_be_accepted(start, tmp_path):
    for options, expected in ((["--accept-final-failures", "--openjd"], 0), ([], 1)):
        process = start(2, "--workers", "2", *options, word="a crash")
        out, err = process.communicate()
        assert process.returncode == expected, err
        assert ("All of these failures are final" in err, "openjd_fail" in out) == (not expected, False)
    assert len((tmp_path / "out" / "failed.jsonl").read_text().splitlines()) == 6
