# SPDX-License-Identifier: GPL-3.0-or-later
"""An offline kit is packed with hashes, verified, and installed without an index."""

import subprocess
import sys
from dataclasses import replace

import pytest

from blender_text3d.environment.check import find_problems
from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.offline.kit import (
    Kit,
    KitFile,
    kit_problem,
    read_kit,
    system_name,
    write_manifest,
)
from blender_text3d.environment.offline.kit_files import file_sha256, load_verified_kit
from blender_text3d.environment.requirements import Packages
from tests.environment.conftest import THIS_PYTHON, tiny_packages
from tests.environment.tiny_wheel import write_wheel


@pytest.fixture
def kit(tmp_path, tiny):
    """A kit of one tiny wheel and a file of weights."""
    folder = tmp_path / "kit"
    (folder / "wheels").mkdir(parents=True)
    (folder / "weights").mkdir()
    (folder / "weights" / "net.pt").write_bytes(b"some weights")
    paths = [write_wheel(folder / "wheels", "tinyone", "1.0"), folder / "weights" / "net.pt"]
    files = [KitFile(path.relative_to(folder).as_posix(), path.stat().st_size, file_sha256(path)) for path in paths]
    kit = Kit(folder, THIS_PYTHON, system_name(), "", tiny.sha256, tuple(files))
    write_manifest(kit)
    return kit


def refusal(kit, packages):
    with pytest.raises(SetupFailed) as caught:
        load_verified_kit(kit.folder, packages, lambda message, share: None)
    return str(caught.value)


def test_a_complete_kit_is_read_as_it_was_written(kit, tiny, report, news):
    assert load_verified_kit(kit.folder, tiny, report) == kit == read_kit(kit.folder)
    assert kit.weights == kit.folder / "weights"
    assert news[-1] == ("Checking weights/net.pt", pytest.approx(1, abs=0.05))


def test_a_changed_truncated_or_missing_file_is_named(kit, tiny):
    file = kit.folder / "weights" / "net.pt"
    file.write_bytes(b"SOME weights")
    assert "net.pt has changed since the kit was made" in refusal(kit, tiny)
    file.write_bytes(b"some")
    assert "net.pt does not have 12 bytes" in refusal(kit, tiny)
    file.unlink()
    assert "net.pt is missing" in refusal(kit, tiny)


def test_an_added_wheel_is_named(kit, tiny):
    write_wheel(kit.wheels, "tinyone", "9.0")
    assert "tinyone-9.0-py3-none-any.whl does not belong to the kit" in refusal(kit, tiny)


def test_a_path_outside_the_kit_is_refused(kit, tiny):
    write_manifest(replace(kit, files=(*kit.files, KitFile("../../secret", 1, "0" * 64))))
    assert "../../secret is outside the kit's folder" in refusal(kit, tiny)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 1, "files": [{"path": 3}]}'])
def test_an_invalid_manifest_is_reported(kit, tiny, text):
    (kit.folder / "manifest.json").write_text(text)
    assert "is not an offline kit" in refusal(kit, tiny)


def test_a_kit_for_another_system_or_version_is_refused(kit, tiny):
    assert "The kit is for plan9-mips" in kit_problem(replace(kit, system="plan9-mips"), tiny).message
    assert "another version of the add-on" in kit_problem(kit, tiny_packages("tinyone==2.0")).message


@pytest.mark.slow
def test_an_environment_is_created_from_the_kit_alone(kit, tiny, tmp_path, report, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("BLENDER_TEXT3D_INSTALLER", "pip")
    python = create_environment(tmp_path / "env", report, packages=tiny, python=sys.executable, kit=kit)
    assert find_problems(tmp_path / "env", tiny) == []
    assert subprocess.run([python, "-c", "import tinyone"]).returncode == 0


def test_the_script_reports_a_corrupt_kit(kit):
    (kit.folder / "weights" / "net.pt").unlink()
    command = [sys.executable, "scripts/offline_kit.py", "check", str(kit.folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "net.pt is missing" in done.stdout
    assert "The kit is corrupt: 2 files" in done.stdout
    assert "another version of the add-on" in done.stdout  # it was made for the tiny packages


def test_a_kit_requires_the_python_version_it_was_made_for(kit, tmp_path, report):
    packages = Packages(("tinyone==1.0",), ("tinyone",), 0.01, (THIS_PYTHON, "3.1"))
    with pytest.raises(SetupFailed, match="kit.* is for Python 3.1. No Python 3.1 was found.*--python"):
        create_environment(tmp_path / "env", report, packages=packages, kit=replace(kit, python="3.1"))
