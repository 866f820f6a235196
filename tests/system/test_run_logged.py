# SPDX-License-Identifier: GPL-3.0-or-later
"""The output of a program that was run: its last line, and its exit code if it prints nothing."""

import sys

import pytest

from blender_text3d.system.run_logged import Log, run_logged


@pytest.mark.parametrize(("printed", "expected"), [("first\\n last \\n\\n", "last"), (" \\n", "exit code 3")])
def test_the_last_line_is_the_last_one_that_is_not_blank_or_else_the_exit_code(printed, expected):
    result = run_logged([sys.executable, "-c", f"import sys; print('{printed}'); sys.exit(3)"], Log())
    assert (result.code, result.last_line) == (3, expected)
