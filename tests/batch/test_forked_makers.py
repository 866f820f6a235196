# SPDX-License-Identifier: GPL-3.0-or-later
"""Makers and workers that are forked from one process, which imports PyTorch and loads the model for all of them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.worker.gate import Gate
from tests.worker.scripted_python import scripted_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")

REPOSITORY = Path(__file__).parents[2]
GIVE_UP_S = 600.0
COUNTS_ENGINES = """
import threading
own = scripted_engine.Engine
def counted():
    open("{log}", "a").write(f"{{os.getpid()}} {{threading.active_count()}}\\n")
    return own()
scripted_engine.Engine = counted
"""
TEMPLATE = "blender_text3d.batch.maker_template"


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path / "gate")


def counting_python(tmp_path, gate, extra=""):
    """Return a worker's Python with the scripted engine, which writes down each process that creates an engine.

    Workers wait at the gate; `own` is the class of the engine in the extra statements.
    """
    return scripted_python(tmp_path, gate.script(f"{COUNTS_ENGINES.format(log=tmp_path / 'engines')}\n{extra}"))


def command(tmp_path, count, python, *options, word="chair"):
    prompts = tmp_path / f"{count}.txt"
    prompts.write_text("\n".join(f"{word} {number}" for number in range(count)), encoding="utf-8")
    files = ["--jobs", str(prompts), "--out", str(tmp_path / "out"), "--python", str(python)]
    return [sys.executable, "-m", "blender_text3d.batch", *files, *options]


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a command; what still runs is killed afterwards."""
    started = []

    def run(*arguments, **options):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen(command(tmp_path, *arguments, **options), cwd=REPOSITORY, **pipes))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def children(process):
    return {child.pid: child for child in psutil.Process(process.pid).children(recursive=True)}


def family(process, wait_for=lambda template, makers, workers: len(workers) == 2):
    """Return the template, the makers and the workers of a run, as soon as they are there."""
    give_up = time.monotonic() + GIVE_UP_S
    while time.monotonic() < give_up and process.poll() is None:
        try:
            own = psutil.Process(process.pid).children()
            template = next((child for child in own if TEMPLATE in child.cmdline()), None)
            makers = template.children() if template else []
            workers = [worker for maker in makers for worker in maker.children()]
        except psutil.Error:
            continue
        if wait_for(template, makers, workers):
            return template, makers, workers
        time.sleep(0.02)
    raise AssertionError(process.communicate())


def engines(tmp_path):
    return (tmp_path / "engines").read_text().splitlines()


def objects(tmp_path):
    return sorted(path.name for path in (tmp_path / "out" / "objects").iterdir())


def test_one_process_without_other_threads_has_created_the_engine_of_all_workers(start, gate, tmp_path):
    process = start(8, counting_python(tmp_path, gate), "--workers", "2")
    template, makers, workers = family(process)
    gate.open()
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, len(objects(tmp_path))) == (0, 8), err
    assert engines(tmp_path) == [f"{template.pid} 1"]
    assert not psutil.wait_procs([template, *makers, *workers], timeout=GIVE_UP_S)[1]


@pytest.mark.parametrize("role", [1, 2], ids=["maker", "worker"])
def test_one_that_is_killed_is_forked_again_and_its_objects_are_made(start, gate, tmp_path, role):
    process = start(8, counting_python(tmp_path, gate), "--workers", "2")
    template, *others = family(process)
    victim = [template, *others][role][0]
    victim.kill()
    family(process, lambda _, makers, workers: len(workers) == 2 and victim not in [*makers, *workers])
    gate.open()
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, len(objects(tmp_path))) == (0, 8), err
    assert engines(tmp_path) == [f"{template.pid} 1"]


