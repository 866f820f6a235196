# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching from a server that stalls, cuts, lies and changes its mind."""

import pytest

from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.errors import DownloadFailed
from tests.engine.weights.faulty_server import fault, in_crumbs, page, status
from tests.engine.weights.following import follow, messages

PATH = "/net.pt"


def only_the_file_lies_in(folder):
    return {path.name for path in folder.iterdir()} == {"net.pt", "net.pt.stamp.json", "net.lock"}


def test_a_whole_file_is_put_in_place_and_stamped(server, checkpoint_at, weights, weights_dir, quick):
    news, held = follow(fetch(checkpoint_at(server.put(PATH, weights)), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert only_the_file_lies_in(held.path.parent)
    assert [item.stage for item in news][-1] == "ready"


def test_the_news_counts_to_the_end_and_says_how_fast(server, checkpoint_at, weights, weights_dir, quick):
    news, _ = follow(fetch(checkpoint_at(server.put(PATH, weights)), weights_dir, policy=quick))
    come = [item for item in news if item.stage == "download"]
    assert [item.done_bytes for item in come] == sorted(item.done_bytes for item in come)
    assert (come[-1].done_bytes, come[-1].of_bytes) == (len(weights), len(weights))
    assert come[-1].bytes_per_s > 0 and come[-1].left_s == 0


def test_a_file_that_is_here_is_not_asked_for_again(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put(PATH, weights))
    follow(fetch(checkpoint, weights_dir, policy=quick))
    follow(fetch(checkpoint, weights_dir, policy=quick))
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    "broken_off",
    [fault(stop_after=50_000), fault(stop_after=50_000, stall=True)],
    ids=["cut", "stalled"],
)
def test_what_broke_off_is_gone_on_with_where_it_was(server, checkpoint_at, weights, weights_dir, quick, broken_off):
    url = server.put(PATH, weights, broken_off)
    _, held = follow(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert server.ranges(PATH) == [None, "bytes=50000-"]


def test_a_connection_that_breaks_with_every_few_bytes_still_ends_with_a_file(
    server, checkpoint_at, weights, weights_dir, quick
):
    url = server.put(PATH, weights, *[fault(stop_after=20_000)] * 7)
    _, held = follow(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert len(server.seen) == 8


def test_a_source_that_gives_nothing_more_is_left_after_a_few_tries(server, checkpoint_at, weights, weights_dir, quick):
    stuck = server.put("/stuck.pt", weights, fault(stop_after=9_000), *[fault(stop_after=0)] * 9)
    _, held = follow(fetch(checkpoint_at(stuck, server.put(PATH, weights)), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert len(server.ranges("/stuck.pt")) == 3


def test_with_a_published_hash_another_source_goes_on_where_the_first_broke_off(
    server, checkpoint_at, weights, weights_dir, quick
):
    stuck = server.put("/stuck.pt", weights, fault(stop_after=9_000), *[status(503)] * 9)
    follow(fetch(checkpoint_at(stuck, server.put(PATH, weights)), weights_dir, policy=quick))
    assert server.ranges(PATH) == ["bytes=9000-"]


def test_without_a_published_hash_another_source_starts_over(server, checkpoint_at, weights, weights_dir, quick):
    stuck = server.put("/stuck.pt", weights, fault(stop_after=9_000), *[status(503)] * 9)
    checkpoint = checkpoint_at(stuck, server.put(PATH, weights), is_published=False)
    _, held = follow(fetch(checkpoint, weights_dir, policy=quick))
    assert server.ranges(PATH) == [None]
    assert held.path.read_bytes() == weights


def test_a_server_that_knows_no_ranges_gives_all_of_it_again(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, fault(stop_after=50_000), fault(heeds_range=False))
    _, held = follow(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights


@pytest.mark.parametrize("heeds_if_range", [True, False], ids=["gives it whole", "gives the rest of the new one"])
def test_a_file_that_changes_between_two_ranges_is_fetched_from_its_start(
    server, checkpoint_at, weights, weights_dir, quick, heeds_if_range
):
    older = bytes(len(weights))[:4] + weights[4:50_000] + bytes(len(weights) - 50_000)
    older = weights[:4] + older[4:]
    url = server.put(PATH, weights, lambda handler, _: fault(stop_after=50_000)(handler, older),
                     fault(heeds_if_range=heeds_if_range))  # fmt: skip
    _, held = follow(fetch(checkpoint_at(url, is_published=False), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights


def test_a_resumed_file_that_was_changed_unnoticed_is_fetched_again_whole(
    server, checkpoint_at, weights, weights_dir, quick
):
    older = weights[:100] + bytes(49_900)
    give_older = fault(stop_after=50_000, etag="")
    url = server.put(PATH, weights, lambda handler, _: give_older(handler, older + weights[50_000:]), fault(etag=""))
    news, held = follow(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert "downloaded again" in messages(news, "notice")[0]


def test_a_part_that_was_whole_already_is_only_verified(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put(PATH, weights))
    part = PartialFile(weights_dir / "test/net.pt")
    part.start(server.url + PATH, "", len(weights))
    part.path.write_bytes(weights)
    _, held = follow(fetch(checkpoint, weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert server.ranges(PATH) == [f"bytes={len(weights)}-"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (page, "web page or text"),
        (fault(says=10_000_000), "10,000,000"),
        (fault(says=1_000), "1,000"),
        (status(404), "404"),
        (status(403), "denies"),
        (lambda handler, body: fault()(handler, body[:-9] + b"different"), "SHA-256"),
    ],
    ids=["page", "says too much", "says too little", "404", "403", "other bytes"],
)
def test_a_source_with_something_else_is_named_and_the_next_one_asked(
    server, checkpoint_at, weights, weights_dir, quick, wrong, words
):
    bad = server.put("/bad.pt", weights, wrong)
    news, held = follow(fetch(checkpoint_at(bad, server.put(PATH, weights)), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    (refusal,) = messages(news, "refused")
    assert refusal.startswith("source 1 ") and words in refusal


def test_more_bytes_than_were_spoken_of_are_never_kept(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights * 40, in_crumbs)
    with pytest.raises(DownloadFailed, match="sends more than"):
        follow(fetch(checkpoint_at(url), weights_dir, policy=quick))


def test_a_file_without_a_length_and_in_crumbs_arrives(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, in_crumbs)
    _, held = follow(fetch(checkpoint_at(url, is_published=False), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights


def test_a_length_that_is_no_number_is_passed_over(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put(PATH, weights, fault(says="many"))
    _, held = follow(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert held.path.read_bytes() == weights


def test_when_nobody_has_it_every_source_is_named_and_what_to_do(server, checkpoint_at, weights_dir, quick):
    checkpoint = checkpoint_at(server.url + "/gone.pt", server.put("/page.pt", b"", page))
    with pytest.raises(DownloadFailed) as failed:
        follow(fetch(checkpoint, weights_dir, policy=quick))
    for words in ("source 1 does not have the file", "source 2 sent a file that", "import the folder"):
        assert words in str(failed.value)
    assert not (weights_dir / "test/net.pt").exists()


def test_a_source_that_cannot_be_reached_is_named(checkpoint_at, weights_dir, quick):
    with pytest.raises(DownloadFailed, match="source 1 could not be reached"):
        follow(fetch(checkpoint_at("http://127.0.0.1:9/net.pt"), weights_dir, policy=quick))


def test_who_stops_pulling_keeps_what_has_come(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put(PATH, weights, fault(stop_after=100_000, stall=True)))
    fetching = fetch(checkpoint, weights_dir, policy=quick)
    while next(fetching).done_bytes < 100_000:
        pass
    fetching.close()
    assert PartialFile(weights_dir / "test/net.pt").size() == 100_000
    _, held = follow(fetch(checkpoint, weights_dir, policy=quick))
    assert held.path.read_bytes() == weights
    assert server.ranges(PATH) == [None, "bytes=100000-"]
