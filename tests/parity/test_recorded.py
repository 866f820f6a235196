# SPDX-License-Identifier: GPL-3.0-or-later
"""Our networks, fields and solvers against recorded outputs of the official ones; see README.md beside this file."""

from functools import cache
from pathlib import Path

import pytest

from scripts.parity import __main__ as parity

FILES = ("point_e", "shap_e", "more")


@cache
def cases(file):
    return {case.name: case for case in parity.read_cases(Path(__file__).with_name(file))}


@pytest.mark.parametrize(("file", "name"), [(file, name) for file in FILES for name in cases(file)])
def test_each_output_of_a_recorded_case_agrees(file, name):
    found = list(parity.findings(cases(file)[name]))
    assert {finding.output for finding in found} == cases(file)[name].expected.keys()
    assert [parity.line_of(finding) for finding in found if not finding.is_near] == []