def test_without_the_template_makers_go_on_and_new_ones_are_processes_of_their_own(start, gate, tmp_path):
    process = start(8, counting_python(tmp_path, gate), "--workers", "2")
    template, (maker, *_), _ = family(process)
    gate.wait_for(2)  # so each has orders
    template.kill()
    maker.kill()
    gate.wait_for(3)
    gate.open()
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, len(objects(tmp_path))) == (0, 8), err
    first, *later = engines(tmp_path)
    assert first == f"{template.pid} 1"
    assert later, "no worker with an engine of its own"
    assert "A process that made objects ended (it broke down)." in err


def test_if_no_template_can_start_each_worker_imports_for_itself(start, gate, tmp_path):
    fails = f"if module == {TEMPLATE!r}: raise SystemExit(3)"
    process = start(8, counting_python(tmp_path, gate, fails), "--workers", "2")
    gate.wait_for(2)
    gate.open()
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, len(objects(tmp_path))) == (0, 8), err
    assert len(engines(tmp_path)) == 2
    assert "ended" not in err


def test_a_model_that_cannot_be_loaded_is_told_by_the_objects(start, gate, tmp_path):
    fails = f"if module == {TEMPLATE!r}: own.load = lambda *_, **__: 1 / 0"
    gate.open()
    process = start(4, counting_python(tmp_path, gate, fails), "--workers", "2", "--accept-final-failures")
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0, err
    assert "ZeroDivisionError" in err
    assert len(objects(tmp_path)) + len((tmp_path / "out" / "failed.jsonl").read_text().splitlines()) >= 4


def test_all_end_with_the_process_that_hands_out(start, gate, tmp_path):
    process = start(8, counting_python(tmp_path, gate), "--workers", "2")
    template, makers, workers = family(process)
    process.kill()
    gate.open()
    assert not psutil.wait_procs([template, *makers, *workers], timeout=GIVE_UP_S)[1]
    process = start(8, counting_python(tmp_path, gate), "--workers", "2")
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert (process.returncode, len(objects(tmp_path))) == (0, 8), err


def test_a_prompt_that_kills_its_worker_leaves_the_others_alone(start, gate, tmp_path):
    gate.open()
    process = start(4, counting_python(tmp_path, gate), "--workers", "2", "--accept-final-failures", word="a crash")
    _, err = process.communicate(timeout=GIVE_UP_S)
    assert process.returncode == 0, err
    failed = [json.loads(line) for line in (tmp_path / "out" / "failed.jsonl").read_text().splitlines()]
    assert len({one["id"] for one in failed if one["is_final"]}) == 4
    assert engines(tmp_path) == engines(tmp_path)[:1]


THREADS = """
import os, sys
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
import torch
from pathlib import Path
from types import SimpleNamespace
from blender_text3d.batch import maker_template
from blender_text3d.protocol.request import make_requests

def threads():
    return len(os.listdir("/proc/self/task"))

def run(engine):
    (model,) = engine._loaded
    before = threads()
    values = torch.rand(512, 512)
    for _ in range(20):
        values = torch.tanh(values @ values)
    print(torch.get_num_threads(), before, threads(), model[0], flush=True)

maker_template.worker.run = run
engine = maker_template.preloaded(make_requests("a red chair")[0].to_values())
print("template", threads(), flush=True)
for count in (1, 2, 3):
    described = SimpleNamespace(variables={"OMP_NUM_THREADS": str(count)})
    assert maker_template.forked_worker(engine, described, sys.stdout).wait() == 0
"""


@pytest.mark.slow
def test_each_worker_has_its_threads_and_the_loaded_model_and_what_it_was_forked_from_has_one_thread():
    """The real engine: a fork of a process that had started OpenMP's threads would wait for them for ever."""
    run = subprocess.run(
        [sys.executable, "-c", THREADS],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        timeout=GIVE_UP_S,
        env=os.environ,
    )
    first, *workers = run.stdout.splitlines()
    assert first == "template 1", run.stderr
    told = [line.split() for line in workers]
    assert [(line[0], line[1], line[3]) for line in told] == [(str(n), "1", "mini/shap-e") for n in (1, 2, 3)]
    assert [int(line[2]) >= n for n, line in enumerate(told, start=1)] == [True] * 3
