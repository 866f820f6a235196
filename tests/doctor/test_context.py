# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders and settings that the checks look at."""

from pathlib import Path

import pytest

from blender_text3d.doctor.context import Context, default_context
from blender_text3d.environment.paths import worker_python


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON", raising=False)


def test_without_settings_the_default_folders_are_looked_at(tmp_path):
    data = tmp_path / "home"
    assert default_context() == Context(data, data / "jobs", data / "worker-env", None, "", {}, False)


def test_each_setting_is_used(tmp_path):
    found = default_context("~/film", "~/python", viewer="x", blender={"version": "5.2"}, is_full=True)
    data = tmp_path / "film"
    assert found == Context(
        data, data / "jobs", data / "worker-env", tmp_path / "python", "x", {"version": "5.2"}, True
    )


def test_the_variable_names_the_python_unless_the_preferences_do(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", "of/variable")
    assert default_context().own_python == tmp_path / "of" / "variable"
    assert default_context(python="of/preferences").own_python == tmp_path / "of" / "preferences"
    assert default_context("here").data_dir == tmp_path / "here"


def test_the_workers_python_is_the_override_or_that_of_the_environment(bare):
    assert bare.python == worker_python(bare.env_dir)
    own = Context(bare.data_dir, bare.jobs_dir, bare.env_dir, Path("/mine"))
    assert own.python == Path("/mine")


def test_a_context_cannot_be_changed(bare):
    with pytest.raises(AttributeError):
        bare.viewer = "x"
