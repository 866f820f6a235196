# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of asset catalogs beside a batch's .blend files."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from blender_text3d.exports.asset_catalogs import LOCK_NAME, NAME, catalog_path, ensure_catalog, known_catalogs
from blender_text3d.protocol.errors import BadRequest

REPOSITORY = Path(__file__).parents[2]
USER_FILE = "# mine\nVERSION 1\n\n3f0e3ad0-1b5c-4b3e-9d9a-0d6c2f4c1a11:Rocks:Rocks"


def test_a_catalog_has_one_identifier_in_every_folder_and_run(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    identifiers = {ensure_catalog(folder, "Props/Chairs") for folder in (first, second, first)}
    (identifier,) = identifiers
    assert str(uuid.UUID(identifier)) == identifier
    lines = (first / NAME).read_text().splitlines()
    assert lines.count(f"{identifier}:Props/Chairs:Props-Chairs") == 1
    assert "VERSION 1" in lines


def test_the_catalogs_above_one_are_in_the_file_too(tmp_path):
    ensure_catalog(tmp_path, "Props/Toys/Small")
    ensure_catalog(tmp_path, "Props/Tools")
    paths = [line.split(":")[1] for line in (tmp_path / NAME).read_text().splitlines() if line.count(":") == 2]
    assert [path for path in paths if "UUID" not in path and path != "catalog/path"] == [
        "Props", "Props/Toys", "Props/Toys/Small", "Props/Tools",
    ]  # fmt: skip


def test_catalogs_of_the_user_are_kept_and_used(tmp_path):
    (tmp_path / NAME).write_text(USER_FILE)
    assert ensure_catalog(tmp_path, "Rocks") == "3f0e3ad0-1b5c-4b3e-9d9a-0d6c2f4c1a11"
    assert (tmp_path / NAME).read_text() == USER_FILE
    ensure_catalog(tmp_path, "Props")
    assert (tmp_path / NAME).read_text().startswith(USER_FILE + "\n")


@pytest.mark.parametrize(
    ("typed", "path"),
    [("Props", "Props"), (" Props / Chairs ", "Props/Chairs"), ("a\\b", "a/b"), ("/a//b/", "a/b"), ("Möbel", "Möbel")],
)  # fmt: skip
def test_a_path_is_written_as_blender_writes_it(typed, path):
    assert catalog_path(typed) == path


@pytest.mark.parametrize("typed", ["", " / ", "a:b", "a\nb", "x" * 201])
def test_a_name_that_the_file_cannot_hold_is_refused(typed):
    with pytest.raises(BadRequest, match="asset catalog"):
        catalog_path(typed)


def test_a_file_that_is_no_text_is_not_overwritten(tmp_path):
    (tmp_path / NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRequest, match="Move it"):
        ensure_catalog(tmp_path, "Props")
    assert (tmp_path / NAME).read_bytes() == b"\xff\xfe\x00"


def test_many_blenders_at_once_lose_no_catalog(tmp_path):
    (tmp_path / NAME).write_text(USER_FILE)
    code = "import sys; from pathlib import Path; from blender_text3d.exports.asset_catalogs import ensure_catalog\n"
    code += "for n in range(20): ensure_catalog(Path(sys.argv[1]), f'Props/{sys.argv[2]}{n}')"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name], cwd=REPOSITORY) for name in ("a", "b", "c")
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert len(known_catalogs(tmp_path)) == 2 + 3 * 20
    assert (tmp_path / NAME).read_text().startswith(USER_FILE)


def test_a_read_only_folder_with_the_catalog_is_only_read(tmp_path):
    identifier = ensure_catalog(tmp_path, "Props")
    before = sorted(path.name for path in tmp_path.iterdir())
    (tmp_path / LOCK_NAME).unlink()
    assert ensure_catalog(tmp_path, "Props") == identifier
    assert LOCK_NAME in before
    assert not (tmp_path / LOCK_NAME).exists()


def test_the_line_ends_of_the_user_stay(tmp_path):
    (tmp_path / NAME).write_bytes(b"VERSION 1\r\n\r\n3f0e3ad0-1b5c-4b3e-9d9a-0d6c2f4c1a11:Rocks:Rocks\r\n")
    before = (tmp_path / NAME).read_bytes()
    assert ensure_catalog(tmp_path, "Rocks") == "3f0e3ad0-1b5c-4b3e-9d9a-0d6c2f4c1a11"
    ensure_catalog(tmp_path, "Props")
    assert (tmp_path / NAME).read_bytes().startswith(before)
