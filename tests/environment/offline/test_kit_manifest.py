# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kit's manifest may contain, and which kits may be installed: its author is not trusted."""

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.offline import kit as kit_module
from blender_text3d.environment.offline.kit import (
    MANIFEST,
    MAX_FILE_BYTES,
    MAX_MANIFEST_BYTES,
    MAX_PATH_LENGTH,
    REBUILD,
    USE_PUBLIC_BUILD,
    KitFile,
    kit_problem,
    read_kit,
    require_matching_kit,
    system_name,
)
from tests.environment.offline.conftest import PACKAGES


def problem_of(function, *arguments) -> Problem:
    with pytest.raises(SetupFailed) as caught:
        function(*arguments)
    return caught.value.problem


def rewrite(kit, **changes) -> None:
    manifest = json.loads((kit.folder / MANIFEST).read_text())
    (kit.folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))


def test_the_limits_are_those_of_any_real_kit():
    assert (MAX_MANIFEST_BYTES, MAX_FILE_BYTES, MAX_PATH_LENGTH) == (4 * 1024**2, 1024**4, 400)


@pytest.mark.parametrize("size", [0, 1, MAX_FILE_BYTES])
def test_a_size_up_to_the_limit_is_accepted(size):
    assert KitFile("x" * MAX_PATH_LENGTH, size, "").size_bytes == size


@pytest.mark.parametrize("size", [-1, MAX_FILE_BYTES + 1, 1.0, True, "1", None])
def test_any_other_size_is_refused(size):
    with pytest.raises(ValueError, match="invalid size"):
        KitFile("x", size, "")


@pytest.mark.parametrize(
    ("path", "sha256"), [("x" * (MAX_PATH_LENGTH + 1), ""), (3, ""), ("a\nb", ""), ("a\x1b[31m", ""), ("x", 3)]
)
def test_any_other_path_or_hash_is_refused(path, sha256):
    with pytest.raises(TypeError, match="invalid path or hash"):
        KitFile(path, 1, sha256)


def test_the_manifest_has_every_field_but_the_folder_and_is_read_back(kit):
    manifest = json.loads((kit.folder / MANIFEST).read_text())
    assert MANIFEST == "manifest.json"
    assert manifest == {
        "format": 1,
        "python": "3.11",
        "system": system_name(),
        "torch": "2.1+cpu",
        "requirements_sha256": PACKAGES.sha256,
        "files": [asdict(file) for file in kit.files],
    }
    assert read_kit(kit.folder) == kit


def test_the_folder_may_be_abbreviated_or_relative(kit, monkeypatch):
    monkeypatch.chdir(kit.folder.parent)
    monkeypatch.setenv("HOME", str(kit.folder.parent))
    assert read_kit(Path("kit")).folder == kit.folder
    if sys.platform != "win32":
        assert read_kit(Path("~/kit")).folder == kit.folder


def test_a_kit_knows_its_folders_and_its_size(kit):
    assert kit.wheels == kit.folder / "wheels"
    assert kit.weights == kit.folder / "weights"
    assert replace(kit, files=kit.files[:1]).weights is None
    assert replace(kit, files=(KitFile("weights.txt", 1, ""),)).weights is None
    assert kit.size_bytes == 5 + 12


def test_a_kit_of_another_format_is_refused(kit):
    rewrite(kit, format=2)
    assert problem_of(read_kit, kit.folder) == Problem(
        f"The kit in {kit.folder} was made by another version of the add-on.", REBUILD
    )


