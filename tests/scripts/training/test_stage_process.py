# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of stages: their memory and their end."""

import platform
import signal
import subprocess
import sys

import pytest

from scripts.training.stages.process import environment

PAGES_OF_REUSE = """
import resource

def page_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

block = b"x" * 2**26
del block
before = page_faults()
for _ in range(20):
    block = b"x" * 2**26
    del block
print(page_faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the variables are of glibc")
def test_a_stage_reuses_the_memory_that_it_freed(tmp_path):
    command = [sys.executable, "-c", PAGES_OF_REUSE]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200  # without reuse at least 32 for each block, in pages of 2 MB


def test_variables_of_the_users_tune_the_memory_of_a_stage(tmp_path, monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    assert environment(tmp_path)["MALLOC_TRIM_THRESHOLD_"] == "65536"


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_stage_ends_if_what_started_it_was_gone_at_once(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    words = [str(gone.pid), "timeit", "-n", "1", "-r", "1", "__import__('time').sleep(600)"]
    command = [sys.executable, "-P", "-m", "scripts.training.stages.run_module", *words]
    process = subprocess.Popen(command, env=environment(tmp_path), cwd=tmp_path, start_new_session=True)
    try:
        assert process.wait(timeout=300) == -signal.SIGKILL
    finally:
        process.kill()
