# SPDX-License-Identifier: GPL-3.0-or-later
"""Exclusive and atomic writes: complete when visible, never overwritten, and without leftover files."""

import errno
import io
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from blender_text3d.system.files import atomic_write, create_exclusive, replace_content, write_new


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


def test_the_draft_of_a_file_is_hidden_and_next_to_it(tmp_path, monkeypatch):
    drafts, real_link = [], os.link
    monkeypatch.setattr(os, "link", lambda *paths: drafts.append(paths[0]) or real_link(*paths))
    for name in ("a.json", "b.json"):
        create_exclusive(tmp_path / name, "content")
    assert [draft.parent for draft in drafts] == [tmp_path, tmp_path]
    assert drafts[0].name.startswith(".a.json.")
    assert drafts[1].name.startswith(".b.json.")
    assert len({draft.suffix for draft in drafts}) == 2


def test_a_file_that_appears_while_the_draft_is_written_is_kept(tmp_path, monkeypatch):
    path, real_link = tmp_path / "claim.json", os.link
    monkeypatch.setattr(os, "link", lambda *paths: path.write_text("other") and real_link(*paths))
    assert not create_exclusive(path, "own")
    assert path.read_text() == "other"
    assert os.listdir(tmp_path) == ["claim.json"]


def test_a_missing_folder_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        create_exclusive(tmp_path / "none" / "claim.json", "content")


def test_a_new_file_is_utf_8_and_an_existing_one_is_kept(tmp_path):
    write_new(tmp_path / "a.txt", "καρέκλα")
    assert (tmp_path / "a.txt").read_bytes() == "καρέκλα".encode()
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "a.txt", "other")
    assert (tmp_path / "a.txt").read_bytes() == "καρέκλα".encode()


def test_a_file_is_replaced_at_the_end_of_the_block(tmp_path):
    path = tmp_path / "mesh.npz"
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
        assert sorted(os.listdir(tmp_path)) == ["mesh.npz", "mesh.npz.part"]
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["mesh.npz"]


def test_a_leftover_of_an_earlier_write_is_replaced(tmp_path):
    (tmp_path / "mesh.npz.part").write_bytes(b"longer leftover")
    with atomic_write(tmp_path / "mesh.npz") as file:
        file.write(b"new")
    assert (tmp_path / "mesh.npz").read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, error):
    path = tmp_path / "mesh.npz"
    path.write_bytes(b"old")

    def fail_halfway():
        with atomic_write(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail_halfway()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["mesh.npz"]


def test_a_file_that_cannot_be_replaced_leaves_no_part(tmp_path):
    (tmp_path / "mesh.npz").mkdir()
    with pytest.raises(OSError, match="mesh.npz"), atomic_write(tmp_path / "mesh.npz") as file:
        file.write(b"new")
    assert os.listdir(tmp_path) == ["mesh.npz"]


@pytest.mark.parametrize("target", ["protected", "gone"])
def test_content_is_not_written_through_a_link_in_place_of_the_temporary_file(tmp_path, target):
    (tmp_path / "protected").write_bytes(b"protected")
    (tmp_path / "a.npz.part").symlink_to(tmp_path / target)
    replace_content(tmp_path / "a.npz", b"new")
    assert (tmp_path / "protected").read_bytes() == b"protected"
    assert (tmp_path / "a.npz").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "protected"]


def test_content_that_cannot_be_moved_leaves_no_temporary_file(tmp_path):
    (tmp_path / "a.npz").mkdir()
    with pytest.raises(OSError, match=r"a\.npz"):
        replace_content(tmp_path / "a.npz", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
