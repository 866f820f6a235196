# SPDX-License-Identifier: GPL-3.0-or-later
import sys
from pathlib import Path

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.interpreters import candidates, find_interpreter, probe

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
