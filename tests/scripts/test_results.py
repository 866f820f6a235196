# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of a suite are taken from its report: a crash is not a success, and a crash at exit is not a failure."""

import pytest

from scripts.testing.results import pytest_outcome

HEAD = '<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" '
PASSED = HEAD + 'errors="0" failures="0" skipped="1" tests="5" time="1"></testsuite></testsuites>'
FAILED = HEAD + 'errors="1" failures="2" skipped="0" tests="5" time="1"></testsuite></testsuites>'
SKIPPED = HEAD + 'errors="0" failures="0" skipped="2" tests="2" time="1"></testsuite></testsuites>'
EMPTY = HEAD + 'errors="0" failures="0" skipped="0" tests="0" time="1"></testsuite></testsuites>'


@pytest.mark.parametrize(
    ("xml", "exit_code", "may_crash", "passed", "failed", "skipped"),
    [
        pytest.param(PASSED, 0, False, 4, 0, 1, id="passed"),
        pytest.param(FAILED, 1, False, 2, 3, 0, id="failures-and-errors-count"),
        pytest.param(PASSED, -11, True, 4, 0, 1, id="crash-at-exit-allowed"),
        pytest.param(PASSED, -11, False, 3, 1, 1, id="crash-at-exit-not-allowed"),
        pytest.param(FAILED, -11, True, 2, 3, 0, id="crash-at-exit-hides-no-failure"),
        pytest.param(None, -11, True, 0, 1, 0, id="crash-before-the-report"),
        pytest.param(PASSED[:40], -11, True, 0, 1, 0, id="truncated-report"),
        pytest.param(SKIPPED, 0, False, 0, 1, 2, id="all-skipped-is-a-failure"),
        pytest.param(EMPTY, 5, False, 0, 1, 0, id="no-test-is-a-failure"),
        pytest.param(EMPTY, -11, True, 0, 1, 0, id="no-test-and-a-crash-at-exit"),
    ],
)
def test_a_suites_counts_follow_from_its_report_and_exit_code(
    tmp_path, xml, exit_code, may_crash, passed, failed, skipped
):
    if xml is not None:
        (tmp_path / "report.xml").write_text(xml)
    outcome = pytest_outcome("any", tmp_path / "report.xml", exit_code, may_crash_at_exit=may_crash, seconds=1.0)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (passed, failed, skipped)
    assert outcome.note or not failed or xml == FAILED
