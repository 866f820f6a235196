# SPDX-License-Identifier: GPL-3.0-or-later
"""One source's bytes: pauses between tries, limits, copies, and the first bytes of other files."""

import json
import os
import re
from types import SimpleNamespace

import pytest

from blender_text3d.engine.weights.catalogue import OFFICIAL, CheckpointFile
from blender_text3d.engine.weights.download import transfer
from blender_text3d.engine.weights.download.http import RangeResponse
from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.download.retry_policy import RetryPolicy, SourceError, TransientError
from blender_text3d.engine.weights.download.transfer import copy, download
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.progress import ProgressUpdate

URL = "https://source.example.org/net.pt"
CONTENT = b"PK\x03\x04" + bytes(range(96))
UPDATE = ProgressUpdate("download", "test/net")


class Body:
    """The body of a response, in the given blocks; an error among them is raised."""

    def __init__(self, *blocks):
        self.blocks, self.is_closed = list(blocks), False

    def read1(self, count):
        block = self.blocks.pop(0) if self.blocks else b""
        if isinstance(block, Exception):
            raise block
        return block

    def close(self):
        self.is_closed = True


@pytest.fixture
def part(tmp_path):
    return PartialFile(tmp_path / "net.pt")


@pytest.fixture
def sleeps(monkeypatch):
    sleeps = []
    monkeypatch.setattr(transfer, "time", SimpleNamespace(sleep=sleeps.append))
    return sleeps


@pytest.fixture
def respond(monkeypatch, sleeps):
    """Replace requests by responses: a function of the start, or an error; return the list of requests."""

    def replace(*responses):
        requests, pending = [], list(responses)

        def send_request(*request):
            requests.append(request)
            response = pending.pop(0)
            if isinstance(response, Exception):
                raise response
            return response

        monkeypatch.setattr(transfer, "send_request", send_request)
        return requests

    return replace


def variant(**facts):
    return CheckpointFile(
        "test/net.pt", OFFICIAL, (), **{"parameter_count": 10, "size": 100, "sha256": "a" * 64} | facts
    )


def run(part, policy=None, **facts):
    policy = policy or RetryPolicy(max_tries=3, pause_s=1.0, update_every_s=0.0)
    return list(download(URL, part, variant(**facts), UPDATE, policy))


def test_the_defaults_wait_for_half_a_minute_and_try_four_times():
    assert RetryPolicy() == RetryPolicy(timeout_s=30.0, max_tries=4, pause_s=1.0, update_every_s=0.2)


def test_each_pause_is_twice_the_one_before_until_the_source_is_given_up(part, respond, sleeps):
    requests = respond(*[TransientError("did not respond in time")] * 5)
    policy = RetryPolicy(timeout_s=7.0, max_tries=5, pause_s=0.5)
    steps, updates = download(URL, part, variant(), UPDATE, policy), []
    with pytest.raises(SourceError, match="^did not respond in time, 5 times in a row$"):
        updates += steps
    assert sleeps == [0.5, 1.0, 2.0, 4.0]
    assert requests == [(URL, 0, "", 7.0)] * 5


def test_before_each_further_try_its_reason_is_reported(part, respond):
    respond(TransientError("is busy"), RangeResponse(Body(CONTENT), 0, 100, ""))
    updates = run(part)
    assert (updates[0].stage, updates[0].message, updates[0].done_bytes) == ("connect", "is busy; retrying", 0)
    assert part.path.read_bytes() == CONTENT


def test_progress_starts_the_count_of_tries_again(part, respond, sleeps):
    lost = OSError("reset")
    respond(
        RangeResponse(Body(CONTENT[:30], lost), 0, 100, ""), TransientError("is busy"),
        RangeResponse(Body(CONTENT[30:50], lost), 30, 100, ""), TransientError("is busy"),
        RangeResponse(Body(CONTENT[50:]), 50, 100, ""),
    )  # fmt: skip
    updates = run(part)
    assert sleeps == [1.0, 2.0, 1.0, 2.0]
    assert [update.done_bytes for update in updates if update.stage == "connect"] == [30, 30, 50, 50]
    assert "lost the connection (OSError); retrying" in [update.message for update in updates]
    assert part.path.read_bytes() == CONTENT


def test_a_restarted_file_is_not_progress_until_it_is_longer(part, respond, sleeps):
    """Otherwise a source that always closes after the same byte and ignores ranges is tried forever."""
    respond(*[RangeResponse(Body(CONTENT[:30]), 0, 100, "") for _ in range(9)])
    with pytest.raises(SourceError, match="closed the connection after 30 bytes, 3 times in a row"):
        run(part)
    assert sleeps == [1.0, 2.0]


