# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a library folder: whose they are, and that none of the user's is replaced."""

import json
import os

import pytest

from blender_text3d.exports.asset_files import (
    INDEX,
    draft_path,
    known_file,
    place_file,
    read_index,
    require_library,
)
from blender_text3d.protocol.errors import BadRequest


def place(folder, content: str, asset_id="id-1", name="Chair", stem="chair-7"):
    draft = draft_path(folder)
    draft.write_text(content)
    return place_file(draft, asset_id, name, stem)


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_an_asset_that_is_kept_again_has_one_file_with_the_new_content(tmp_path):
    first = place(tmp_path, "one")
    second = place(tmp_path, "two", name="Chair renamed", stem="other")
    assert first == second == tmp_path / "chair-7.blend"
    assert first.read_text() == "two"
    assert names(tmp_path) == ["chair-7.blend"]
    assert known_file(tmp_path, "id-1").name == "Chair renamed"


def test_two_assets_of_one_name_have_two_files(tmp_path):
    place(tmp_path, "one")
    place(tmp_path, "two", asset_id="id-2")
    assert names(tmp_path) == ["chair-7-2.blend", "chair-7.blend"]


def test_a_file_of_the_user_with_the_name_stays(tmp_path):
    (tmp_path / "chair-7.blend").write_text("mine")
    (tmp_path / "chair-7-2.blend").mkdir()
    os.symlink(tmp_path / "nowhere", tmp_path / "chair-7-3.blend")
    assert place(tmp_path, "new").name == "chair-7-4.blend"
    assert (tmp_path / "chair-7.blend").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_the_user_changed_since_stays(tmp_path):
    path = place(tmp_path, "one")
    path.write_text("edited by hand")
    assert place(tmp_path, "two").name == "chair-7-2.blend"
    assert path.read_text() == "edited by hand"
    assert place(tmp_path, "three").read_text() == "three"
    assert names(tmp_path) == ["chair-7-2.blend", "chair-7.blend"]


def test_a_file_that_the_user_deleted_is_written_again(tmp_path):
    place(tmp_path, "one").unlink()
    assert place(tmp_path, "two").name == "chair-7.blend"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"files": 1}', '{"files": {"id-1": ["../chair.blend", "a", 1, 2]}}',
     '{"files": {"id-1": ["mine.blend", "a"]}}', '{"files": {"id-1": [["x"], "a", 1, 2]}}'],
)  # fmt: skip
def test_a_damaged_or_hostile_index_leads_to_no_file(tmp_path, content):
    library = tmp_path / "library"
    library.mkdir()
    (tmp_path / "chair.blend").write_text("mine")
    (library / INDEX).write_text(content)
    assert read_index(library) == {}
    place(library, "new")
    assert (tmp_path / "chair.blend").read_text() == "mine"
    assert names(library) == ["chair-7.blend"]


def test_an_index_with_the_name_of_a_users_file_does_not_give_it_away(tmp_path):
    (tmp_path / "mine.blend").write_text("mine")
    (tmp_path / INDEX).write_text(json.dumps({"format": 1, "files": {"id-1": ["mine.blend", "Chair", 4, 1]}}))
    assert place(tmp_path, "new").name == "chair-7.blend"
    assert (tmp_path / "mine.blend").read_text() == "mine"


def test_a_folder_that_cannot_hold_assets_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for folder, reason in ((tmp_path / "gone", "does not exist"), (tmp_path / "file", "is a file")):
        with pytest.raises(BadRequest, match=f"{reason}.*Choose another one"):
            require_library(folder)
    require_library(tmp_path)
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that not even root can write")
def test_a_read_only_folder_is_refused_in_a_sentence():
    from pathlib import Path

    with pytest.raises(BadRequest, match=r"cannot be written \(.*Choose another one"):
        require_library(Path("/proc/self"))


def test_a_failed_move_leaves_no_temporary_file(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("blender_text3d.exports.asset_files.write_index", full)
    with pytest.raises(OSError, match="No space"):
        place(tmp_path, "one")
    assert [path for path in tmp_path.iterdir() if path.suffix == ".part"] == []
