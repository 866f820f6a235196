# SPDX-License-Identifier: GPL-3.0-or-later
"""A test process is ended only after a time without output, not by its total duration."""

import os
import sys

import pytest

from scripts.testing.run_pytest import TIMED_OUT, run_until_silent

SHELL = ("sh", "-c")
"""It starts within milliseconds even on a machine where a Python takes seconds."""


def run(tmp_path, code, program=(sys.executable, "-c"), **limits):
    log = tmp_path / "log"
    exit_code = run_until_silent([*program, code], log, cwd=tmp_path, env=dict(os.environ), **limits)
    return exit_code, log.read_text()


def test_a_process_that_ends_gives_its_exit_code_and_all_its_output(tmp_path):
    assert run(tmp_path, "print('out'); import sys; print('err', file=sys.stderr); sys.exit(3)") == (3, "out\nerr\n")


@pytest.mark.skipif(os.name == "nt", reason="a shell")
def test_a_process_without_output_is_killed(tmp_path):
    exit_code, output = run(tmp_path, "echo last line; exec sleep 3600", SHELL, max_silence_s=2.0)
    assert exit_code == TIMED_OUT
    assert output.startswith("last line")
    assert "without output" in output


@pytest.mark.skipif(os.name == "nt", reason="a shell")
def test_a_process_that_prints_regularly_may_exceed_the_limit(tmp_path):
    exit_code, output = run(tmp_path, "for n in 1 2 3 4 5 6 7 8; do echo .; sleep 0.5; done", SHELL, max_silence_s=3.0)
    assert (exit_code, output.count(".")) == (0, 8)
