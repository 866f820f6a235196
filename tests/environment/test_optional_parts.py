# SPDX-License-Identifier: GPL-3.0-or-later
"""Optional parts: installed with hashes into the environment in use, kept by a new version, removed alone."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest

from blender_text3d.environment import optional_parts, part_actions
from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.optional_parts import (
    CLUSTER,
    DIFFUSERS,
    FILE_NAME,
    OptionalPart,
    is_installed,
    version_dir,
)
from blender_text3d.environment.part_actions import add_part, remove_part
from blender_text3d.environment.paths import worker_python
from blender_text3d.environment.requirements import WORKER, base_packages_file, read_requirements
from blender_text3d.environment.smoke_test_result import FILE_NAME as TEST_RESULT
from blender_text3d.environment.smoke_test_result import SmokeTestResult, read_test_result
from tests.environment.ready_environment import all_sent, write_ready_environment
from tests.environment.tiny_wheel import write_wheel

needs_installs = pytest.mark.slow
RESULT = SmokeTestResult("3.11.1", "x")


@pytest.fixture
def part(wheels, tmp_path, monkeypatch) -> OptionalPart:
    """A part of two tiny wheels with their hashes."""
    lines = []
    for name in ("tinypart", "tinyneed"):
        digest = hashlib.sha256(write_wheel(wheels, name, "1.0").read_bytes()).hexdigest()
        lines.append(f"{name}==1.0 \\\n    --hash=sha256:{digest}\n")
    monkeypatch.setattr(optional_parts, "HASHED_DIR", tmp_path)
    part = OptionalPart("tiny", "Tiny", "a test", ("tinypart==1.0",), ("tinypart",), 1_000_000)
    part.file.write_text("# A comment.\n" + "".join(lines))
    monkeypatch.setitem(optional_parts.PARTS, "tiny", part)
    return part


@pytest.fixture
def env_dir(tmp_path, wheels, tiny, report, copied_venv):
    create_environment(tmp_path / "env", report, packages=tiny, python=sys.executable)
    return tmp_path / "env"


def can_import(env_dir, module):
    command = [worker_python(env_dir), "-I", "-c", f"import {module}"]
    return subprocess.run(command, capture_output=True).returncode == 0


@needs_installs
def test_a_part_is_installed_once_and_removed_alone(env_dir, part, tiny, report, news, monkeypatch):
    assert not is_installed(env_dir, part)
    add_part(env_dir, part, report, tiny)
    assert is_installed(env_dir, part)
    assert all(can_import(env_dir, name) for name in ("tinypart", "tinyneed", "tinyone"))
    assert news[-1] == ("Tiny is installed", 1.0)
    monkeypatch.setattr(part_actions, "install_part", lambda *arguments: pytest.fail("installed again"))
    add_part(env_dir, part, report, tiny)
    remove_part(env_dir, part, report)
    assert not is_installed(env_dir, part)
    assert [can_import(env_dir, name) for name in ("tinypart", "tinyneed", "tinyone")] == [False, False, True]


@needs_installs
def test_a_package_of_two_parts_stays_until_both_are_removed(env_dir, part, tiny, report, monkeypatch):
    other = OptionalPart("other", "Other", "a test", ("tinyneed==1.0",), ("tinyneed",), 1_000_000)
    other.file.write_text(part.file.read_text()[part.file.read_text().index("tinyneed") :])
    monkeypatch.setitem(optional_parts.PARTS, "other", other)
    add_part(env_dir, part, report, tiny)
    add_part(env_dir, other, report, tiny)
    remove_part(env_dir, part, report)
    assert [can_import(env_dir, name) for name in ("tinypart", "tinyneed")] == [False, True]
    remove_part(env_dir, other, report)
    assert not can_import(env_dir, "tinyneed")


@needs_installs
def test_a_package_with_another_hash_is_refused_and_the_environment_stays(env_dir, part, wheels, tiny, report):
    write_wheel(wheels, "tinyneed", "1.0", "changed = True")
    with pytest.raises(SetupFailed, match="unexpected hash"):
        add_part(env_dir, part, report, tiny)
    assert not is_installed(env_dir, part)
    assert can_import(env_dir, "tinyone")


@needs_installs
def test_a_new_version_of_the_environment_keeps_the_parts_or_tells_why_not(
    env_dir, part, tiny, wheels, report, monkeypatch
):
    add_part(env_dir, part, report, tiny)
    monkeypatch.setattr("blender_text3d.environment.create.run_smoke_test", lambda python, packages, log: RESULT)
    worker = replace(tiny, is_worker=True)
    create_environment(env_dir, report, packages=worker, python=sys.executable, force=True)
    assert version_dir(env_dir).name == "2"
    assert is_installed(env_dir, part)
    assert can_import(env_dir, "tinypart")
    next(wheels.glob("tinyneed*")).unlink()
    create_environment(env_dir, report, packages=worker, python=sys.executable, force=True)
    assert not is_installed(env_dir, part)
    (note,) = read_test_result(version_dir(env_dir) / TEST_RESULT).notes
    assert note.startswith("The optional part Tiny was not installed again: ")


def test_a_part_needs_an_environment(part, tmp_path, report):
    with pytest.raises(SetupFailed, match="Setup has not been run yet"):
        add_part(tmp_path / "none", part, report)


def test_a_part_with_changed_packages_counts_as_missing(tmp_path, part):
    env_dir = write_ready_environment(tmp_path / "env")
    optional_parts.record_parts(version_dir(env_dir), {"tiny": part.sha256})
    assert is_installed(env_dir, part)
    part.file.write_text(part.file.read_text().replace("1.0", "1.1"))
    optional_parts.requirements_sha256.cache_clear()  # as if an updated add-on were imported
    assert not is_installed(env_dir, part)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tiny": 3}', "x" * 20_000])
def test_a_broken_list_of_parts_counts_as_none(tmp_path, part, text):
    env_dir = write_ready_environment(tmp_path / "env")
    (version_dir(env_dir) / FILE_NAME).write_text(text)
    assert not is_installed(env_dir, part)


def test_the_actions_install_and_remove_the_named_part(tmp_path, monkeypatch):
    calls = []
    for name in ("add_part", "remove_part"):
        monkeypatch.setattr(
            f"blender_text3d.environment.actions.{name}",
            lambda env_dir, part, report, name=name: calls.append((name, part.name)),
        )
    env_dir = write_ready_environment(tmp_path / "env")
    for action in ("add-part", "remove-part"):
        done, sent = all_sent(action, env_dir, part="diffusers")
        assert done
        assert sent[-1].state == "ready"
    assert calls == [("add_part", "diffusers"), ("remove_part", "diffusers")]


@pytest.mark.parametrize("part", [DIFFUSERS, CLUSTER], ids=lambda part: part.name)
def test_a_part_pins_every_package_with_hashes_and_none_of_the_workers(part):
    text = part.file.read_text(encoding="utf-8")
    assert set(part.requirements) <= {line.split(" ")[0] for line in text.splitlines()}
    pinned = [line for line in read_requirements(part.file) if "==" in line]
    assert text.count("--hash=sha256:") >= len(pinned) > 10
    base = [line for line in read_requirements(base_packages_file(WORKER.hashed)) if "==" in line]
    assert not {line.partition("==")[0] for line in base} & set(part.packages)
    assert not {"torch", "triton"} & set(part.packages)


def test_parts_agree_on_the_packages_that_they_share():
    first, second = (set(read_requirements(part.file)) for part in (DIFFUSERS, CLUSTER))
    shared = set(DIFFUSERS.packages) & set(CLUSTER.packages)
    assert len(shared) > 5
    assert {line for line in first if line.partition("==")[0] in shared} == {
        line for line in second if line.partition("==")[0] in shared
    }
