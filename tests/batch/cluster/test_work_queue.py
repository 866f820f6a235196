# SPDX-License-Identifier: GPL-3.0-or-later
"""WorkQueue: every object ends exactly once, whatever its makers do."""

import random

import pytest

from blender_text3d.batch.cluster.work_queue import MAX_ATTEMPTS, WorkQueue
from blender_text3d.batch.orders import ChunkOrder
from blender_text3d.protocol.request import make_requests


def orders(count):
    (request,) = make_requests("a chair", seed=1)
    return [ChunkOrder(f"{number:032x}", request, f"line {number}") for number in range(count)]


def ids(taken):
    return [int(order.object_id, 16) for order in taken]


def test_objects_are_handed_out_once_and_in_order():
    queue = WorkQueue(orders(5), {})
    assert [ids(queue.take("a", 3)), ids(queue.take("b", 3)), ids(queue.take("c", 3))] == [[0, 1, 2], [3, 4], []]
    assert (queue.waiting, queue.running) == (0, 5)
    queue.finish("a")
    assert (queue.waiting, queue.running) == (0, 2)


def test_what_a_dead_maker_had_is_handed_out_alone_and_last():
    queue = WorkQueue(orders(5), {})
    queue.take("a", 3)
    assert queue.lose("a", [f"{1:032x}"]) == []
    assert (queue.stolen, queue.waiting) == (2, 4)
    assert [ids(queue.take("b", 3)), ids(queue.take("c", 3)), ids(queue.take("d", 3))] == [[3, 4], [0], [2]]


def test_an_object_that_ends_three_makers_is_given_up_and_its_neighbors_are_not():
    queue = WorkQueue(orders(2), {})
    queue.take("a", 2)
    queue.lose("a")
    given_up, moved = [], 2
    for number in range(1, MAX_ATTEMPTS + 1):
        (poison,) = queue.take(f"maker {number}", 2)
        if number == 1:
            assert ids(queue.take("good", 2)) == [1]
            queue.finish("good")
        given_up += queue.lose(f"maker {number}")
        moved += number < MAX_ATTEMPTS
    assert (given_up, queue.waiting, queue.running, queue.stolen) == ([poison], 0, 0, moved)


def test_the_third_failure_is_the_last_and_earlier_runs_count():
    (order,) = orders(1)
    queue = WorkQueue([order], {})
    outcomes = []
    for _ in range(MAX_ATTEMPTS):
        queue.take("a", 1)
        queue.finish("a")
        outcomes.append(queue.fail(order))
    assert outcomes == [False, False, True]
    assert WorkQueue([order], {order.object_id: MAX_ATTEMPTS - 1}).fail(order)


def test_failures_of_earlier_runs_do_not_count_if_they_are_retried():
    (order,) = orders(1)
    queue = WorkQueue([order], {order.object_id: MAX_ATTEMPTS}, retries_failed=True)
    outcomes = []
    for _ in range(MAX_ATTEMPTS):
        queue.take("a", 1)
        queue.finish("a")
        outcomes.append((queue.attempts(order.object_id), queue.fail(order)))
    assert outcomes == [(3, False), (4, False), (5, True)]


def test_what_an_unfit_machine_had_goes_first_and_is_not_counted():
    queue = WorkQueue(orders(4), {})
    queue.take("a", 2)
    queue.put_back("a")
    assert (ids(queue.take("b", 3)), queue.stolen) == ([0, 1, 2], 0)


@pytest.mark.parametrize("seed", range(20))
def test_every_object_ends_exactly_once_whatever_happens(seed):
    chance = random.Random(seed)
    queue = WorkQueue(orders(60), {})
    makers = {f"maker {number}": [] for number in range(4)}
    ended = []
    while queue.waiting or queue.running:
        name = chance.choice(list(makers))
        if not makers[name]:
            makers[name] = queue.take(name, chance.randint(1, 8))
            continue
        taken, makers[name] = makers[name], []
        match chance.choice(("made", "made", "dies", "unfit", "fails")):
            case "made":
                ended += queue.finish(name)
            case "dies":
                made = chance.sample(taken, chance.randint(0, len(taken)))
                ended += [*made, *queue.lose(name, [order.object_id for order in made])]
            case "unfit":
                queue.put_back(name)
            case "fails":
                ended += [order for order in queue.finish(name) if queue.fail(order)]
    assert sorted(ids(ended)) == list(range(60))
