# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a real Ray cluster with real workers and the scripted engine: every object ends once, whatever happens."""

import json
import os
import signal
import time
from contextlib import suppress
from types import SimpleNamespace

import psutil
import pytest

from blender_text3d.batch.cluster.connect import connected
from blender_text3d.batch.cluster.errors import RunFailed
from blender_text3d.batch.cluster.fleet import Fleet
from blender_text3d.batch.cluster.object_maker import MakerSettings
from blender_text3d.batch.cluster.run import FleetRun
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.orders import Chunk, ChunkOrder, object_id
from blender_text3d.protocol.request import make_requests
from scripts.fault_injection.many.drivers import worker_python

pytestmark = pytest.mark.slow

GOOD = [f"a slow chair {number}" for number in range(10)]
CRASH = "a crash"
LONGEST_S = 240.0


@pytest.fixture(scope="module")
def ray(head):
    """Ray, connected to the cluster."""
    with connected(head) as module:
        yield module


@pytest.fixture(scope="module")
def start(ray, tmp_path_factory):
    """A function that starts a run of prompts and returns it with its store, its fleet, and what was told."""
    folder = tmp_path_factory.mktemp("runs")
    python = worker_python(folder)
    started = []

    def begin(orders, name, *, actors=2):
        store = ObjectStore(folder / name)
        (store.out / "marker").touch()
        settings = MakerSettings(
            str(store.out), "marker", 1, False, str(python), 0, False, False, False, LONGEST_S, 100
        )
        fleet = Fleet(ray, settings, cores_per_actor=1, max_makers=actors)
        outcomes, said = [], []
        chunk = Chunk(orders, {}, {})
        run = FleetRun(
            chunk, store, deadline_s=LONGEST_S, batch=0, retries_failed=False, report=outcomes.append, say=said.append
        )
        started.append(fleet)
        return SimpleNamespace(run=run, store=store, fleet=fleet, outcomes=outcomes, said=said)

    yield begin
    for fleet in started:
        fleet.close()


def orders_of(*prompts):
    requests = [make_requests(prompt, seed=number, steps=2)[0] for number, prompt in enumerate(prompts)]
    return [ChunkOrder(object_id(request), request, f"line {line}") for line, request in enumerate(requests, 1)]


def follow(one, until=lambda: False):
    """Run until a condition or the end, and end the fleet then, which takes the cores of the next one."""
    give_up = time.monotonic() + LONGEST_S
    while not one.run.is_ended and not until():
        assert time.monotonic() < give_up, one.said
        one.run.step(one.fleet)
    if one.run.is_ended:
        one.fleet.close()


def states(one):
    return sorted((outcome.order.request.prompt, outcome.state) for outcome in one.outcomes)


def busy(one):
    """Return a maker whose worker makes an object."""
    makers = (maker for maker in one.fleet.makers if maker.is_ready and maker.task is not None)
    return next((maker for maker in makers if psutil.Process(maker.pid).children()), None)


def stopped(one):
    """Stop a busy maker; returns it if it has not published all of its objects, else lets it go on."""
    if (maker := busy(one)) is None:
        return None
    os.kill(maker.pid, signal.SIGSTOP)
    if any(not one.store.has(order.object_id) for order in one.run._queue.orders_of(maker.name)):
        return maker
    os.kill(maker.pid, signal.SIGCONT)
    return None


@pytest.fixture(scope="module")
def broken(start):
    """A run in which a prompt crashes and a process is killed; with the worker that this had."""
    one = start(orders_of(*GOOD, CRASH), "broken")
    found = []
    follow(one, until=lambda: one.run.counts.done and found.append(stopped(one)) is None and found[-1])
    (one.worker,) = psutil.Process(found[-1].pid).children()
    one.variables = one.worker.environ()
    os.kill(found[-1].pid, signal.SIGKILL)
    follow(one)
    return one


def test_every_object_ends_once_whatever_happens(broken):
    assert states(broken) == sorted([*((prompt, "made") for prompt in GOOD), (CRASH, "failed")])
    counts = broken.run.counts
    assert (counts.total, counts.done, counts.failed, counts.waiting, counts.running) == (11, 10, 1, 0, 0)
    assert len(list((broken.store.out / "objects").iterdir())) == 10


def test_what_a_killed_process_had_is_made_by_others(broken):
    assert broken.run.counts.stolen >= 1
    assert any("Others make what it was working on" in sentence for sentence in broken.said)


def test_the_worker_of_a_killed_process_ends_too(broken):
    _, alive = psutil.wait_procs([broken.worker], timeout=LONGEST_S)
    assert not alive


def test_a_worker_has_the_threads_of_its_cores_and_no_gpu(broken):
    assert {broken.variables[name] for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS")} == {"1"}
    assert broken.variables["CUDA_VISIBLE_DEVICES"] == ""


def test_the_third_failure_of_an_object_is_final_and_has_its_reason(broken):
    lines = [json.loads(line) for line in broken.store.failures.path.read_text().splitlines()]
    assert [(line["prompt"], line["attempt"], "do not fit" in line["reason"]) for line in lines] == [
        (CRASH, 1, True),
        (CRASH, 2, True),
        (CRASH, 3, True),
    ]


def test_a_second_run_makes_nothing_and_starts_nothing(broken, start):
    again = start(orders_of(*GOOD, CRASH), "broken")
    assert again.run.is_ended
    assert (again.run.counts.existed, again.run.counts.failed, again.fleet.makers) == (10, 1, [])


def test_a_frozen_process_is_given_up_and_a_file_stops_the_run(start):
    prompts = [f"a slow mug {number}" for number in range(40)]
    one = start(orders_of(*prompts), "frozen", actors=1)
    follow(one, until=lambda: busy(one))
    maker = busy(one)
    pid = maker.pid
    os.kill(pid, signal.SIGSTOP)
    maker.started_at -= 100 * LONGEST_S  # as if it had not answered for hours
    try:
        follow(one, until=lambda: one.run.counts.stolen)
        follow(one, until=lambda: one.run.counts.running)
        (one.store.out / "stop").touch()
        follow(one)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    counts = one.run.counts
    assert one.run.is_stopped
    assert any("did not answer" in sentence for sentence in one.said)
    assert 1 <= counts.done < 40
    assert (counts.running, counts.waiting + counts.done) == (0, 40)


def test_a_machine_with_other_weights_makes_nothing(start):
    (order,) = orders_of("a chair")
    one = start([order._replace(object_id="0" * 32)], "weights", actors=1)
    with pytest.raises(
        RunFailed, match=r"lacks the weights of mini/shap-e, or has others than .*\. Run scripts/weights"
    ):
        follow(one)
    assert (one.run.counts.waiting, one.run.counts.failed) == (1, 0)
    assert not (one.store.out / "failed.jsonl").exists()
