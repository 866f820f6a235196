# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks, fields and solvers against recorded outputs of the official ones; see README.md in this folder."""

from functools import cache
from pathlib import Path

import pytest

from scripts.parity.case import read_cases
from scripts.parity.report import checked_outputs, format_line

FILES = ("point_e", "shap_e", "more", "encoder", "glide")


@cache
def cases(file):
    return {case.name: case for case in read_cases(Path(__file__).with_name(file))}


@pytest.mark.parametrize(("file", "name"), [(file, name) for file in FILES for name in cases(file)])
def test_each_output_of_a_recorded_case_agrees(file, name):
    outputs = list(checked_outputs(cases(file)[name]))
    assert {output.output for output in outputs} == cases(file)[name].expected.keys()
    assert [format_line(output) for output in outputs if not output.is_close] == []
