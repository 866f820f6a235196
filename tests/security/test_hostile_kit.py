# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted offline kits: they supply files, never a program that is run or a package with an unknown hash."""

import json
import os
import re
from dataclasses import replace

import pytest

from blender_text3d.environment import interpreters
from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.install_plan import PackageSource, install_steps
from blender_text3d.environment.interpreters import find_interpreter
from blender_text3d.environment.offline.kit import Kit, KitFile, kit_problem, read_kit, system_name
from blender_text3d.environment.offline.kit_files import load_verified_kit
from blender_text3d.environment.requirements import HASHED_DIR, WORKER, torch_file
from tests.security.conftest import SPECIAL_FILES

pytestmark = pytest.mark.usefixtures("bounded")
FACTS = {
    "format": 1, "python": "3.11", "system": system_name(), "torch": "2.13.0+cpu",
    "requirements_sha256": WORKER.sha256, "files": [],
}  # fmt: skip
HASHES = re.findall("sha256:([0-9a-f]{64})", torch_file(HASHED_DIR, "cpu").read_text())
TORCH_BUILDS = ["2.13.0+cpu", "2.13.0+cu126", "2.13.0+cu130", "2.12.1+rocm7.2", "2.13.0", "2.13.0+evil"]
DEEP = "[" * 100_000


def file_of(**changed: object) -> dict:
    return {"files": [{"path": "wheels/a.whl", "size_bytes": 1, "sha256": "0" * 64} | changed]}


def with_torch(kit: Kit, sha256: str) -> Kit:
    return replace(kit, files=(KitFile("wheels/torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl", 1, sha256),))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "kit" / "wheels").mkdir(parents=True)
    return tmp_path / "kit"


@pytest.fixture
def kit(folder) -> Kit:
    return read_kit(put(folder, FACTS))


def put(folder, facts):
    (folder / "manifest.json").write_text(facts if isinstance(facts, str) else json.dumps(facts))
    return folder


def refusal_message(folder) -> str:
    with pytest.raises(SetupFailed) as caught:
        load_verified_kit(folder, WORKER, lambda message, share: None)
    message = str(caught.value)
    assert len(message) < 600, message[:600]
    assert message.isprintable(), message[:600]
    return message


INVALID_VALUES = {
    "a path that is a number": file_of(path=5),
    "a path with a zero": file_of(path="wheels/a\0"),
    "half a character": file_of(path="wheels/\ud800"),
    "a path that moves the cursor": file_of(path="wheels/\x1b[2J"),
    "a very long path": file_of(path="w" * 5000),
    "a size in letters": file_of(size_bytes="x"),
    "a size of 400 digits": file_of(size_bytes=10**400),
    "a size below zero": file_of(size_bytes=-1),
    "a size that is true": file_of(size_bytes=True),
    "a hash that is a number": file_of(sha256=5),
    "files that are a number": {"files": 5},
    "a Python that is a number": {"python": 5},
    "a Python that is a path": {"python": "/../../tmp/evil"},
    "a Python that is a pattern": {"python": "3.*"},
    "a PyTorch that is an option": {"torch": "--index-url=http://example.org"},
    "a PyTorch that is a path": {"torch": "2+/../../x"},
    "a PyTorch with color codes": {"torch": "\x1b[31m"},
    "a system with color codes": {"system": "\x1b[31m"},
    "a folder": {"folder": "/etc"},
}


@pytest.mark.parametrize("changed", INVALID_VALUES.values(), ids=INVALID_VALUES)
def test_a_manifest_with_invalid_values_is_reported(folder, changed):
    assert "is not an offline kit" in refusal_message(put(folder, FACTS | changed))


@pytest.mark.parametrize("text", [DEEP, DEEP + "]" * 100_000, '{"format": 1e999}', " " * 5_000_000, "5", "null"])
def test_a_file_that_is_not_a_manifest_is_reported(folder, text):
    assert "kit" in refusal_message(put(folder, text))


@pytest.mark.parametrize("what", SPECIAL_FILES)
def test_a_manifest_that_is_a_special_file_does_not_block(folder, make_special_file, what):
    make_special_file(folder / "manifest.json", what)
    assert "kit" in refusal_message(folder)


@pytest.mark.parametrize("what", ["folder", "pipe", "link to itself"])
def test_a_wheel_that_is_a_special_file_does_not_block(folder, kit, make_special_file, monkeypatch, what):
    path = folder / "wheels" / "a.whl"
    path.symlink_to(path) if what == "link to itself" else make_special_file(path, what)
    monkeypatch.setattr("blender_text3d.environment.offline.kit.kit_problem", lambda kit, packages: None)
    size = path.lstat().st_size if what == "folder" else 0
    message = refusal_message(put(folder, FACTS | file_of(size_bytes=size)))
    assert "a.whl is not a regular file" in message or "a.whl is missing" in message


@pytest.mark.parametrize("path", ["wheels/../../a", "/etc/passwd", "wheels//a", "C:\\a", "", "."])
def test_a_file_outside_the_kit_is_not_read(folder, monkeypatch, path):
    monkeypatch.setattr("blender_text3d.environment.offline.kit.kit_problem", lambda kit, packages: None)
    assert "is outside the kit's folder" in refusal_message(put(folder, FACTS | file_of(path=path)))


def test_an_unsupported_python_is_refused_before_searching_for_it(folder, kit, tmp_path, monkeypatch):
    other = replace(with_torch(kit, HASHES[0]), python="2.7")
    assert "Python 2.7, which the add-on does not support" in kit_problem(other, WORKER).message
    monkeypatch.setattr(
        "blender_text3d.environment.create.find_interpreter", lambda *_: pytest.fail("it was searched for")
    )
    with pytest.raises(SetupFailed, match="Python 2.7"):
        create_environment(tmp_path / "env", lambda message, share: None, kit=other)


def test_a_version_that_is_a_path_matches_no_program(tmp_path, monkeypatch):
    evil = tmp_path / "evil" / "bin" / "python"
    evil.parent.mkdir(parents=True)
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path / 'trace'}\n")
    evil.chmod(0o755)
    monkeypatch.setattr(interpreters, "PATTERNS", (f"{tmp_path}/versions/{{v}}*/bin/python",))
    (tmp_path / "versions" / "x").mkdir(parents=True)
    with pytest.raises(SetupFailed):
        find_interpreter(("*/../../evil",))
    assert not os.path.lexists(tmp_path / "trace")


def test_a_pytorch_with_an_unknown_hash_is_refused(kit):
    assert kit_problem(with_torch(kit, HASHES[0]), WORKER) is None
    assert "PyTorch 2.13.0+cpu has an unknown hash" in kit_problem(with_torch(kit, "0" * 64), WORKER).message
    assert kit_problem(kit, WORKER)  # has no PyTorch at all
    assert kit_problem(replace(with_torch(kit, HASHES[0]), torch="2.13.0+evil"), WORKER)
    second = KitFile("wheels/torch-9-py3-none-any.whl", 1, "0" * 64)
    assert kit_problem(replace(kit, files=(*with_torch(kit, HASHES[0]).files, second)), WORKER)


@pytest.mark.parametrize("torch", TORCH_BUILDS)
def test_everything_installed_from_a_kit_is_pinned_by_the_add_on(tmp_path, torch):
    attempts = [
        step.attempts for step in install_steps(WORKER, PackageSource("cpu", kit_wheels=str(tmp_path), kit_torch=torch))
    ]
    assert all(len(tried) == 1 and "--require-hashes" in tried[0] and "--no-deps" in tried[0] for tried in attempts)
    assert not [argument for (tried,) in attempts for argument in tried if argument.startswith("torch")]
