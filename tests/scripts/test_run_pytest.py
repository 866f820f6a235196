# SPDX-License-Identifier: GPL-3.0-or-later
"""A test process is ended only after a time without output, not by its total duration."""

import os
import sys

from scripts.testing.run_pytest import TIMED_OUT, run_until_silent


def run(tmp_path, code, **limits):
    log = tmp_path / "log"
    exit_code = run_until_silent([sys.executable, "-c", code], log, cwd=tmp_path, env=dict(os.environ), **limits)
    return exit_code, log.read_text()


def test_a_process_that_ends_gives_its_exit_code_and_all_its_output(tmp_path):
    assert run(tmp_path, "print('out'); import sys; print('err', file=sys.stderr); sys.exit(3)") == (3, "out\nerr\n")


def test_a_process_without_output_is_killed(tmp_path):
    exit_code, output = run(tmp_path, "import time; print('last line'); time.sleep(3600)", max_silence_s=0.2)
    assert exit_code == TIMED_OUT
    assert output.startswith("last line")
    assert "without output" in output


def test_a_process_that_prints_regularly_may_exceed_the_limit(tmp_path):
    code = "import time\nfor _ in range(8):\n    print('.')\n    time.sleep(0.5)"
    exit_code, output = run(tmp_path, code, max_silence_s=2.5)
    assert (exit_code, output.count(".")) == (0, 8)
