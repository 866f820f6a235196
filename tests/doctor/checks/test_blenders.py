# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's version, its online access, and the copies of the add-on."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from blender_text3d.doctor.checks import blenders
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding
from blender_text3d.environment.paths import worker_python


@pytest.mark.parametrize(
    ("version", "state"),
    [("4.1.9", BAD), ("3.6", BAD), ("4.2.0", GOOD), ("4.2", GOOD), ("4.10", GOOD), ("5.0.1", GOOD), ("10.0", GOOD)],
)
def test_blender_4_2_is_the_first_that_is_supported(version, state, bare):
    fix = "Install a newer Blender." if state == BAD else ""
    assert list(blenders.blender_version(replace(bare, blender={"version": version}))) == [
        Finding("blender", "Blender", state, f"version {version}", "Blender 4.2 or newer", fix)
    ]


def test_a_terminal_needs_no_blender_but_its_version_is_checked(bare, monkeypatch):
    monkeypatch.setattr(blenders, "version_on_path", lambda: "")
    (found,) = blenders.blender_version(bare)
    assert (found.state, found.found) == (
        GOOD, "none on PATH, so its version was not checked (not required in a terminal)")  # fmt: skip
    monkeypatch.setattr(blenders, "version_on_path", lambda: "4.1.0")
    (found,) = blenders.blender_version(bare)
    assert (found.state, found.found) == (BAD, "version 4.1.0")


@pytest.mark.parametrize(
    ("output", "version"), [("Blender 5.2.1 LTS\n", "5.2.1"), ("x\nBlender 4.2", "4.2"), ("Blender", ""), ("", "")]
)
def test_the_version_is_read_from_the_output_of_the_program(output, version, monkeypatch):
    def run(command, **options):
        assert command == ["/x/blender", "--version"]
        assert options["timeout"] == 60
        return SimpleNamespace(stdout=output)

    monkeypatch.setattr(blenders.shutil, "which", lambda name: f"/x/{name}")
    monkeypatch.setattr(blenders.subprocess, "run", run)
    assert blenders.version_on_path() == version


@pytest.mark.parametrize("error", [OSError("no"), subprocess.TimeoutExpired("blender", 60)])
def test_a_blender_that_does_not_respond_has_no_version(error, monkeypatch):
    def run(command, **options):
        raise error

    monkeypatch.setattr(blenders.shutil, "which", lambda name: "/x/blender")
    monkeypatch.setattr(blenders.subprocess, "run", run)
    assert blenders.version_on_path() == ""


def test_without_a_blender_on_path_nothing_is_run(monkeypatch):
    monkeypatch.setattr(blenders.shutil, "which", lambda name: None)
    monkeypatch.setattr(blenders.subprocess, "run", lambda *_, **__: pytest.fail("it was run"))
    assert blenders.version_on_path() == ""


def test_online_access_is_needed_only_before_setup(bare):
    def found(context, is_allowed):
        (finding,) = blenders.online_access(replace(context, blender={"online_access": is_allowed}))
        assert (finding.check, finding.what) == ("online", "Online access")
        assert finding.wanted == "allowed while something is downloaded"
        return finding.state, finding.found, finding.fix, finding.button

    fix = "Allow it in Preferences, System, Network, or install an offline kit."
    assert list(blenders.online_access(bare)) == []
    assert found(bare, False) == (BAD, "off, and setup has not been run", fix, "network")
    assert found(bare, True) == (GOOD, "allowed in Blender's preferences", "", "")
    assert found(replace(bare, own_python=Path("/p")), False) == (GOOD, "off; setup does not need it now", "", "")
    worker_python(bare.env_dir).parent.mkdir(parents=True)
    worker_python(bare.env_dir).touch()
    assert found(bare, False)[0] == GOOD


@pytest.fixture
def root(tmp_path, monkeypatch):
    """The parent of Blender's user folders, with a function that installs a copy of the add-on."""
    monkeypatch.delenv("BLENDER_USER_RESOURCES", raising=False)
    monkeypatch.setattr(blenders, "user_root", lambda: tmp_path)
    return tmp_path