def test_updates_count_from_the_resumed_byte_to_the_published_size(part, respond):
    part.start(URL, '"v"', 0)
    part.path.write_bytes(CONTENT[:40])
    body = Body(CONTENT[40:70], CONTENT[70:])
    requests = respond(RangeResponse(body, 40, 0, '"v"'))
    assert [(update.done_bytes, update.of_bytes) for update in run(part)] == [
        (40, 100),
        (70, 100),
        (100, 100),
        (100, 100),
    ]
    assert [request[:3] for request in requests] == [(URL, 40, '"v"')]
    assert body.is_closed
    assert part.was_resumed


def test_one_byte_is_enough_to_be_resumed(part, respond):
    part.start(URL, "", 0)
    part.path.write_bytes(CONTENT[:1])
    respond(RangeResponse(Body(CONTENT[1:]), 1, 0, ""))
    run(part)
    assert part.was_resumed
    assert part.path.read_bytes() == CONTENT


def test_a_new_download_is_not_resumed_and_remembers_its_origin(part, respond):
    respond(RangeResponse(Body(CONTENT), 0, 100, '"v"'))
    run(part)
    assert not part.was_resumed
    assert json.loads(part.origin_path.read_text()) == {"url": URL, "validator": '"v"', "total": 100}


def test_the_end_of_the_file_leaves_the_partial_file_as_it_is(part, respond):
    part.start(URL, "", 0)
    part.path.write_bytes(CONTENT)
    respond(None)
    assert run(part) == []
    assert part.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("total", "facts", "message"),
    [
        (99, {}, "has a file of 99 bytes instead of 100"),
        (16_000_081, {"size": 0}, "has a file of 16,000,081 bytes instead of about 40"),
    ],
)
def test_a_file_of_another_size_is_refused_before_it_is_stored(part, respond, total, facts, message):
    respond(RangeResponse(Body(CONTENT), 0, total, ""))
    with pytest.raises(SourceError, match=f"^{message}$"):
        run(part, **facts)
    assert not part.path.exists()


def test_the_largest_size_that_may_be_right_is_accepted(part, respond):
    response = RangeResponse(Body(CONTENT, OSError("reset")), 0, 16_000_080, "")
    respond(response, *[TransientError("is busy")] * 9)
    with pytest.raises(SourceError, match="is busy"):
        run(part, size=0)
    assert part.size() == 100


def test_a_page_with_another_size_is_named_as_a_page(part, respond):
    respond(RangeResponse(Body(b"<html><body>Please sign in"), 0, 26, ""))
    with pytest.raises(SourceError, match="^sent a file that is a web page or text, not weights$"):
        run(part)


def test_the_rest_of_a_file_of_another_size_is_named_by_its_size(part, respond):
    part.start(URL, "", 0)
    part.path.write_bytes(CONTENT[:40])
    respond(RangeResponse(Body(b"<html><body>Please sign in"), 40, 99, ""))
    with pytest.raises(SourceError, match="has a file of 99 bytes"):
        run(part)


@pytest.mark.parametrize("blocks", [(b"<html><body>sign in",), (b"<ht", b"ml><body>sig", b"n in")])
def test_a_page_is_recognized_from_its_first_sixteen_bytes(part, respond, blocks):
    respond(RangeResponse(Body(*blocks), 0, 0, ""))
    with pytest.raises(SourceError, match="web page or text"):
        run(part)


def test_a_signature_in_small_blocks_is_recognized(part, respond):
    respond(RangeResponse(Body(CONTENT[:3], CONTENT[3:5], CONTENT[5:]), 0, 0, ""))
    run(part)
    assert part.path.read_bytes() == CONTENT


