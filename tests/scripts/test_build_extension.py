# SPDX-License-Identifier: GPL-3.0-or-later
import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from blender_text3d.protocol.version import ENGINE_VERSION
from scripts.build_extension import PACKAGE, REPOSITORY, build


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


def test_the_manifest_is_next_to_the_packages_init(built):
    names = zipfile.ZipFile(built).namelist()
    assert {"blender_manifest.toml", "__init__.py", "LICENSE"} <= set(names)


def test_the_zip_contains_every_file_of_the_package_and_no_bytecode(built):
    expected = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*") if path.is_file()}
    names = set(zipfile.ZipFile(built).namelist())
    assert names - {"blender_manifest.toml", "LICENSE"} == {name for name in expected if "__pycache__" not in name}
    assert not [name for name in names if re.search(r"__pycache__|\.pyc$|(^|/)tests/", name)]


def test_the_same_files_give_the_same_bytes(built, tmp_path):
    assert build(tmp_path).read_bytes() == built.read_bytes()


def test_the_versions_agree():
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert manifest["version"] == project["project"]["version"] == ENGINE_VERSION


def test_the_manifests_texts_meet_blenders_length_limit():
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    for reason in [manifest["tagline"], *manifest["permissions"].values()]:
        assert len(reason) <= 64
        assert reason[-1].isalnum()
