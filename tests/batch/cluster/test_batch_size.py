# SPDX-License-Identifier: GPL-3.0-or-later
"""BatchSize: a few seconds of work, and less near the end."""

import pytest

from blender_text3d.batch.cluster.batch_size import MAX_BATCH, TARGET_S, BatchSize


def measured(seconds, smallest=1):
    sizes = BatchSize(smallest)
    sizes.measure(10, 10 * seconds)
    return sizes


@pytest.mark.parametrize(("seconds", "expected"), [(1.0, TARGET_S), (TARGET_S, 1), (600.0, 1), (1e-4, MAX_BATCH)])
def test_a_batch_takes_about_as_long_as_it_should(seconds, expected):
    assert measured(seconds).size(waiting=10_000, makers=2) == expected


def test_before_anything_is_measured_it_is_small():
    assert BatchSize().size(10_000, 2) == 4
    assert BatchSize(8).size(10_000, 2) == 32
    assert BatchSize().size(12, 2) == 3


def test_near_the_end_each_maker_gets_half_of_its_share():
    sizes, sent, waiting = measured(0.01), [], 64
    while waiting:
        sent.append(sizes.size(waiting, makers=4))
        waiting -= sent[-1]
    assert sent[0] == 8
    assert sent == sorted(sent, reverse=True)
    assert sent[-1] == 1


def test_a_batch_fills_the_device_while_there_is_enough():
    assert measured(100.0, smallest=8).size(1000, 2) == 8
    assert measured(100.0, smallest=8).size(3, 2) == 1


def test_a_new_speed_is_learned_within_a_few_batches():
    sizes = measured(1.0)
    for _ in range(12):
        sizes.measure(4, 8.0)
    assert sizes.seconds_per_object == pytest.approx(2.0, rel=0.02)
