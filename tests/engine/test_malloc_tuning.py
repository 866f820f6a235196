# SPDX-License-Identifier: GPL-3.0-or-later
"""Freed memory is kept while the engine runs and returned afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LARGE_BLOCKS_OVER_AND_OVER = """
import resource
from blender_text3d.engine.malloc_tuning import _glibc, keep_freed_memory
from blender_text3d.worker.reporting.memory import memory_mb
import torch

def faults(times):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        torch.ones(16 * 2**20) + 1
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

before_mb, outside = memory_mb(), faults(10)
with keep_freed_memory():
    faults(10)
    inside = faults(10)
print(outside, inside, memory_mb() - before_mb, _glibc() is not None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can keep freed memory")
def test_large_blocks_are_reused_and_returned():
    done = subprocess.run(
        [sys.executable, "-c", LARGE_BLOCKS_OVER_AND_OVER], cwd=ROOT, capture_output=True, text=True, check=True
    )
    outside, inside, grown_mb, is_glibc = done.stdout.split()
    if is_glibc == "False":
        pytest.skip("only glibc can keep freed memory")
    assert int(outside) > 10 * 64, "blocks of 64 MB are new each time"  # 32 huge pages or 16,384 small ones
    assert int(inside) < int(outside) / 5
    assert float(grown_mb) < 32


def test_an_exception_within_the_context_restores_the_defaults(monkeypatch):
    from blender_text3d.engine import malloc_tuning

    calls = []

    class Library:
        def mallopt(self, parameter, value):
            calls.append((parameter, value))

        def malloc_trim(self, _):
            calls.append("trimmed")

    monkeypatch.setattr(malloc_tuning, "_glibc", Library)
    with pytest.raises(KeyError), malloc_tuning.keep_freed_memory():
        raise KeyError
    assert calls[-1] == "trimmed"
    assert calls[2:4] == [(-4, 65536), (-1, 131072)]


def test_other_systems_are_not_changed(monkeypatch):
    from blender_text3d.engine import malloc_tuning

    malloc_tuning._glibc.cache_clear()
    monkeypatch.setattr(malloc_tuning.sys, "platform", "win32")
    try:
        with malloc_tuning.keep_freed_memory():
            assert malloc_tuning._glibc() is None
    finally:
        malloc_tuning._glibc.cache_clear()
