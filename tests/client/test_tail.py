# SPDX-License-Identifier: GPL-3.0-or-later
"""Following a journal that somebody else writes."""

import pytest

from blender_text3d.client.tail import EventTail
from blender_text3d.protocol.events import Notice


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "events.jsonl"


def notices(tail: EventTail) -> list[str]:
    return [event.message for event in tail.new_events()]


def write(journal, text: str) -> None:
    with journal.open("a", encoding="utf-8") as file:
        file.write(text)


def test_each_event_is_told_once(journal):
    tail = EventTail(journal)
    write(journal, Notice(message="one").to_json() + "\n")
    assert [notices(tail), notices(tail)] == [["one"], []]
    write(journal, Notice(message="two").to_json() + "\n" + Notice(message="three").to_json() + "\n")
    assert [notices(tail), notices(tail)] == [["two", "three"], []]


def test_half_a_line_is_told_when_it_is_whole(journal):
    tail, line = EventTail(journal), Notice(message="“höher” 🪑").to_json() + "\n"
    for character in line[:-1]:
        write(journal, character)
        assert notices(tail) == []
    write(journal, line[-1])
    assert notices(tail) == ["“höher” 🪑"]


def test_a_journal_that_does_not_exist_yet_has_no_news(journal):
    assert EventTail(journal).new_events() == []


def test_lines_nobody_understands_are_passed_over(journal):
    write(journal, '{"kind": "sang"}\n\n\xff\n' + Notice(message="one").to_json() + "\n")
    assert notices(EventTail(journal)) == ["one"]
