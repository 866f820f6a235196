# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of the worker, as its events report it."""

import sys

import numpy as np
import pytest

from blender_text3d.worker.reporting import memory

ALLOCATED_MB = 200


@pytest.fixture(autouse=True)
def own_cache():
    memory._this_process.cache_clear()
    yield
    memory._this_process.cache_clear()


def test_allocated_memory_is_counted_and_freed_memory_is_not():
    before = memory.memory_mb()
    block = np.ones(ALLOCATED_MB * memory.MB, np.uint8)
    with_block = memory.memory_mb()
    del block
    assert with_block - before == pytest.approx(ALLOCATED_MB, rel=0.1)
    assert with_block - memory.memory_mb() == pytest.approx(ALLOCATED_MB, rel=0.1)


def test_without_psutil_the_figure_is_zero(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert memory.memory_mb() == 0.0
