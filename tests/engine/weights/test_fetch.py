# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of a fetch: lock, local file, sources, verification, final name; and what it reports."""

import os
from types import SimpleNamespace

import pytest

from blender_text3d.engine.weights.catalogue import OFFICIAL, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.download import fetch as fetch_module
from blender_text3d.engine.weights.download.fetch import fetch, fetch_from
from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.download.retry_policy import RetryPolicy
from blender_text3d.engine.weights.download.source import Source
from blender_text3d.engine.weights.errors import DownloadFailed, NoSource
from blender_text3d.engine.weights.store.verified_stamp import valid_stamp
from blender_text3d.system.file_lock import FileLock
from tests.engine.weights.run_steps import messages, run_steps

NOWHERE = "http://127.0.0.1:9/net.pt"


@pytest.fixture
def good(tmp_path, weights):
    """A folder with the right file."""
    (tmp_path / "good").mkdir()
    (tmp_path / "good/net.pt").write_bytes(weights)
    return tmp_path / "good"


def test_the_steps_of_a_fetch_in_their_order(good, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(NOWHERE)
    updates, local = run_steps(fetch(checkpoint, weights_dir, mirror=str(good), policy=quick))
    assert [(update.stage, update.message) for update in updates] == [
        ("connect", "connecting to your folder for net.pt"),
        ("copy", ""),
        ("verify", ""),
        ("ready", str(weights_dir / "test/net.pt")),
    ]
    assert {update.checkpoint for update in updates} == {"test/net"}
    assert (updates[-1].done_bytes, updates[-1].of_bytes) == (len(weights), len(weights))
    assert (local.variant, local.path, local.size) == (
        checkpoint.variants[0],
        weights_dir / "test/net.pt",
        len(weights),
    )
    stamp = valid_stamp(local.path)
    assert (stamp.sha256, stamp.source) == (local.sha256, str(good / "net.pt"))


def test_a_local_file_is_verified_and_no_source_is_asked(checkpoint_at, weights, weights_dir, quick):
    (weights_dir / "test").mkdir(parents=True)
    (weights_dir / "test/net.pt").write_bytes(weights)
    updates, local = run_steps(fetch(checkpoint_at(NOWHERE), weights_dir, policy=quick))
    assert [update.stage for update in updates] == ["verify", "ready"]
    assert local.sha256


def test_after_a_success_unfinished_downloads_of_all_variants_are_deleted(good, weights_dir, quick):
    files = tuple(CheckpointFile(f"test/{name}.pt", OFFICIAL, (), 36_000) for name in ("net", "other"))
    for name in ("net", "other"):
        PartialFile(weights_dir / f"test/{name}.pt").start(NOWHERE, "", 100)
        (weights_dir / f"test/{name}.pt.part").write_bytes(b"begun")
    checkpoint = Checkpoint("test/net", "", files, "", "", "")
    run_steps(fetch(checkpoint, weights_dir, mirror=str(good), policy=quick))
    assert sorted(os.listdir(weights_dir / "test")) == ["net.lock", "net.pt", "net.pt.stamp.json"]


def test_after_a_failure_the_unfinished_download_is_kept(checkpoint_at, weights_dir, quick):
    part = PartialFile(weights_dir / "test/net.pt")
    part.start(NOWHERE, "", 100)
    part.path.write_bytes(b"begun")
    with pytest.raises(NoSource):
        run_steps(fetch(checkpoint_at(NOWHERE), weights_dir, policy=quick))
    assert part.path.read_bytes() == b"begun"


def test_without_a_source_all_files_are_named(weights_dir, quick):
    files = tuple(CheckpointFile(f"test/{name}.pt", OFFICIAL, (), 9) for name in ("a", "b"))
    with pytest.raises(NoSource) as failed:
        run_steps(fetch_from(Checkpoint("test/net", "", files, "", "", ""), weights_dir, [], quick))
    assert str(failed.value) == (
        "test/net could not be downloaded: it has no source. If you have a.pt or b.pt, import the folder that contains "
        "it, or set a mirror in BLENDER_TEXT3D_MIRROR."
    )


def test_every_failed_source_is_reported_and_listed(checkpoint_at, weights_dir, quick, tmp_path):
    checkpoint = checkpoint_at()
    sources = [Source(checkpoint.variants[0], name, file=tmp_path / name) for name in ("One", "Two")]
    steps, updates = fetch_from(checkpoint, weights_dir, sources, quick), []
    with pytest.raises(NoSource, match=f"One has no {tmp_path / 'One'}; Two has no {tmp_path / 'Two'}. If you have"):
        updates.extend(steps)
    assert messages(updates, "refused") == [f"{name} has no {tmp_path / name}." for name in ("One", "Two")]


def test_a_wrong_file_is_quarantined_and_its_source_refused(good, checkpoint_at, weights, weights_dir, quick):
    (good / "net.pt").write_bytes(weights[:-1] + b"x")
    updates = []
    with pytest.raises(NoSource):
        updates.extend(fetch(checkpoint_at(), weights_dir, mirror=str(good), policy=quick))
    (refusal,) = messages(updates, "refused")
    assert refusal.startswith("your folder gave a wrong file: net.pt is corrupt or is a different file")
    assert refusal.count(".") == 1 + refusal.count("net.pt")
    assert sorted(os.listdir(weights_dir / "test")) == ["net.lock", "net.pt.broken"]


def test_a_wrong_resumed_file_is_downloaded_again_only_once(checkpoint_at, weights_dir, quick, weights, monkeypatch):
    tries = []

    def wrong(url, part, variant, update, policy):
        tries.append(update.stage)
        part.start(url, "", 0)
        part.was_resumed = True
        part.path.write_bytes(b"wrong")
        return iter(())

    monkeypatch.setattr(fetch_module, "download", wrong)
    updates = []
    with pytest.raises(NoSource, match="gave a wrong file: net.pt has 5 bytes"):
        updates.extend(fetch(checkpoint_at(NOWHERE), weights_dir, policy=quick))
    assert tries == ["download", "download"]
    (notice,) = messages(updates, "notice")
    assert notice.endswith(f"should have {len(weights):,}. It is downloaded again from its start.")


def test_a_file_that_was_not_resumed_is_not_downloaded_again(good, checkpoint_at, weights, weights_dir, quick):
    (good / "net.pt").write_bytes(weights[:-1] + b"x")
    updates = []
    with pytest.raises(NoSource):
        updates.extend(fetch(checkpoint_at(), weights_dir, mirror=str(good), policy=quick))
    assert [update.stage for update in updates].count("copy") == 1


def test_while_another_process_downloads_its_bytes_are_reported(good, checkpoint_at, weights_dir, quick, monkeypatch):
    sleeps = []

    def sleep(seconds):
        sleeps.append(seconds)
        if len(sleeps) == 2:
            other.file.close()

    monkeypatch.setattr(fetch_module, "time", SimpleNamespace(sleep=sleep))
    PartialFile(weights_dir / "test/net.pt").start(NOWHERE, "", 0)
    (weights_dir / "test/net.pt.part").write_bytes(bytes(7))
    with FileLock(weights_dir / "test/net.lock") as other:
        other.try_acquire()
        updates, _ = run_steps(fetch(checkpoint_at(), weights_dir, mirror=str(good), policy=quick))
    waits = [update for update in updates if update.stage == "wait"]
    assert [(update.message, update.done_bytes) for update in waits] == [("another process is downloading it", 7)] * 2
    assert sleeps == [0.2, 0.2]


def test_the_lock_is_free_after_a_fetch_and_after_its_cancellation(good, checkpoint_at, weights_dir, quick):
    steps = fetch(checkpoint_at(), weights_dir, mirror=str(good), policy=quick)
    next(steps)
    with FileLock(weights_dir / "test/net.lock") as lock:
        assert not lock.try_acquire()
        steps.close()
        assert lock.try_acquire()


def test_a_disk_without_locks_is_named(checkpoint_at, weights_dir, quick, monkeypatch):
    def no_locks(lock, timeout_s=0.0):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(FileLock, "try_acquire", no_locks)
    with pytest.raises(DownloadFailed, match=r"cannot be written \(No locks available\): .*test/net\.lock"):
        run_steps(fetch(checkpoint_at(NOWHERE), weights_dir, policy=quick))


@pytest.mark.parametrize("step", ["changed_since_first_seen", "write_stamp"])
def test_a_file_that_cannot_be_recorded_is_an_error_of_the_folder(
    good, checkpoint_at, weights_dir, quick, monkeypatch, step
):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fetch_module, step, refuse)
    with pytest.raises(DownloadFailed, match=r"cannot be written \(Permission denied\): .*net\.pt\."):
        run_steps(fetch(checkpoint_at(), weights_dir, mirror=str(good), policy=quick))


