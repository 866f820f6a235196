# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of the worker, as its events report it."""

import json
import subprocess
import sys

import pytest

from blender_text3d.worker.reporting import memory

ALLOCATED_MB = 400

# In a process of its own: what other tests left in this one may be freed, or paged out, at any moment.
MEASURE = f"""
import json, mmap
from blender_text3d.worker.reporting import memory
before = memory.memory_mb()
block = mmap.mmap(-1, {ALLOCATED_MB} * memory.MB)
for page in range(0, len(block), mmap.PAGESIZE):
    block[page] = 1
with_block = memory.memory_mb()
block.close()
print(json.dumps([before, with_block, memory.memory_mb()]))
"""


@pytest.fixture(autouse=True)
def own_cache():
    memory._this_process.cache_clear()
    yield
    memory._this_process.cache_clear()


def test_allocated_memory_is_counted_and_freed_memory_is_not():
    printed = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True).stdout
    before, with_block, after = json.loads(printed)
    assert with_block - before == pytest.approx(ALLOCATED_MB, rel=0.15)
    assert with_block - after == pytest.approx(ALLOCATED_MB, rel=0.15)


def test_without_psutil_the_figure_is_zero(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert memory.memory_mb() == 0.0
