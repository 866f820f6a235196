# SPDX-License-Identifier: GPL-3.0-or-later
"""A suite is judged by its report, so that a crash cannot pass for a success nor a crash at exit for a failure."""

import pytest

from scripts.testing.results import pytest_outcome

HEAD = '<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" '
WHOLE = HEAD + 'errors="0" failures="0" skipped="1" tests="5" time="1"></testsuite></testsuites>'
FAILED = HEAD + 'errors="1" failures="2" skipped="0" tests="5" time="1"></testsuite></testsuites>'
SKIPPED = HEAD + 'errors="0" failures="0" skipped="2" tests="2" time="1"></testsuite></testsuites>'
EMPTY = HEAD + 'errors="0" failures="0" skipped="0" tests="0" time="1"></testsuite></testsuites>'


@pytest.mark.parametrize(
    ("xml", "exit_code", "may_crash", "passed", "failed", "skipped"),
    [
        pytest.param(WHOLE, 0, False, 4, 0, 1, id="all-well"),
        pytest.param(FAILED, 1, False, 2, 3, 0, id="failures-and-errors-count"),
        pytest.param(WHOLE, -11, True, 4, 0, 1, id="crash-at-exit-where-it-is-known"),
        pytest.param(WHOLE, -11, False, 3, 1, 1, id="crash-at-exit-elsewhere"),
        pytest.param(FAILED, -11, True, 2, 3, 0, id="crash-at-exit-hides-no-failure"),
        pytest.param(None, -11, True, 0, 1, 0, id="crash-before-the-report"),
        pytest.param(WHOLE[:40], -11, True, 0, 1, 0, id="half-a-report"),
        pytest.param(SKIPPED, 0, False, 0, 1, 2, id="all-skipped-is-no-pass"),
        pytest.param(EMPTY, 5, False, 0, 1, 0, id="no-test-is-no-pass"),
        pytest.param(EMPTY, -11, True, 0, 1, 0, id="no-test-and-a-crash-at-exit"),
    ],
)
def test_a_suites_counts_follow_from_its_report_and_exit_code(
    tmp_path, xml, exit_code, may_crash, passed, failed, skipped
):
    if xml is not None:
        (tmp_path / "report.xml").write_text(xml)
    judged = pytest_outcome("any", tmp_path / "report.xml", exit_code, may_crash_at_exit=may_crash, seconds=1.0)
    assert (judged.passed, judged.failed, judged.skipped) == (passed, failed, skipped)
    assert judged.note or not failed or xml == FAILED
