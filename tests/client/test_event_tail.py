# SPDX-License-Identifier: GPL-3.0-or-later
"""Event tails of a journal that another process writes."""

import pytest

from blender_text3d.client.event_tail import EventTail
from blender_text3d.protocol.events import Finished, Notice


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "events.jsonl"


def notices(tail: EventTail) -> list[str]:
    return [event.message for event in tail.new_events()]


def write(journal, text: str) -> None:
    with journal.open("a", encoding="utf-8") as file:
        file.write(text)


def test_each_event_is_returned_once(journal):
    tail = EventTail(journal)
    write(journal, Notice(message="one").to_json() + "\n")
    assert [notices(tail), notices(tail)] == [["one"], []]
    write(journal, Notice(message="two").to_json() + "\n" + Notice(message="three").to_json() + "\n")
    assert [notices(tail), notices(tail)] == [["two", "three"], []]


def test_an_incomplete_line_is_returned_when_it_is_complete(journal):
    tail, line = EventTail(journal), Notice(message="“höher” 🪑").to_json() + "\n"
    for character in line[:-1]:
        write(journal, character)
        assert notices(tail) == []
    write(journal, line[-1])
    assert notices(tail) == ["“höher” 🪑"]


def test_a_journal_that_does_not_exist_yet_has_no_news(journal):
    assert EventTail(journal).new_events() == []


def test_unknown_lines_are_skipped(journal):
    write(journal, '{"kind": "sang"}\n\n\xff\n' + Notice(message="one").to_json() + "\n")
    assert notices(EventTail(journal)) == ["one"]


def kinds_by_call(tail: EventTail, calls: int) -> list[list[str]]:
    return [[event.kind for event in tail.new_events()] for _ in range(calls)]


def test_a_long_journal_is_read_over_several_calls(journal):
    write(journal, (Notice(message="x" * 400).to_json() + "\n") * 2_000)
    batches = kinds_by_call(EventTail(journal), 6)
    assert sum(map(len, batches)) == 2_000
    assert max(map(len, batches)) < 1_000


def test_only_the_terminal_event_of_an_oversized_journal_is_read(journal):
    write(journal, "x" * 9_000_000 + "\n" + (Notice(message="x").to_json() + "\n") * 90_000)
    write(journal, Finished(elapsed_s=1.0, files={}).to_json() + "\n")
    batches = kinds_by_call(EventTail(journal), 30)
    assert [kind for kinds in batches for kind in kinds if kind == "finished"] == ["finished"]
    assert max(map(len, batches)) < 5_000


def test_a_truncated_journal_is_read_from_its_start(journal):
    tail = EventTail(journal)
    write(journal, (Notice(message="one").to_json() + "\n") * 3)
    assert len(notices(tail)) == 3
    journal.write_text("")
    write(journal, Notice(message="two").to_json() + "\n")
    assert notices(tail) == ["two"]