def install(copy: Path, version: str = "0.1.0") -> Path:
    for file in (copy / "__init__.py", copy / "addon" / "registration.py", copy / "protocol" / "version.py"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (copy / "protocol" / "version.py").write_text(f'# x\nENGINE_VERSION = "{version}"\n')
    return copy.resolve()


PLACES = ["extensions/user_default/blender_text3d", "scripts/addons/blender_text3d",
          "scripts/addons/blender_text3d-main", "scripts/addons/main/blender_text3d"]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_copy_is_found_wherever_blender_loads_it_from(place, root):
    copy = install(root / place)
    assert blenders.find_copies(root) == {copy}


@pytest.mark.parametrize(
    "place", ["extensions/blender_text3d", "scripts/addons/other", "extensions/a/b/blender_text3d"]
)
def test_a_folder_elsewhere_is_no_copy(place, root):
    install(root / place)
    assert blenders.find_copies(root) == set()


def test_another_program_of_the_name_is_no_copy_and_links_count_once(root):
    copy = install(root / PLACES[0])
    (root / "extensions" / "dev").mkdir()
    (root / "extensions" / "dev" / "blender_text3d").symlink_to(copy, target_is_directory=True)
    other = root / "scripts" / "addons" / "blender_text3d"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    assert blenders.find_copies(root) == {copy}


def only(context) -> Finding:
    (finding,) = blenders.copies(context)
    assert (finding.check, finding.what) == ("copies", "Copies of the add-on")
    assert finding.wanted == "one per Blender, all of the same version"
    return finding


def test_the_copies_of_all_blenders_are_counted(bare, root):
    assert (only(bare).state, only(bare).found) == (GOOD, "not installed in any Blender")
    install(root / "4.2" / PLACES[0])
    assert (only(bare).state, only(bare).found) == (GOOD, "1 installed")
    install(root / "5.2" / PLACES[1])
    assert (only(bare).state, only(bare).found) == (GOOD, "2 installed")


def test_different_versions_are_told_in_order(bare, root):
    install(root / "4.2" / PLACES[0], "0.2.0")
    install(root / "5.2" / PLACES[0], "0.1.0")
    found = only(bare)
    assert (found.state, found.found) == (WARN, "versions 0.1.0, 0.2.0")
    assert found.fix == "Install the newest version in each Blender: they share one environment."


def test_two_copies_in_one_blender_are_named_even_of_the_same_version(bare, root):
    paths = sorted(install(root / "5.2" / place) for place in PLACES[:2])
    install(root / "4.2" / PLACES[0], "0.9.0")
    found = only(bare)
    assert (found.state, found.found) == (BAD, f"Blender 5.2: {paths[0]}, {paths[1]}")
    assert found.fix == "Remove all but one under Preferences, Add-ons, and start Blender again."
    for place in PLACES[2:]:
        install(root / "4.2" / place)
    assert only(bare).found.startswith("Blender 4.2: ")
    assert "; Blender 5.2: " in only(bare).found


def test_the_version_of_a_damaged_copy_is_unknown(root):
    copy = install(root / "x", "1.2.3")
    assert blenders.copy_version(copy) == "1.2.3"
    (copy / "protocol" / "version.py").write_text("VERSION = 3\n")
    assert blenders.copy_version(copy) == "unknown"
    (copy / "protocol" / "version.py").unlink()
    assert blenders.copy_version(copy) == "unknown"


def test_the_running_blender_is_asked_before_the_variable_and_all_versions(bare, root, monkeypatch):
    for name in ("5.2", "4.2", "old", "4.5"):
        (root / name).mkdir()
    (root / "9.9").touch()
    assert blenders.version_folders(bare) == [root / "4.2", root / "4.5", root / "5.2"]
    monkeypatch.setenv("BLENDER_USER_RESOURCES", "/mine")
    assert blenders.version_folders(bare) == [Path("/mine")]
    assert blenders.version_folders(replace(bare, blender={"user_folder": "/running"})) == [Path("/running")]


@pytest.mark.skipif(sys.platform == "win32", reason="the paths of other systems")
def test_the_user_folders_are_where_blender_keeps_them(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert blenders.user_root() == Path("/home/me/.config/blender")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/config")
    assert blenders.user_root() == Path("/config/blender")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert blenders.user_root() == Path("/home/me/Library/Application Support/Blender")


@pytest.mark.skipif(sys.platform == "win32", reason="a path of another system stands in")
def test_on_windows_the_user_folders_are_in_the_roaming_data(monkeypatch):
    monkeypatch.setattr(blenders, "Path", PurePosixPath)
    monkeypatch.setattr(os, "name", "nt")
    monkeypatch.setenv("APPDATA", "/roaming")
    assert blenders.user_root() == PurePosixPath("/roaming/Blender Foundation/Blender")
