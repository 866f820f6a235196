# SPDX-License-Identifier: GPL-3.0-or-later
"""Partial files: their origin, what may resume them, and their way to the final name."""

import errno
import json
import os
import shutil
from collections import namedtuple

import pytest

from blender_text3d.engine.weights.catalogue import OFFICIAL, CheckpointFile
from blender_text3d.engine.weights.download.partial_file import (
    PartialFile,
    max_bytes,
    require_free_space,
    write_error,
)
from blender_text3d.engine.weights.errors import DownloadFailed

URL, OTHER_URL = "https://one/weights.pt", "https://two/weights.pt"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def part(tmp_path):
    return PartialFile(tmp_path / "weights.pt")


def begun(part, content=b"begun", url=URL, validator='"v1"', total=100):
    part.start(url, validator, total)
    part.path.write_bytes(content)
    return PartialFile(part.path.with_suffix(""))


def test_a_download_is_synced_to_disk_before_it_is_renamed(tmp_path, monkeypatch):
    calls, real_fsync, real_replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: calls.append("fsync") or real_fsync(descriptor))
    renaming = lambda *paths: calls.append("rename") or real_replace(*paths)  # noqa: E731
    monkeypatch.setattr("blender_text3d.system.files.replace_with_retry.__defaults__", (renaming,))
    part = begun(PartialFile(tmp_path / "weights.pt"), b"weights")
    calls.clear()
    part.commit(tmp_path / "weights.pt")
    assert calls == ["fsync", "rename"]
    assert (tmp_path / "weights.pt").read_bytes() == b"weights"
    assert os.listdir(tmp_path) == ["weights.pt"]
    assert (part.total, part.validator_for(URL)) == (0, "")


def test_a_new_partial_file_has_no_bytes_and_no_origin(part, tmp_path):
    assert (part.size(), part.total, part.validator_for(URL), part.was_resumed) == (0, 0, "", False)
    assert os.listdir(tmp_path) == []


def test_the_origin_of_an_earlier_download_is_read_again(part, tmp_path):
    later = begun(part)
    assert sorted(os.listdir(tmp_path)) == ["weights.pt.part", "weights.pt.part.json"]
    assert (later.size(), later.total) == (5, 100)
    assert (later.validator_for(URL), later.validator_for(OTHER_URL)) == ('"v1"', "")
    assert json.loads(later.origin_path.read_text()) == {"url": URL, "validator": '"v1"', "total": 100}


@pytest.mark.parametrize("total", ["100", None, 1.5, [100]])
def test_an_invalid_total_counts_as_unknown(part, total):
    part.origin_path.write_text(json.dumps({"url": URL, "total": total}))
    assert PartialFile(part.path.with_suffix("")).total == 0


def test_starting_removes_earlier_bytes(part):
    later = begun(part)
    later.was_resumed = True
    later.start(OTHER_URL, "", 7)
    assert (later.size(), later.total, later.was_resumed) == (0, 7, False)
    assert later.validator_for(URL) == ""


def test_discarding_removes_bytes_and_origin(part, tmp_path):
    later = begun(part)
    later.was_resumed = True
    later.discard()
    later.discard()
    assert os.listdir(tmp_path) == []
    assert (later.size(), later.total, later.was_resumed) == (0, 0, False)


@pytest.mark.parametrize(
    ("url", "has_hash", "is_kept"),
    [(URL, True, True), (URL, False, True), (OTHER_URL, True, True), (OTHER_URL, False, False)],
)
def test_another_source_continues_only_a_file_with_a_published_hash(part, url, has_hash, is_kept):
    later = begun(part)
    later.discard_unless_resumable(url, has_hash)
    assert later.path.exists() is is_kept
    assert later.origin_path.exists() is is_kept


@pytest.mark.parametrize("has_hash", [True, False])
def test_bytes_of_an_unknown_origin_are_never_continued(part, has_hash):
    part.path.write_bytes(b"unknown")
    part.discard_unless_resumable(URL, has_hash)
    assert not part.path.exists()


def test_without_bytes_the_origin_is_kept(part):
    later = begun(part, b"")
    later.discard_unless_resumable(OTHER_URL, has_hash=False)
    assert later.origin_path.exists()


def test_appended_blocks_are_on_the_disk_at_once_even_if_written_in_pieces(part):
    class Slow:
        def __init__(self, file):
            self.file = file

        def write(self, block):
            return self.file.write(block[:3])

    begun(part, b"ab")
    with part.open() as file:
        part.append(Slow(file), b"cdefghij")
        assert part.path.read_bytes() == b"abcdefghij"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_named(part, code):
    class Full:
        def write(self, block):
            raise OSError(code, "full")

    with pytest.raises(DownloadFailed, match=r"^The disk is full: .*weights\.pt\.part\. The partial download is kept;"):
        part.append(Full(), b"block")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    part = PartialFile(tmp_path / "none" / "weights.pt")
    with pytest.raises(DownloadFailed, match=r"The folder cannot be written \(No such file or directory\): .*\.part\."):
        part.open()
    (tmp_path / "none").write_text("a file in the way")
    with pytest.raises(DownloadFailed, match="The folder cannot be written"):
        part.start(URL, "", 0)


def test_an_error_without_a_number_is_described_by_its_text(tmp_path):
    message = "The folder cannot be written (odd): net.pt. The partial download is kept; "
    assert str(write_error("net.pt", OSError("odd"))) == message + "free some space or choose another folder."


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"size": 5}, 5),
        ({}, 2 * 4_000 + 16_000_000),
        ({"bytes_per_parameter": 2}, 2 * 2_000 + 16_000_000),
    ],
)
def test_a_file_may_have_its_published_size_or_twice_its_parameters_and_a_header(facts, expected):
    assert max_bytes(CheckpointFile("test/net.pt", OFFICIAL, (), 1_000, **facts)) == expected


def test_a_download_leaves_64_megabytes_free(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: asked.append(folder) or Usage(0, 0, 1_064_000_000))
    require_free_space(tmp_path, 1_000_000_000)
    with pytest.raises(
        DownloadFailed, match=f"needs 1.0 GB, and {tmp_path} has 1.1 GB free. Free some space, or choose"
    ):
        require_free_space(tmp_path, 1_000_000_001)
    assert asked == [tmp_path, tmp_path]
