# SPDX-License-Identifier: GPL-3.0-or-later
"""The requirements files with versions and hashes, and the environments and kits made from them."""

import re
import sys
from pathlib import Path

import pytest

from blender_text3d.environment.check import find_problems
from blender_text3d.environment.installers.torch_build import AMD_ON_LINUX, BUILDS, OWN
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.offline.kit import Kit, kit_problem, system_name
from blender_text3d.environment.paths import worker_python
from blender_text3d.environment.requirements import (
    HASHED_DIR,
    UV_FILE,
    WORKER,
    base_packages_file,
    build_dependencies_file,
    read_requirements,
    torch_file,
)
from scripts.release.lock_requirements import write_builds
from scripts.release.torch_wheels import BUILDS as LISTED
from scripts.release.torch_wheels import LIST, TORCH, read_list

FILES = sorted(HASHED_DIR.glob("*.txt"))
NAMED_BUILDS = [name for name, _, _ in BUILDS if name not in ("auto", OWN)]


def packages_in(path: Path) -> list[str]:
    return "\n".join(read_requirements(path)).replace("\\\n", " ").splitlines()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pinned_requirements_have_versions_and_hashes_and_no_index(path):
    packages = packages_in(path)
    assert packages
    assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in packages)
    text = "\n".join(packages)
    assert "://" not in text
    assert "index" not in text
    assert "@" not in text


def test_every_requirement_is_pinned():
    paths = (base_packages_file(HASHED_DIR), torch_file(HASHED_DIR, "default"))
    hashed = {line.split("==")[0] for path in paths for line in read_requirements(path)}
    assert {re.split(r"[=<>]", line)[0] for line in WORKER.requirements} <= hashed
    assert [line.split("==")[0] for line in packages_in(UV_FILE)] == ["uv"]


@pytest.mark.parametrize("build", NAMED_BUILDS)
def test_every_pytorch_build_is_pinned(build):
    names = [line.split()[0] for line in packages_in(torch_file(HASHED_DIR, build))]
    assert names == ([TORCH] if build == "default" else list(LISTED[build]))
    assert names[0].endswith("" if build == "default" else f"+{build}")


@pytest.mark.parametrize("build", ["default", "cu126", "cu130"])
def test_dependencies_of_a_build_are_for_linux_only(build):
    assert all("sys_platform == 'linux'" in line for line in packages_in(build_dependencies_file(HASHED_DIR, build)))


def test_pytorch_builds_have_a_wheel_for_each_python_and_system():
    all_platforms, rocm_platforms = (
        ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "win_amd64"),
        ("manylinux_2_28_x86_64",),
    )
    expected = {
        f"{package.replace('-', '_').replace('==', '-')}-cp3{minor}-cp3{minor}-{platform}.whl"
        for build, packages in LISTED.items()
        for package in packages
        for minor in range(11, 15)
        for platform in (
            ("linux_x86_64",) if "triton" in package else rocm_platforms if build == AMD_ON_LINUX else all_platforms
        )
    }
    assert read_list(LIST).keys() == expected


def test_the_files_are_those_that_the_script_writes(tmp_path):
    write_builds(read_list(LIST), tmp_path)
    made = sorted(tmp_path.iterdir())
    assert {path.name for path in made} == {f"torch_{build}.txt" for build in NAMED_BUILDS if build != "default"}
    assert all(path.read_text() == (HASHED_DIR / path.name).read_text() for path in made)


def test_unused_packages_are_not_installed():
    names = {line.split("==")[0] for path in FILES for line in packages_in(path)}
    assert not names & {"scikit-image", "imageio", "tifffile", "lazy-loader", "packaging"}


def test_environments_and_kits_of_0_1_0_stay_valid(tmp_path):
    old_sha256 = "1aff03f4dda144c47a559df8434db6f520cf2252c4fc1983010be94c79ba456c"
    (tmp_path / "env").mkdir()
    write_manifest(tmp_path / "env", Manifest("ready", old_sha256, sys.executable, "1"))
    python = worker_python(tmp_path / "env")
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert WORKER.sha256 != old_sha256
    assert find_problems(tmp_path / "env") == []
    kit = Kit(tmp_path, "3.11", system_name(), "2.13.0", old_sha256, ())
    assert "another version" not in kit_problem(kit).message
    write_manifest(tmp_path / "env", Manifest("ready", "0" * 64, sys.executable, "1"))
    assert "another version" in find_problems(tmp_path / "env")[0].message
