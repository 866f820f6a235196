# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a kit are compared with its manifest, and none outside of its folder is read."""

import hashlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.offline.kit import MANIFEST, KitFile
from blender_text3d.environment.offline.kit_files import BLOCK_BYTES, corrupt_files, file_sha256, load_verified_kit
from tests.environment.offline.conftest import PACKAGES

EMPTY = hashlib.sha256(b"").hexdigest()


def test_a_complete_kit_has_no_corrupt_files_and_each_is_told_with_the_share_before_it(kit, report, news):
    assert corrupt_files(kit, report) == []
    assert news == [("Checking wheels/torch-2.1-x.whl", 0.0), ("Checking weights/net.pt", 5 / 17)]
    assert corrupt_files(kit) == []


def test_a_kit_of_empty_files_is_checked_as_well(kit, report, news):
    (kit.folder / "empty").touch()
    assert corrupt_files(replace(kit, files=(KitFile("empty", 0, EMPTY),)), report) == [
        "wheels/torch-2.1-x.whl does not belong to the kit."
    ]
    assert news == [("Checking empty", 0.0)]


def error_of(kit, path, size=1, sha256=EMPTY) -> str:
    return corrupt_files(replace(kit, files=(*kit.files, KitFile(path, size, sha256))))[0]


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "weights/../../x", "weights//net.pt", "", "C:/x", "a\\b", "nul"]
)
def test_a_path_that_may_leave_the_folder_is_refused(path, kit):
    (kit.folder.parent / "x").touch()
    assert error_of(kit, path) == f"{path} is outside the kit's folder."


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_a_link_out_of_the_folder_and_a_pipe_are_refused_and_not_read(kit, tmp_path):
    (tmp_path / "secret").write_bytes(b"1")
    (kit.folder / "link").symlink_to(tmp_path / "secret")
    (kit.folder / "inner").symlink_to("weights/net.pt")
    (kit.folder / "loop").symlink_to("loop")
    os.mkfifo(kit.folder / "pipe")
    net = kit.files[1]
    assert error_of(kit, "link", 1, hashlib.sha256(b"1").hexdigest()) == "link is outside the kit's folder."
    assert corrupt_files(replace(kit, files=(*kit.files, replace(net, path="inner")))) == []
    assert error_of(kit, "pipe", 0) == "pipe is not a regular file."
    assert error_of(kit, "weights", 0) == "weights is not a regular file."
    assert error_of(kit, "loop") == "loop is missing or cannot be read."


def test_the_kit_may_itself_be_reached_by_a_link(kit, tmp_path):
    (tmp_path / "link").symlink_to(kit.folder, target_is_directory=True)
    assert corrupt_files(replace(kit, folder=tmp_path / "link")) == []


def test_each_kind_of_damage_is_told(kit):
    net = kit.folder / "weights" / "net.pt"
    assert error_of(kit, "weights/gone") == "weights/gone is missing or cannot be read."
    os.truncate(net, 11)
    assert corrupt_files(kit) == ["weights/net.pt does not have 12 bytes."]
    net.write_bytes(b"SOME WEIGHTS")
    assert corrupt_files(kit) == ["weights/net.pt has changed since the kit was made."]
    assert error_of(replace(kit, files=()), "weights/net.pt", 1_234_567) == (
        "weights/net.pt does not have 1,234,567 bytes."
    )


def test_only_wheels_that_do_not_belong_are_told_in_order_and_without_control_sequences(kit, monkeypatch):
    real = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, pattern: sorted(real(self, pattern), reverse=True))
    for name in ("wheels/b.whl", "wheels/a\x1b.whl", "weights/other.pt", "note.txt"):
        (kit.folder / name).touch()
    assert corrupt_files(kit) == [
        "wheels/a\ufffd.whl does not belong to the kit.", "wheels/b.whl does not belong to the kit."]  # fmt: skip


def test_a_corrupt_kit_is_refused_with_its_first_error_and_the_number_of_others(kit, report):
    def refusal() -> Problem:
        with pytest.raises(SetupFailed) as caught:
            load_verified_kit(kit.folder, PACKAGES, report)
        return caught.value.problem

    assert load_verified_kit(kit.folder, PACKAGES, report) == kit
    first = f"The kit in {kit.folder} is corrupt. weights/net.pt is missing or cannot be read."
    (kit.folder / "weights" / "net.pt").unlink()
    assert refusal() == Problem(first, "Copy the kit again.")
    for number in range(2):
        (kit.folder / "wheels" / f"{number}.whl").touch()
    assert refusal() == Problem(f"{first} 2 more files are affected.", "Copy the kit again.")
    manifest = json.loads((kit.folder / MANIFEST).read_text())
    (kit.folder / MANIFEST).write_text(json.dumps(manifest | {"python": "3.9"}))
    assert "does not support" in refusal().message  # before the files are read


@pytest.mark.parametrize("size", [0, 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 1])
def test_a_hash_is_that_of_the_whole_file(size, tmp_path):
    data = os.urandom(16) * (size // 16 + 1)
    (tmp_path / "x").write_bytes(data[:size])
    assert file_sha256(tmp_path / "x") == hashlib.sha256(data[:size]).hexdigest()
