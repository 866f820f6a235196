# SPDX-License-Identifier: GPL-3.0-or-later
"""Exclusive file creation: complete when visible, never overwritten, and without leftover files."""

import errno
import io
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from blender_text3d.system.files import create_exclusive


def test_the_first_content_stays_and_the_second_write_returns_false(tmp_path):
    path = tmp_path / "claim.json"
    assert create_exclusive(path, "first")
    assert not create_exclusive(path, "second")
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["claim.json"]


def test_the_file_does_not_exist_while_its_content_is_written(tmp_path, monkeypatch):
    path, seen, real_link = tmp_path / "claim.json", [], os.link
    monkeypatch.setattr(os, "link", lambda *paths: seen.append(path.exists()) or real_link(*paths))
    assert create_exclusive(path, "complete")
    assert seen == [False]
    assert path.read_text() == "complete"


def test_one_of_many_concurrent_writers_wins(tmp_path):
    path = tmp_path / "claim.json"
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda number: create_exclusive(path, f"{number}" * 1000), range(64)))
    (winner,) = [number for number, is_written in enumerate(done) if is_written]
    assert path.read_text() == f"{winner}" * 1000
    assert os.listdir(tmp_path) == ["claim.json"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP])
def test_exclusive_creation_works_on_a_disk_without_hard_links(tmp_path, monkeypatch, code):
    def refuse(*_: object) -> None:
        raise OSError(code, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "claim.json"
    assert create_exclusive(path, "first")
    assert not create_exclusive(path, "second")
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["claim.json"]


def test_a_full_disk_raises_and_leaves_nothing(tmp_path, monkeypatch):
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, "full")

    real_open = io.open

    def opened(path, mode="r", *rest, **more):
        return (real_open(path, mode).close(), Full())[1] if "x" in mode else real_open(path, mode, *rest, **more)

    monkeypatch.setattr("pathlib.Path.open", opened)
    with pytest.raises(OSError, match="full"):
        create_exclusive(tmp_path / "claim.json", "content")
    assert os.listdir(tmp_path) == []


def test_an_existing_file_in_a_read_only_folder_is_not_an_error(tmp_path):
    (tmp_path / "imported.json").write_text("{}")
    tmp_path.chmod(0o555)
    try:
        assert not create_exclusive(tmp_path / "imported.json", "{}")
    finally:
        tmp_path.chmod(0o755)


def test_a_dangling_link_is_not_followed(tmp_path):
    (tmp_path / "claim.json").symlink_to(tmp_path / "elsewhere")
    assert not create_exclusive(tmp_path / "claim.json", "content")
    assert not (tmp_path / "elsewhere").exists()
