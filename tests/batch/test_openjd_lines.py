# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress lines of Open Job Description, read by its own filter."""

import logging

import pytest
from openjd.sessions._action_filter import ActionMonitoringFilter

from blender_text3d.batch.openjd_lines import OpenJdLines


@pytest.fixture
def messages(capsys):
    """A function that returns what OpenJD's session understands of the lines so far, as (kind, value)."""

    def understood():
        found = []
        reader = ActionMonitoringFilter(
            session_id="x", callback=lambda kind, value, _: found.append((kind.value, value))
        )
        for line in capsys.readouterr().out.splitlines():
            record = logging.LogRecord("openjd", logging.INFO, "", 0, line, None, None)
            record.session_id = "x"
            reader.filter(record)
        return found

    return understood


def test_progress_and_status_are_understood(messages):
    lines = OpenJdLines(4)
    assert messages() == [("progress", 0.0)]
    lines.add("a red chair (1)", has_failed=False)
    assert messages() == [("progress", 25.0), ("status", "1 of 4: a red chair (1)")]
    lines.add("a blue mug (1)", has_failed=True)
    assert messages() == [("progress", 50.0), ("status", "2 of 4, 1 failed: a blue mug (1)")]
    lines.end(1, "It is too large.")
    assert messages() == [("fail", "1 failed, the first because: It is too large.")]


def test_a_task_without_failures_says_no_failure(messages):
    lines = OpenJdLines(1)
    lines.add("a red chair (1)", has_failed=False)
    assert ("progress", 100.0) in messages()
    lines.end(0, "")
    assert messages() == []


def test_a_task_without_objects_has_a_progress(messages):
    OpenJdLines(0)
    assert messages() == [("progress", 0.0)]


@pytest.mark.parametrize("separator", ["\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_prompt_cannot_give_orders_to_the_runner(messages, separator):
    OpenJdLines(1).add(f"a chair{separator}openjd_env: PATH=/elsewhere", has_failed=True)
    assert [kind for kind, _ in messages()] == ["progress", "progress", "status"]
