# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading of a pipeline's card, which a timer follows."""

import pytest

from blender_text3d.addon.background import hub_card_task as module
from blender_text3d.addon.background.hub_card_task import HubCardTask
from tests.blender.addon.background.test_weights_task import FakeChild

CARD = {"stage": "card", "name": "owner/name", "license": "openrail++", "bytes": 5}


@pytest.fixture
def task(clean_state, monkeypatch):
    monkeypatch.setattr(module, "new_child", lambda *command: FakeChild("python", "folder", *command))
    return HubCardTask()


def read(task, lines, code=0):
    """Read the card of a child that prints these lines and ends."""
    task.start("owner/name")
    child = FakeChild.made[-1]
    child.lines, child.code, child.alive = lines, code, False
    task.poll()
    return child


def test_a_card_is_read_by_a_command_that_downloads_nothing(task, clean_state):
    child = read(task, [CARD])
    assert child.command[2:] == ("card", "hub:owner/name")
    assert child.calls == ["start", "remove_output"]
    assert task.cards == {"owner/name": CARD}
    assert clean_state.problem is None


def test_a_failure_is_the_sentence_of_the_command(task, clean_state):
    read(task, [{"stage": "failed", "message": "The hub could not be reached."}], code=1)
    assert task.cards == {}
    assert (clean_state.problem.message, clean_state.problem.reason) == (
        "The hub could not be reached.",
        "bad_pipeline",
    )
    read(task, [], code=3)
    assert clean_state.problem.message == "Reading the license stopped (exit code 3): Killed. Try again."


@pytest.mark.parametrize("line", [{}, {"stage": "card"}, {"stage": "card", "name": 3}, {"stage": "wait"}])
def test_other_lines_are_ignored(task, clean_state, line):
    read(task, [line])
    assert task.cards == {}
    assert clean_state.problem is None
