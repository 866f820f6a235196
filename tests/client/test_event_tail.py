# SPDX-License-Identifier: GPL-3.0-or-later
"""Event tails of a journal that another process writes."""

import os

import pytest

from blender_text3d.client import event_tail
from blender_text3d.client.event_tail import EventTail, terminal_lines
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Notice


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


LINE = Notice(message="one", time=1.0).to_json() + "\n"
END = Finished(elapsed_s=1.0, files={}, time=2.0).to_json() + "\n"


@pytest.fixture
def small_chunks(monkeypatch) -> int:
    """Chunks of two events and a half, and a backlog limit of ten."""
    monkeypatch.setattr(event_tail, "CHUNK_BYTES", len(LINE) * 5 // 2)
    monkeypatch.setattr(event_tail, "MAX_BACKLOG_BYTES", len(LINE) * 10)
    return event_tail.CHUNK_BYTES


def test_a_chunk_ends_with_its_last_complete_line(journal, small_chunks):
    write(journal, LINE * 5)
    tail = EventTail(journal)
    assert [len(notices(tail)) for _ in range(4)] == [2, 2, 1, 0]
    assert tail.offset_bytes == 5 * len(LINE)


def test_a_chunk_of_complete_lines_is_read_at_once(journal, small_chunks, monkeypatch):
    monkeypatch.setattr(event_tail, "CHUNK_BYTES", 2 * len(LINE))
    write(journal, LINE * 3)
    assert [len(notices(tail)) for tail in [EventTail(journal)] for _ in range(3)] == [2, 1, 0]


def test_a_line_shorter_than_a_chunk_is_awaited(journal, small_chunks):
    message = "x" * (small_chunks - 1 - len(Notice(message="", time=1.0).to_json()))
    write(journal, Notice(message=message, time=1.0).to_json())
    assert journal.stat().st_size == small_chunks - 1
    tail = EventTail(journal)
    assert (notices(tail), tail.offset_bytes) == ([], 0)
    write(journal, "\n")
    assert notices(tail) == [message]


@pytest.mark.parametrize("extra_bytes", [0, 1, 300])
def test_a_line_as_long_as_a_chunk_is_skipped(journal, small_chunks, extra_bytes):
    write(journal, "x" * (small_chunks + extra_bytes))
    tail = EventTail(journal)
    assert [notices(tail) for _ in range(5)] == [[]] * 5
    write(journal, "\n" + LINE)
    assert [message for _ in range(5) for message in notices(tail)] == ["one"]


@pytest.mark.parametrize(("missing_bytes", "notices_read"), [(1, 4), (0, 0), (-500, 0)])
def test_from_a_backlog_of_the_limit_or_more_only_the_end_is_read(journal, small_chunks, missing_bytes, notices_read):
    filling = event_tail.MAX_BACKLOG_BYTES - missing_bytes - len(LINE * 4 + END)
    write(journal, LINE * 4 + "x" * (filling - 1) + "\n" + END)
    kinds = [kind for kinds in kinds_by_call(EventTail(journal), 20) for kind in kinds]
    assert kinds == ["notice"] * notices_read + ["finished"]


def test_the_terminal_lines_are_the_first_of_each_kind_in_order():
    finished, cancelled = END.strip(), Cancelled(stage="sample", index=1).to_json()
    failed = Failed(message="m", reason="internal", fix="f").to_json()
    text = "\n".join([LINE.strip(), cancelled, finished, cancelled + " ", "x", failed])
    assert terminal_lines(text.encode()) == [cancelled.encode(), finished.encode(), failed.encode()]
    assert terminal_lines(f"{finished}\n".encode()) == [finished.encode()]
    assert terminal_lines(LINE.encode()) == []


def test_a_chunk_is_256_kilobytes_and_a_backlog_4_megabytes():
    assert (event_tail.CHUNK_BYTES, event_tail.MAX_BACKLOG_BYTES) == (262_144, 4_194_304)


def test_a_pipe_or_folder_in_place_of_a_journal_has_no_news(journal, tmp_path):
    os.mkfifo(journal)
    assert EventTail(journal).new_events() == []
    assert EventTail(tmp_path).new_events() == []


def test_a_journal_that_returns_is_read_on(journal):
    tail = EventTail(journal)
    write(journal, LINE)
    assert notices(tail) == ["one"]
    journal.rename(journal.with_suffix(".away"))
    assert notices(tail) == []
    journal.with_suffix(".away").rename(journal)
    write(journal, LINE)
    assert notices(tail) == ["one"]


def test_an_unchanged_journal_is_not_read_again(journal, monkeypatch):
    tail = EventTail(journal)
    write(journal, Notice(message="one").to_json() + "\n")
    assert notices(tail) == ["one"]
    with monkeypatch.context() as patch:
        patch.setattr(type(journal), "open", lambda *_, **__: pytest.fail("it was opened"))
        assert notices(tail) == []
    write(journal, Notice(message="two").to_json() + "\n")
    assert notices(tail) == ["two"]
