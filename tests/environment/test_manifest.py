# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that marks an environment: what it contains, and what does not count as one."""

import json

import pytest

from blender_text3d.environment.manifest import FILE_NAME, REMOVING, Manifest, read_manifest, write_manifest


def test_the_file_has_the_names_that_other_versions_of_the_add_on_read(tmp_path):
    write_manifest(tmp_path, Manifest("ready", "ab12", "/usr/bin/python3", "2"))
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME] == ["blender_text3d-env.json"]
    assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == {
        "state": "ready",
        "requirements_sha256": "ab12",
        "base_python": "/usr/bin/python3",
        "folder": "2",
    }
    assert REMOVING == "removing"


def test_a_written_manifest_is_read_back_and_replaces_the_one_before(tmp_path):
    write_manifest(tmp_path, Manifest("making", "ab12", "/usr/bin/pythön"))
    assert read_manifest(tmp_path) == Manifest("making", "ab12", "/usr/bin/pythön", "")
    write_manifest(tmp_path, Manifest("ready", "ab12", "/x", "1"))
    assert read_manifest(tmp_path) == Manifest("ready", "ab12", "/x", "1")


def test_a_manifest_of_the_first_versions_names_no_folder(tmp_path):
    (tmp_path / FILE_NAME).write_text('{"state": "ready", "requirements_sha256": "ab", "base_python": "/x"}')
    assert read_manifest(tmp_path) == Manifest("ready", "ab", "/x", "")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"3", b'{"state": "ready"}', b"\xff\xfe", b'{"state": "a", "requirements_sha256": "b", '
     b'"base_python": "c", "colour": "red"}'],
)  # fmt: skip
def test_an_unreadable_manifest_counts_as_none(content, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(content)
    assert read_manifest(tmp_path) is None


def test_a_folder_without_a_manifest_or_no_folder_at_all_has_none(tmp_path):
    assert read_manifest(tmp_path) is None
    assert read_manifest(tmp_path / "nowhere") is None


def test_a_manifest_that_cannot_be_written_raises_and_keeps_the_old_one(tmp_path):
    write_manifest(tmp_path, Manifest("ready", "ab", "/x", "1"))
    (tmp_path / "blender_text3d-env.tmp").mkdir()
    with pytest.raises(OSError, match="tmp"):
        write_manifest(tmp_path, Manifest("making", "cd", "/y"))
    assert read_manifest(tmp_path) == Manifest("ready", "ab", "/x", "1")