def test_the_default_policy_is_used_unless_another_is_given(checkpoint_at, weights_dir, monkeypatch):
    used = []

    def download(url, part, variant, update, policy):
        used.append((url, policy))
        raise DownloadFailed("enough")

    monkeypatch.setattr(fetch_module, "download", download)
    for policy in (None, RetryPolicy(max_tries=9)):
        with pytest.raises(DownloadFailed, match="enough"):
            run_steps(fetch(checkpoint_at(NOWHERE), weights_dir, policy=policy))
    assert used == [(NOWHERE, RetryPolicy()), (NOWHERE, RetryPolicy(max_tries=9))]


def test_sources_are_tried_in_their_order_until_one_has_the_file(good, weights, weights_dir, quick, tmp_path):
    file = CheckpointFile("test/net.pt", OFFICIAL, (Address(NOWHERE, "Nowhere"),), 36_000)
    sources = [
        Source(file, "One", file=tmp_path / "none"),
        Source(file, "Two", file=good / "net.pt"),
        Source(file, "Three", file=tmp_path / "none"),
    ]
    updates, _ = run_steps(fetch_from(Checkpoint("test/net", "", (file,), "", "", ""), weights_dir, sources, quick))
    assert messages(updates, "connect") == [f"connecting to {owner} for net.pt" for owner in ("One", "Two")]
