# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch from a server that stalls, closes connections, sends false headers and other files."""

import http.client
from dataclasses import replace

import pytest

from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.progress import ProgressUpdate, RateMeter
from tests.engine.weights.faulty_server import error_page, etag_of, fault, in_small_chunks, status
from tests.engine.weights.run_steps import messages, run_steps

PATH = "/net.pt"


def contains_only_the_file(folder):
    return {path.name for path in folder.iterdir()} == {"net.pt", "net.pt.stamp.json", "net.lock"}


def test_a_complete_file_is_installed_and_stamped(server, checkpoint_at, weights, weights_dir, quick):
    updates, local = run_steps(fetch(checkpoint_at(server.put(PATH, weights)), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert contains_only_the_file(local.path.parent)
    assert [item.stage for item in updates][-1] == "ready"


def test_the_updates_count_to_the_end(server, checkpoint_at, weights, weights_dir, quick):
    updates, _ = run_steps(fetch(checkpoint_at(server.put(PATH, weights)), weights_dir, policy=quick))
    downloading = [item for item in updates if item.stage == "download"]
    assert [item.done_bytes for item in downloading] == sorted(item.done_bytes for item in downloading)
    assert (downloading[-1].done_bytes, downloading[-1].of_bytes) == (len(weights), len(weights))


def test_the_rate_and_the_time_left_are_of_the_last_seconds():
    seconds = iter([0.0, 2.0, 10.0, 12.0])
    meter = RateMeter(0.0, clock=lambda: next(seconds))
    updates = [meter.update(ProgressUpdate("download", "net"), done, 1000) for done in (0, 200, 400, 600)]
    assert [update.bytes_per_s for update in updates] == [0.0, 100.0, 0.0, 100.0]
    assert [update.left_s for update in updates] == [None, 8.0, None, 4.0]


def test_a_local_file_is_not_requested_again(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put(PATH, weights))
    run_steps(fetch(checkpoint, weights_dir, policy=quick))
    run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert len(server.requests) == 1


@pytest.fixture
def one_timeout(monkeypatch):
    """The first connection that would end times out instead, on a machine of any speed."""
    read1, errors = http.client.HTTPResponse.read1, [TimeoutError("timed out")]

    def read_or_time_out(response, count=-1):
        block = read1(response, count)
        if not block and errors:
            raise errors.pop()
        return block

    monkeypatch.setattr(http.client.HTTPResponse, "read1", read_or_time_out)


@pytest.mark.parametrize("failure", ["closed", "timeout"])
def test_an_interrupted_download_is_resumed_where_it_stopped(
    server, checkpoint_at, weights, weights_dir, quick, request, failure
):
    if failure == "timeout":
        request.getfixturevalue("one_timeout")
    url = server.put(PATH, weights, fault(stop_after=50_000))
    _, local = run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert server.ranges(PATH) == [None, "bytes=50000-"]


def test_a_resumed_request_names_the_version_of_the_earlier_bytes(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, fault(stop_after=50_000))
    run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert [headers.get("If-Range") for _, headers in server.requests] == [None, etag_of(weights)]


def test_a_server_that_stalls_is_given_up(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, *[fault(stop_after=0, stall=True)] * 9)
    with pytest.raises(DownloadFailed, match="3 times in a row"):
        run_steps(fetch(checkpoint_at(url), weights_dir, policy=replace(quick, timeout_s=0.05)))


def test_a_connection_that_is_closed_again_and_again_still_gives_the_file(
    server, checkpoint_at, weights, weights_dir, quick
):
    url = server.put(PATH, weights, *[fault(stop_after=20_000)] * 7)
    _, local = run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert len(server.requests) == 8


def test_a_source_that_sends_nothing_more_is_given_up_after_a_few_tries(
    server, checkpoint_at, weights, weights_dir, quick
):
    stuck = server.put("/stuck.pt", weights, fault(stop_after=9_000), *[fault(stop_after=0)] * 9)
    _, local = run_steps(fetch(checkpoint_at(stuck, server.put(PATH, weights)), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert len(server.ranges("/stuck.pt")) == 3


def test_with_a_published_hash_another_source_resumes_where_the_first_stopped(
    server, checkpoint_at, weights, weights_dir, quick
):
    stuck = server.put("/stuck.pt", weights, fault(stop_after=9_000), *[status(503)] * 9)
    run_steps(fetch(checkpoint_at(stuck, server.put(PATH, weights)), weights_dir, policy=quick))
    assert server.ranges(PATH) == ["bytes=9000-"]


def test_without_a_published_hash_another_source_starts_over(server, checkpoint_at, weights, weights_dir, quick):
    stuck = server.put("/stuck.pt", weights, fault(stop_after=9_000), *[status(503)] * 9)
    checkpoint = checkpoint_at(stuck, server.put(PATH, weights), is_published=False)
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert server.ranges(PATH) == [None]
    assert local.path.read_bytes() == weights


def test_a_server_without_ranges_sends_the_complete_file_again(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, fault(stop_after=50_000), fault(supports_ranges=False))
    _, local = run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights


@pytest.mark.parametrize("heeds_if_range", [True, False], ids=["sends it completely", "sends the rest of the new one"])
def test_a_file_that_changes_between_two_requests_is_fetched_from_its_start(
    server, checkpoint_at, weights, weights_dir, quick, heeds_if_range
):
    older = bytes(len(weights))[:4] + weights[4:50_000] + bytes(len(weights) - 50_000)
    older = weights[:4] + older[4:]
    url = server.put(PATH, weights, lambda handler, _: fault(stop_after=50_000)(handler, older),
                     fault(supports_if_range=heeds_if_range))  # fmt: skip
    _, local = run_steps(fetch(checkpoint_at(url, is_published=False), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights


def test_a_resumed_file_of_two_versions_is_downloaded_again(server, checkpoint_at, weights, weights_dir, quick):
    older = weights[:100] + bytes(49_900)
    send_older = fault(stop_after=50_000, etag="")
    url = server.put(PATH, weights, lambda handler, _: send_older(handler, older + weights[50_000:]), fault(etag=""))
    updates, local = run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert "downloaded again" in messages(updates, "notice")[0]


def test_a_partial_file_that_is_complete_is_only_verified(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put(PATH, weights))
    part = PartialFile(weights_dir / "test/net.pt")
    part.start(server.url + PATH, "", len(weights))
    part.path.write_bytes(weights)
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert server.ranges(PATH) == [f"bytes={len(weights)}-"]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (error_page, "web page or text"),
        (fault(content_length=10_000_000), "10,000,000"),
        (fault(content_length=1_000), "1,000"),
        (status(404), "404"),
        (status(403), "denies"),
        (lambda handler, body: fault()(handler, body[:-9] + b"different"), "SHA-256"),
    ],
    ids=["page", "too large", "too small", "404", "403", "other bytes"],
)
def test_a_source_with_another_file_is_named_and_the_next_one_tried(
    server, checkpoint_at, weights, weights_dir, quick, wrong, text
):
    bad = server.put("/bad.pt", weights, wrong)
    updates, local = run_steps(fetch(checkpoint_at(bad, server.put(PATH, weights)), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    (refusal,) = messages(updates, "refused")
    assert refusal.startswith("source 1 ")
    assert text in refusal


def test_more_bytes_than_expected_are_not_stored(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights * 40, in_small_chunks)
    with pytest.raises(DownloadFailed, match="sends more than"):
        run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))


def test_a_file_without_a_length_in_small_chunks_arrives(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, in_small_chunks)
    _, local = run_steps(fetch(checkpoint_at(url, is_published=False), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights


def test_a_length_that_is_not_a_number_is_ignored(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, fault(content_length="many"))
    _, local = run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights


def test_if_no_source_has_it_all_are_named_with_what_to_do(server, checkpoint_at, weights_dir, quick):
    checkpoint = checkpoint_at(server.url + "/gone.pt", server.put("/page.pt", b"", error_page))
    with pytest.raises(DownloadFailed) as failed:
        run_steps(fetch(checkpoint, weights_dir, policy=quick))
    for text in ("source 1 does not have the file", "source 2 sent a file that", "import the folder"):
        assert text in str(failed.value)
    assert not (weights_dir / "test/net.pt").exists()


def test_a_source_that_cannot_be_reached_is_named(checkpoint_at, weights_dir, quick):
    with pytest.raises(DownloadFailed, match="source 1 could not be reached"):
        run_steps(fetch(checkpoint_at("http://127.0.0.1:9/net.pt"), weights_dir, policy=quick))


def test_a_cancelled_download_is_kept_and_resumed(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put(PATH, weights, fault(stop_after=100_000, stall=True)))
    steps = fetch(checkpoint, weights_dir, policy=quick)
    while next(steps).done_bytes < 100_000:
        pass
    steps.close()
    assert PartialFile(weights_dir / "test/net.pt").size() == 100_000
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
    assert server.ranges(PATH) == [None, "bytes=100000-"]