def test_a_folder_without_a_manifest_is_no_kit(tmp_path):
    assert problem_of(read_kit, tmp_path) == Problem(
        f"{tmp_path} is not an offline kit: its manifest.json cannot be read.",
        "Choose a folder that scripts/offline_kit.py made.",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"python": "3"}, {"python": "3.111"}, {"python": "*"}, {"python": None}, {"python": "3.1\n"},
        {"system": ""}, {"system": "x" * 41}, {"system": "linux x"}, {"system": "ä"},
        {"torch": "2.1+cpu+x"}, {"torch": "x" * 21}, {"torch": "--index"}, {"torch": "2.1+" + "x" * 21},
        {"requirements_sha256": "A" * 64}, {"requirements_sha256": "a" * 63}, {"requirements_sha256": "a" * 65},
        {"folder": "/"}, {"files": [{"path": "x"}]}, {"files": 3}, {"colour": "red"},
        {"files": [{"path": "x", "size_bytes": -1, "sha256": ""}]},
    ],
)  # fmt: skip
def test_a_manifest_with_any_other_value_is_not_valid(changes, kit):
    rewrite(kit, **changes)
    assert problem_of(read_kit, kit.folder) == Problem(
        f"{kit.folder} is not an offline kit: its manifest.json is not valid.", REBUILD
    )


@pytest.mark.parametrize("changes", [{"python": "3.9"}, {"system": "x" * 40}, {"torch": ""}, {"torch": "2.1"},
                                     {"torch": "x" * 20 + "+" + "x" * 20}])  # fmt: skip
def test_a_manifest_with_an_allowed_value_is_read(changes, kit):
    rewrite(kit, **changes)
    assert read_kit(kit.folder) == replace(kit, **changes)


def test_a_manifest_of_more_than_the_limit_is_not_read(kit, monkeypatch):
    size = (kit.folder / MANIFEST).stat().st_size
    monkeypatch.setattr(kit_module, "MAX_MANIFEST_BYTES", size)
    assert read_kit(kit.folder) == kit
    monkeypatch.setattr(kit_module, "MAX_MANIFEST_BYTES", size - 1)
    assert "is not valid" in problem_of(read_kit, kit.folder).message


def test_the_system_is_named_with_its_cpu(monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("platform.machine", lambda: "AMD64")
    assert system_name() == "win32-amd64"


def test_a_kit_for_this_machine_and_version_has_no_problem(kit):
    assert kit_problem(kit, PACKAGES) is None
    assert kit_problem(replace(kit, requirements_sha256="f" * 64), PACKAGES) is None
    require_matching_kit(kit, PACKAGES)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"system": "plan9-mips", "python": "3.9"},
         Problem(f"The kit is for plan9-mips, but this machine is {system_name()}.",
                 "Make one on a machine like this.")),
        ({"requirements_sha256": "0" * 64, "python": "3.9"},
         Problem("The kit was made for another version of the add-on.", REBUILD)),
        ({"python": "3.9"}, Problem("The kit is for Python 3.9, which the add-on does not support.", REBUILD)),
    ],
)  # fmt: skip
def test_a_kit_that_does_not_fit_is_told_with_its_first_problem(changes, problem, kit):
    assert kit_problem(replace(kit, **changes), PACKAGES) == problem
    assert problem_of(require_matching_kit, replace(kit, **changes), PACKAGES) == problem


def test_a_kit_whose_pytorch_has_no_known_hash_is_refused(kit, tmp_path):
    known, other = kit.files[0].sha256, "0" * 64
    for name in ("worker", "torch_default"):
        (tmp_path / f"{name}.txt").touch()
    (tmp_path / "torch_cpu.txt").write_text(f"torch==2.1+cpu --hash=sha256:{known}\n")
    packages = replace(PACKAGES, hashed=tmp_path)
    kit = replace(kit, requirements_sha256=packages.sha256)
    assert kit_problem(kit, packages) is None
    unknown = Problem("The kit's PyTorch 2.1+cpu has an unknown hash, so it cannot be installed.", USE_PUBLIC_BUILD)
    for files in (
        (KitFile("wheels/torch-2.1-x.whl", 5, other),),
        (*kit.files, KitFile("wheels/torch-2.2-x.whl", 5, other)),
        kit.files[1:],
        (KitFile("weights/torch-2.1-x.whl", 5, known),),
    ):
        assert kit_problem(replace(kit, files=files), packages) == unknown
    assert kit_problem(replace(kit, torch="2.1+cu130"), packages).message.startswith("The kit's PyTorch 2.1+cu130")
    assert (
        kit_problem(replace(kit, files=(*kit.files, KitFile("wheels/torchvision-1.whl", 5, other))), packages) is None
    )
