# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.environment import interpreters
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.interpreters import Interpreter, candidates, find_interpreter, probe

THIS_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_a_python_of_a_supported_version_is_found():
    found = find_interpreter((THIS_PYTHON,))
    assert found.version == THIS_PYTHON
    assert found.path.exists()


def test_a_missing_python_is_reported():
    with pytest.raises(SetupFailed, match="No Python 3.1 or 3.2 was found"):
        find_interpreter(("3.1", "3.2"))


def test_a_chosen_python_of_another_version_is_refused():
    with pytest.raises(SetupFailed, match=f"is Python {THIS_PYTHON}. Choose a Python 3.2"):
        find_interpreter(("3.2",), sys.executable)


def test_the_running_python_which_may_be_blenders_own_comes_first():
    assert next(candidates(("3.11",))) == sys.executable


def test_a_running_python_that_upgrades_remove_comes_last(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/snap/blender/7/5.0/python/bin/python3.11")
    assert list(candidates(("3.11",)))[-1] == sys.executable
    assert next(candidates(("3.11",))) != sys.executable


def test_an_environments_python_reports_its_base():
    if sys.prefix == sys.base_prefix:
        assert probe(sys.executable).path == Path(sys.executable)
    else:
        assert sys.prefix not in str(probe(sys.executable).path)


def test_a_broken_shim_is_skipped(tmp_path, monkeypatch):
    shim = tmp_path / f"python{THIS_PYTHON}"
    shim.write_text("#!/bin/sh\necho 'command not found' >&2; exit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert probe(str(shim)) is None
    assert find_interpreter((THIS_PYTHON,)).path != shim


def test_a_python_is_probed_without_the_callers_module_path(tmp_path, monkeypatch):
    Path(tmp_path / "venv.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert probe(sys.executable).version == THIS_PYTHON


def write_python(file: Path, version: str, path: str = "") -> Path:
    """Write a program that answers the probe as a Python of a version does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"""#!/bin/sh\necho '["{version}", "{path or file}"]'\n""")
    file.chmod(0o755)
    return file


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with no Python except the running one; its home folder."""
    for name in ("PATH", "HOME", "USERPROFILE", "PYENV_ROOT"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(interpreters, "PATTERNS", [p for p in interpreters.PATTERNS if p.startswith(("~", "$"))])
    return tmp_path


def test_pythons_come_from_this_program_the_path_and_version_managers_in_this_order(machine):
    expected = [
        machine / "path/python3.12",
        machine / "versions/3.12.10/bin/python",
        machine / "versions/3.12.9/bin/python",
        machine / ".pyenv/versions/3.12.4/bin/python",
        machine / ".local/share/uv/python/cpython-3.12.8-linux/bin/python3",
        machine / "AppData/Local/Programs/Python/Python312/python.exe",
        machine / "path/python3.11",
        machine / "versions/3.11.2/bin/python",
        machine / "path/python3",
        machine / "path/python",
    ]
    for file in (*expected, machine / "versions/3.10.1/bin/python"):
        write_python(file, "3.12")
    assert list(candidates(("3.12", "3.11"))) == [sys.executable, *map(str, expected)]


def test_the_folders_of_every_system_are_searched():
    assert {"/usr/bin/python{v}", "/usr/local/bin/python{v}", "/opt/homebrew/bin/python{v}"} < set(
        interpreters.PATTERNS
    )
    assert "/Library/Frameworks/Python.framework/Versions/{v}/bin/python3" in interpreters.PATTERNS
    assert "C:/Program Files/Python{d}/python.exe" in interpreters.PATTERNS


@pytest.mark.parametrize("version", ["*", "3.*", "3", "3.111", "13.1", "3.1 ", "../3.1", "3.1\n"])
def test_a_version_that_is_none_is_not_searched_for(version, machine, monkeypatch):
    monkeypatch.setattr(interpreters, "glob", lambda pattern: pytest.fail(f"{pattern} was searched"))
    assert list(candidates((version,))) == [sys.executable]


@pytest.mark.parametrize("folder", ["/tmp/.mount_blenderX", "/snap/blender/7"])
def test_a_python_of_a_folder_that_vanishes_is_only_the_last_choice(folder, machine, monkeypatch):
    monkeypatch.setattr(sys, "executable", f"{folder}/python3.11")
    write_python(machine / "path/python3", "3.11")
    assert list(candidates(("3.11",))) == [str(machine / "path/python3"), sys.executable]


def test_the_first_python_of_a_supported_version_is_taken(machine, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(write_python(machine / "blender/python", "3.10")))
    write_python(machine / "path/python3.12", "3.9")  # a link that was changed
    good = write_python(machine / "path/python3.11", "3.11", "/real/python3.11")
    write_python(machine / "path/python3", "3.12")
    assert find_interpreter(("3.12", "3.11")) == Interpreter(Path("/real/python3.11"), "3.11")
    good.unlink()
    assert find_interpreter(("3.12", "3.11")) == Interpreter(machine / "path/python3", "3.12")


def test_a_chosen_python_is_the_only_one_that_is_tried(machine):
    chosen = write_python(machine / "mine/python", "3.13", "/base/python3.13")
    assert find_interpreter(("3.11", "3.13"), str(chosen)) == Interpreter(Path("/base/python3.13"), "3.13")
    with pytest.raises(SetupFailed) as caught:
        find_interpreter(("3.11", "3.12", "3.14"), str(chosen))
    assert str(caught.value) == f"{chosen} is Python 3.13. Choose a Python 3.11, 3.12 or 3.14."


def test_a_chosen_python_that_does_not_work_is_named_with_what_to_choose():
    with pytest.raises(SetupFailed) as caught:
        find_interpreter(("3.11", "3.12"), "/no/python")
    assert caught.value.problem.message == "/no/python is not a working Python with the modules venv and ensurepip."
    assert caught.value.problem.fix == "Choose the program file of a Python 3.11 or 3.12."


def test_a_search_without_success_names_the_versions_and_what_to_install(machine, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(machine / "gone"))
    with pytest.raises(SetupFailed) as caught:
        find_interpreter(("3.11",))
    assert caught.value.problem.message == "No Python 3.11 was found on this machine."
    assert caught.value.problem.fix == "Install one with its venv module, or choose one in the add-on's preferences."


@pytest.mark.parametrize(
    "script", ["echo hello", "echo 3", "echo '[]'", "echo '[3, 4]'", """echo '["3.11", "/x"]'; exit 1"""]
)
def test_a_program_with_another_answer_is_no_python(script, tmp_path):
    program = write_python(tmp_path / "python", "3.11")
    assert probe(str(program)) == Interpreter(program, "3.11")
    program.write_text(f"#!/bin/sh\n{script}\n")
    assert probe(str(program)) is None


def test_a_python_that_does_not_answer_is_none(monkeypatch):
    def run(command, **options):
        assert options["timeout"] == 30
        raise subprocess.TimeoutExpired(command, 30)

    monkeypatch.setattr(subprocess, "run", run)
    assert probe(sys.executable) is None


def test_the_real_answer_names_a_python_that_exists_outside_of_environments():
    found = probe(sys.executable)
    assert found.version == THIS_PYTHON
    assert os.path.exists(found.path)
    assert found.path == Path(getattr(sys, "_base_executable", "") or sys.executable)
