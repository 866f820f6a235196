# SPDX-License-Identifier: GPL-3.0-or-later
"""A maker of objects hands them to its worker at once and waits for nothing else, with the real worker."""

import pytest

from blender_text3d.batch import make_chunk
from blender_text3d.batch.make_chunk import FIRST_OFFER, MADE, ChunkMaker
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.orders import ChunkOrder, object_id
from blender_text3d.client.worker_process import WorkerProcess
from blender_text3d.protocol.request import make_requests
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def maker(tmp_path):
    with ChunkMaker(ObjectStore(tmp_path / "out"), scripted_python(tmp_path)) as one:
        yield one


@pytest.fixture
def offers(monkeypatch):
    """The numbers of jobs that workers are offered."""
    counts = []
    send = WorkerProcess.send

    def counted(worker, jobs, *rest):
        counts.append(len(jobs))
        send(worker, jobs, *rest)

    monkeypatch.setattr(WorkerProcess, "send", counted)
    return counts


def orders_of(count):
    requests = [make_requests(f"chair {number}", seed=1, steps=2)[0] for number in range(count)]
    return [ChunkOrder(object_id(request), request, request.prompt) for request in requests]


@pytest.mark.parametrize("count", [1, 3, FIRST_OFFER])
def test_the_worker_is_offered_all_objects_of_its_first_batch_at_once(maker, offers, count):
    assert {outcome.state for outcome in maker.make(orders_of(count))} == {MADE}
    assert offers[0] == count
    before = len(offers)
    assert {outcome.state for outcome in maker.make(orders_of(2 * count)[count:])} == {MADE}
    assert offers[before] == count


def test_a_long_list_keeps_the_worker_from_starting_no_longer_than_its_first_batch(maker, offers, monkeypatch):
    begun = []
    begin = maker._begun
    monkeypatch.setattr(maker, "_begun", lambda *given: begun.append(len(offers)) or begin(*given))
    assert len(list(maker.make(orders_of(FIRST_OFFER + 4)))) == FIRST_OFFER + 4
    assert begun == [0] * (FIRST_OFFER + 1) + [1] * 3


def test_nothing_is_waited_for_once_the_last_object_is_made(maker, monkeypatch):
    pauses = []
    sleep = make_chunk.time.sleep
    monkeypatch.setattr(make_chunk.time, "sleep", lambda seconds: pauses.append(seconds) or sleep(seconds))
    outcomes = [(outcome.state, len(pauses)) for outcome in maker.make(orders_of(2))]
    assert [state for state, _ in outcomes] == [MADE, MADE]
    assert len(pauses) == outcomes[-1][1] > 0
