# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored result of a smoke test, which version 0.1.0 wrote with other keys."""

import json
from pathlib import Path

import pytest

from blender_text3d.environment.smoke_test_result import (
    FILE_NAME,
    SmokeTestResult,
    override_result_path,
    read_test_result,
    write_test_result,
)

FULL = SmokeTestResult(
    "3.11.7", "/env/bin/python", "2.13.0+cpu", "CUDA", "H100", "0.41.0", "uv 0.13.9", 10, 2.5, ("One.", "Two."),
    "own /wheels", "own", "/usr/bin/python3",
)  # fmt: skip
STORED = {
    "python": "3.11.7",
    "executable": "/env/bin/python",
    "torch": "2.13.0+cpu",
    "device": "CUDA",
    "device_name": "H100",
    "rerun": "0.41.0",
    "tool": "uv 0.13.9",
    "disk_bytes": 10,
    "seconds": 2.5,
    "notes": ["One.", "Two."],
    "wish": "own /wheels",
    "build": "own",
    "wished_python": "/usr/bin/python3",
}


def test_a_result_is_stored_under_the_keys_of_version_0_1_0(tmp_path):
    write_test_result(tmp_path / FILE_NAME, FULL)
    assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == STORED
    assert [path.name for path in tmp_path.iterdir()] == ["blender_text3d-stamp.json"]


def test_a_stored_result_is_read_back_with_its_notes_as_a_tuple(tmp_path):
    write_test_result(tmp_path / FILE_NAME, FULL)
    assert read_test_result(tmp_path / FILE_NAME) == FULL


def test_fields_that_are_not_stored_have_their_defaults(tmp_path):
    (tmp_path / "x").write_text('{"python": "3.11.7", "executable": "/x"}')
    assert read_test_result(tmp_path / "x") == SmokeTestResult(
        "3.11.7", "/x", "", "", "", "", "", 0, 0.0, (), "", "", ""
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b'{"python": "3"}', b'{"python": "3", "executable": "x", "sky": 1}',
                b'{"python": "3", "executable": "x", "notes": 3}'],
)  # fmt: skip
def test_an_unreadable_result_counts_as_none(content, tmp_path):
    (tmp_path / "x").write_bytes(content)
    assert read_test_result(tmp_path / "x") is None


def test_a_missing_result_counts_as_none(tmp_path):
    assert read_test_result(tmp_path / "x") is None


def test_a_result_that_cannot_be_written_raises_and_keeps_the_old_one(tmp_path):
    write_test_result(tmp_path / "a.json", FULL)
    (tmp_path / "a.tmp").mkdir()
    with pytest.raises(OSError, match="tmp"):
        write_test_result(tmp_path / "a.json", SmokeTestResult("3.12", "/y"))
    assert read_test_result(tmp_path / "a.json") == FULL


def test_the_override_has_its_result_in_the_data_folder():
    assert override_result_path(Path("/data")) == Path("/data/own-python-stamp.json")
