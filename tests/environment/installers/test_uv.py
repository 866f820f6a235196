# SPDX-License-Identifier: GPL-3.0-or-later
"""uv: which one is used, its command line, its cache and its failures."""

import sys
from pathlib import Path

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers import pip_config, uv
from blender_text3d.environment.installers.uv import (
    Uv,
    find_uv,
    progress_line,
    uv_cache_variables,
    uv_version,
)
from blender_text3d.environment.requirements import UV_FILE
from blender_text3d.system.run_logged import Log

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts replace uv and Python")


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine without configuration, whose uv on PATH is the first of a list."""
    for name in ("UV_CACHE_DIR", "UV_NO_CACHE", "UV_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    programs: list[str] = []
    monkeypatch.setattr(uv.shutil, "which", lambda name: programs[0] if name == "uv" and programs else None)
    monkeypatch.setattr(pip_config, "_uv_files", lambda: [tmp_path / "uv.toml"])
    return programs


def write_uv(file, script='echo "uv 9.9.9 (abc)"'):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("echo 'uv 0.13.9 (abc 2026-01-01)'", "uv 0.13.9"),
        ("echo 'warning: x'; echo 'uv 1.0.0b2'", "uv 1.0.0b2"),
        ("echo 'uv 0.13.9'; exit 1", ""),
        ("echo 'uv'", ""),
        ("echo 'the uv 1.0'", ""),
        ("exit 0", ""),
    ],
)
def test_the_version_is_read_from_a_program_that_works(script, version, tmp_path):
    program = write_uv(tmp_path / "uv", script)
    assert uv_version(program, Log()) == version
    assert Uv(program, tmp_path, {}, Log()).name() == version


def test_a_program_that_cannot_be_started_has_no_version(tmp_path):
    assert uv_version(tmp_path / "nowhere", Log()) == ""


class Writes:
    """A double of pip that records its arguments, and then installs a uv or fails."""

    def __init__(self, script="", error=None):
        self.script, self.error, self.calls = script, error, []

    def install(self, arguments, name, report):
        self.calls.append((arguments, name))
        report("Collecting", 0.5)
        if self.error:
            raise self.error
        write_uv(Path(arguments[arguments.index("--target") + 1]) / "bin" / "uv", self.script)


def test_a_uv_on_path_comes_first_then_the_installed_one(tmp_path, machine):
    on_path = write_uv(tmp_path / "path" / "uv")
    installed = write_uv(tmp_path / "env" / "uv" / "bin" / "uv")
    pip = Writes()
    assert find_uv(tmp_path / "env", pip, Log(), may_download=False) == installed
    machine.append(str(on_path))
    assert find_uv(tmp_path / "env", pip, Log()) == on_path
    write_uv(on_path, "exit 1")
    assert find_uv(tmp_path / "env", pip, Log()) == installed
    assert pip.calls == []


def test_a_missing_or_broken_uv_is_installed_with_its_hash_into_a_folder_of_its_own(tmp_path):
    old = write_uv(tmp_path / "env" / "uv" / "bin" / "uv", "exit 1")
    (old.parent / "rest").touch()
    pip = Writes("echo uv 9.9.9")
    assert find_uv(tmp_path / "env", pip, Log(), may_download=False) is None
    assert pip.calls == []
    assert find_uv(tmp_path / "env", pip, Log()) == old
    folder = str(tmp_path / "env" / "uv")
    options = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", folder, "-r", str(UV_FILE))
    assert pip.calls == [(options, "uv")]
    assert not (old.parent / "rest").exists()


def test_an_installed_uv_that_does_not_work_is_not_used(tmp_path):
    assert find_uv(tmp_path / "env", Writes("exit 1"), Log()) is None


def test_a_failed_installation_of_uv_is_logged_and_leaves_the_work_to_pip(tmp_path):
    log = Log(tmp_path / "log")
    assert find_uv(tmp_path / "env", Writes(error=SetupFailed("No network.", "Connect.")), log) is None
    text = "uv could not be installed, so pip installs all packages: No network. Connect."
    assert text in log.path.read_text()


@pytest.fixture
def python(tmp_path):
    python = tmp_path / "env" / "1" / "bin" / "python"
    python.parent.mkdir(parents=True)
    return python


def test_uv_installs_into_the_environments_python_outside_of_any_project(python, tmp_path, report, news):
    call = f'echo "$A|$UV_INDEX|$(pwd)|$@" > {tmp_path}/call'
    script = f'{call}; echo "Resolved 2 packages"; echo other; echo "Installed 2"'
    program = write_uv(tmp_path / "uv", script)
    Uv(program, python, {"A": "a", "UV_INDEX": "mine"}, Log()).install(
        ("--index-url", "https://own", "torch==1"), "PyTorch", report
    )
    assert (tmp_path / "call").read_text().strip() == (
        f"a||{tmp_path / 'env' / '1'}|pip install --python {python} --compile-bytecode --color never "
        "--default-index https://own torch==1"
    )
    assert news == [("Resolved 2 packages", 1 / 13), ("Compiling the packages", 3 / 15)]


@pytest.mark.parametrize(
    "word", ["Resolved", "Downloading", " Downloaded", "Prepared", "Installed", "Bytecode compiled"]
)
def test_each_stage_of_uv_is_progress(word, python, tmp_path, report, news):
    Uv(write_uv(tmp_path / "uv", f"echo '{word} x'"), python, {}, Log()).install((), "x", report)
    assert len(news) == 1


def test_a_failure_of_uv_is_told_as_uvs_and_with_a_path_outside_of_the_environment(python, tmp_path, report):
    program = write_uv(tmp_path / "uv", "echo 'error: a new one'; exit 2")
    with pytest.raises(SetupFailed, match="Installing PyTorch failed. uv reported: error: a new one"):
        Uv(program, python, {}, Log()).install(("torch",), "PyTorch", report)
    write_uv(program, f"echo 'No space left on device: `{tmp_path}/env/uv-cache/x`'; exit 2")
    with pytest.raises(SetupFailed) as caught:
        Uv(program, python, {}, Log()).install(("torch",), "PyTorch", report)
    assert caught.value.reason == "disk_full"
    write_uv(program, f"echo 'No space left on device: `{tmp_path}/other`'; exit 2")
    with pytest.raises(SetupFailed, match="The disk is full: .*/other.") as caught:
        Uv(program, python, {}, Log()).install(("torch",), "PyTorch", report)
    assert caught.value.reason == ""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Installed 23 packages in 1.52s", "Compiling the packages"),
        ("  Prepared 23 packages  \n", "Prepared 23 packages"),
        ("Downloading " + "x" * 200, "Downloading " + "x" * 108),
    ],
)
def test_a_line_of_uv_is_shortened(line, told):
    assert progress_line(line) == told


@pytest.mark.parametrize(("system", "mode"), [("linux", "hardlink"), ("win32", "hardlink"), ("darwin", "clone")])
def test_the_cache_of_an_installed_uv_is_linked_and_lies_next_to_the_environment(system, mode, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", system)
    assert uv_cache_variables(tmp_path, tmp_path / "uv" / "bin" / "uv") == {
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "UV_LINK_MODE": mode,
    }


@pytest.mark.parametrize("name", ["UV_CACHE_DIR", "UV_NO_CACHE"])
def test_a_cache_that_the_user_chose_is_kept(name, tmp_path, monkeypatch):
    monkeypatch.setenv(name, "1")
    assert uv_cache_variables(tmp_path, tmp_path / "uv" / "bin" / "uv") == {}


@pytest.mark.parametrize(
    ("line", "is_kept"), [('cache-dir = "/fast"', True), (" no-cache=true", True), ("#cache-dir = 1", False)]
)
def test_a_cache_in_the_file_of_uv_is_kept(line, is_kept, tmp_path):
    (tmp_path / "uv.toml").write_text(f"offline = false\n{line}\n")
    assert (uv_cache_variables(tmp_path, tmp_path / "uv" / "bin" / "uv") == {}) is is_kept


def test_the_users_own_uv_keeps_its_cache(tmp_path):
    assert uv_cache_variables(tmp_path / "env", tmp_path / "uv") == {}
