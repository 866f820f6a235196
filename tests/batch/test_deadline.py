# SPDX-License-Identifier: GPL-3.0-or-later
"""The deadline of objects, with the real worker and the scripted engine."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.batch.deadline import Deadline
from blender_text3d.batch.make_chunk import ChunkMaker
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.orders import ChunkOrder, object_id
from blender_text3d.protocol.events import Notice
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def orders():
    prompts = ("a chair", "a hang-in-sample", "a mug")
    requests = [make_requests(prompt, seed=1, steps=2)[0] for prompt in prompts]
    return [ChunkOrder(object_id(request), request, request.prompt) for request in requests]


def test_an_object_beyond_its_deadline_fails_and_the_others_are_made(tmp_path, orders):
    store = ObjectStore(tmp_path / "out")

    def clock():
        """An hour passes while an object hangs, however slow this machine is."""
        return 3600.0 if any("hang" in job.job_id for job in deadline._started) else 0.0

    deadline = Deadline(60.0, clock)
    with ChunkMaker(store, scripted_python(tmp_path), deadline_s=60.0) as maker:
        maker._deadline = deadline
        outcomes = {outcome.order.place: outcome for outcome in maker.make(orders)}
    assert {place: outcome.state for place, outcome in outcomes.items()} == {
        "a chair": "made",
        "a hang-in-sample": "failed",
        "a mug": "made",
    }
    assert outcomes["a hang-in-sample"].reason == "It took longer than 60 seconds. Allow more time with --deadline."
    assert store.failures.counts() == {orders[1].object_id: 1}
    assert deadline.is_shared is False, "it was made again alone"


def test_it_is_known_whether_it_has_passed_for_one_job_or_for_several():
    clock = SimpleNamespace(now=0.0)
    deadline = Deadline(60.0, lambda: clock.now)
    jobs = [JobFolder(Path(name)) for name in "abc"]
    for job in jobs[:2]:
        deadline.read(job, Notice(message="It starts."))
    clock.now = 61.0
    assert (deadline.has_passed(), deadline.is_shared) == (True, True)
    assert [deadline.read(job, deadline.failure) for job in jobs[:2]] == [True, True]
    deadline.read(jobs[2], Notice(message="It starts."))
    clock.now = 122.0
    assert (deadline.has_passed(), deadline.is_shared) == (True, False)


def test_the_worker_gets_the_variables(tmp_path, orders):
    with ChunkMaker(
        ObjectStore(tmp_path / "out"), scripted_python(tmp_path), variables={"OMP_NUM_THREADS": "7"}
    ) as one:
        assert [outcome.state for outcome in one.make(orders[:1])] == ["made"]
        psutil = pytest.importorskip("psutil")
        assert psutil.Process(one.worker_pid).environ()["OMP_NUM_THREADS"] == "7"
