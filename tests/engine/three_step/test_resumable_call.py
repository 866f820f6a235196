# SPDX-License-Identifier: GPL-3.0-or-later
"""A function that reports by a callback, as a generator."""

import threading

import pytest

from blender_text3d.engine.three_step.resumable_call import reports_of


def count_to(end, log):
    def function(report):
        for number in range(end):
            log.append(number)
            report(number)
        return "done"

    return function


def test_the_reports_come_one_by_one_while_the_function_waits():
    log = []
    run = reports_of(count_to(3, log))
    assert (next(run), log) == (0, [0])
    assert (next(run), log) == (1, [0, 1])
    assert next(run) == 2
    with pytest.raises(StopIteration) as end:
        next(run)
    assert end.value.value == "done"


def test_an_error_of_the_function_is_raised_where_its_reports_are_read():
    def function(report):
        report(1)
        raise KeyError("broken")

    run = reports_of(function)
    assert next(run) == 1
    with pytest.raises(KeyError, match="broken"):
        next(run)


def test_closing_ends_the_function_at_its_report_although_it_catches_exceptions():
    log, before = [], threading.active_count()

    def function(report):
        for number in range(5):
            try:
                report(number)
            except Exception:
                log.append("caught")
            finally:
                log.append(number)
                if number == 1:
                    report("while it ends")

    run = reports_of(function)
    assert (next(run), next(run)) == (0, 1)
    run.close()
    assert log == [0, 1]
    assert threading.active_count() == before
