# SPDX-License-Identifier: GPL-3.0-or-later
"""The requirements files with versions and hashes, and the environments and kits made from them."""

import hashlib
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
    Packages,
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
    files = [path for path in FILES if not path.name.startswith("part_")]
    names = {line.split("==")[0] for path in files for line in packages_in(path)}
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


def test_a_hash_is_that_of_the_lines_without_comments_in_their_order(tmp_path):
    assert Packages(("b==1", "a==2"), (), 1.0).sha256 == hashlib.sha256(b"b==1\na==2").hexdigest()
    (tmp_path / "worker.txt").write_text("# about\nnumpy==2 \\\n  --hash=sha256:ab  # why\n\n")
    (tmp_path / "torch_default.txt").write_text("torch==3\n")
    with_files = Packages(("torch==3",), (), 1.0, hashed=tmp_path)
    assert with_files.sha256 == hashlib.sha256(b"torch==3numpy==2 \\\n--hash=sha256:abtorch==3").hexdigest()


def test_packages_are_those_of_their_own_hash_or_of_an_accepted_one():
    packages = Packages(("a==1",), (), 1.0, accepted_sha256=("old", "older"))
    assert packages.is_satisfied_by(packages.sha256)
    assert packages.is_satisfied_by("old")
    assert packages.is_satisfied_by("older")
    assert not packages.is_satisfied_by("")
    assert not Packages(("a==2",), (), 1.0).is_satisfied_by(packages.sha256)


def test_packages_have_these_defaults():
    packages = Packages(("a==1",), ("a",), 1.0)
    assert packages.python_versions == ("3.11", "3.12", "3.13", "3.14")
    assert packages.hashed is None
    assert not packages.is_worker
    assert packages.accepted_sha256 == ()


def test_a_requirements_file_is_read_without_comments_and_blank_lines(tmp_path):
    (tmp_path / "x.txt").write_text("# ü\n\na==1\n  b==2  # why\n   \n# c==3\n", encoding="utf-8")
    assert read_requirements(tmp_path / "x.txt") == ("a==1", "b==2")


def test_the_files_of_each_build_are_found_by_its_name(tmp_path):
    assert base_packages_file(tmp_path) == tmp_path / "worker.txt"
    assert torch_file(tmp_path, "cpu") is None
    (tmp_path / "torch_cpu.txt").touch()
    assert torch_file(tmp_path, "cpu") == tmp_path / "torch_cpu.txt"
    assert {name: build_dependencies_file(tmp_path, name) for name in ("default", "cu130", "cu126", "cpu", "own")} == {
        "default": tmp_path / "needs_cuda13.txt",
        "cu130": tmp_path / "needs_cuda13.txt",
        "cu126": tmp_path / "needs_cuda12.txt",
        "cpu": None,
        "own": None,
    }


def test_the_worker_needs_its_packages_and_4_gb_and_is_tested_with_a_job():
    assert WORKER.requirements[0] == TORCH
    assert WORKER.modules[:5] == ("numpy", "scipy", "PIL", "safetensors", "trimesh")
    assert WORKER.modules[5:] == ("torch", "rerun", "psutil", "fast_simplification")
    assert (WORKER.needed_gb, WORKER.hashed, WORKER.is_worker) == (4.0, HASHED_DIR, True)
    assert WORKER.python_versions[0] == "3.11"
    assert UV_FILE.is_file()