@pytest.mark.parametrize(("total", "facts"), [(0, {}), (100, {"size": 0})])
def test_a_body_may_be_as_long_as_the_file_and_not_longer(part, respond, total, facts):
    respond(RangeResponse(Body(CONTENT, b"x"), 0, total, ""))
    with pytest.raises(SourceError, match="^sends more than 100 bytes$"):
        run(part, **facts)
    assert part.path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("total", "validator", "old_total", "old_validator", "is_refused"),
    [
        (100, '"v"', 100, '"v"', False),
        (100, '"w"', 100, '"v"', True),
        (100, "", 100, '"v"', False),
        (100, '"w"', 100, "", False),
        (100, "", 90, "", True),
        (0, "", 90, "", False),
        (100, "", 0, "", False),
    ],
)
def test_the_rest_of_another_version_is_not_appended(
    part, respond, total, validator, old_total, old_validator, is_refused
):
    part.start(URL, old_validator, old_total)
    part.path.write_bytes(CONTENT[:40])
    respond(RangeResponse(Body(CONTENT[40:]), 40, total, validator), RangeResponse(Body(CONTENT), 0, 100, ""))
    messages = [update.message for update in run(part)]
    assert ("now has a different file; retrying" in messages) is is_refused
    assert part.path.read_bytes() == CONTENT
    assert part.was_resumed is not is_refused


@pytest.mark.parametrize(
    ("error", "message"), [(TimeoutError(), "stopped sending"), (ConnectionResetError(), r"lost the .*ConnectionReset")]
)
def test_a_body_that_breaks_off_is_a_reason_to_try_again(part, respond, error, message):
    respond(RangeResponse(Body(CONTENT[:20], error), 0, 100, ""), TransientError("a"), TransientError("b"))
    updates, steps = [], download(URL, part, variant(), UPDATE, RetryPolicy(max_tries=3, pause_s=0))
    with pytest.raises(SourceError):
        updates.extend(steps)
    assert re.match(f"{message}.*; retrying", next(update.message for update in updates if update.message))
    assert part.size() == 20


@pytest.mark.parametrize(
    ("start", "total", "size", "expected"), [(0, 100, 100, 100), (40, 100, 100, 60), (0, 0, 0, 40), (30, 0, 0, 10)]
)
def test_room_is_needed_for_the_bytes_to_come(part, respond, monkeypatch, start, total, size, expected):
    needed = []
    monkeypatch.setattr(transfer, "require_free_space", lambda folder, count: needed.append((folder, count)))
    part.start(URL, "", total)
    part.path.write_bytes(CONTENT[:start])
    respond(RangeResponse(Body(CONTENT[start:]), start, total, ""))
    run(part, size=size)
    assert needed == [(part.path.parent, expected)]


def copied(file, part, **facts):
    return list(copy(file, part, variant(**facts), UPDATE, RetryPolicy(update_every_s=0.0)))


def test_a_local_file_is_copied_with_its_path_as_origin(part, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "COPY_BLOCK_BYTES", 40)
    (tmp_path / "source.pt").write_bytes(CONTENT)
    part.path.write_bytes(b"older bytes")
    updates = copied(tmp_path / "source.pt", part)
    assert [(update.stage, update.done_bytes, update.of_bytes) for update in updates] == [
        ("copy", 40, 100), ("copy", 80, 100), ("copy", 100, 100),
    ]  # fmt: skip
    assert part.path.read_bytes() == (tmp_path / "source.pt").read_bytes() == CONTENT
    assert json.loads(part.origin_path.read_text()) == {
        "url": str(tmp_path / "source.pt"),
        "validator": "",
        "total": 100,
    }


def test_a_missing_local_file_is_named(part, tmp_path):
    with pytest.raises(SourceError, match=f"^has no {tmp_path / 'none.pt'}$"):
        copied(tmp_path / "none.pt", part)


def test_a_local_file_that_cannot_be_read_is_described(part, tmp_path, monkeypatch):
    (tmp_path / "source.pt").mkdir()
    with pytest.raises(SourceError, match=r"^has a wrong file: .*source.pt is too large or not a regular file$"):
        copied(tmp_path / "source.pt", part, size=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match=r"^has a file that cannot be read \(Not a directory\)$"):
        copied(tmp_path / "file" / "source.pt", part)


def test_a_local_file_may_have_the_largest_accepted_size(part, tmp_path):
    (tmp_path / "source.pt").write_bytes(CONTENT)
    copied(tmp_path / "source.pt", part, size=100)
    with pytest.raises(SourceError, match="too large"):
        copied(tmp_path / "source.pt", part, size=99)


def test_a_copy_needs_room_on_the_disk(part, tmp_path, monkeypatch):
    def refuse(folder, count):
        raise DownloadFailed(f"{folder} {count}")

    monkeypatch.setattr(transfer, "require_free_space", refuse)
    (tmp_path / "source.pt").write_bytes(CONTENT)
    with pytest.raises(DownloadFailed, match=f"^{tmp_path} 100$"):
        copied(tmp_path / "source.pt", part)
    assert os.listdir(tmp_path) == ["source.pt"]
