# SPDX-License-Identifier: GPL-3.0-or-later
"""Open Recording: a child process of the worker's Python opens the Rerun viewer."""

import bpy
import pytest

from blender_text3d.addon.background.recording_task import MODULE
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.session_state import state


@pytest.fixture
def viewer(addon, scene, tmp_path, monkeypatch):
    """An object with a recording, and a Python that writes its arguments down and then runs a command."""
    bpy.ops.text3d.generate()
    (folder,) = state.session.jobs_dir.glob("*-*/")
    (folder / "job.rrd").write_bytes(b"a recording")

    def viewer(command):
        program = tmp_path / "viewer-python"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/arguments"\n{command}\n')
        program.chmod(0o755)
        monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(program))
        return folder

    return viewer


def arguments(tmp_path):
    return (tmp_path / "arguments").read_text().split("\n")


def test_the_recording_of_the_active_object_is_opened(viewer, tmp_path):
    folder = viewer("exit 0")
    assert bpy.ops.text3d.open_recording() == {"FINISHED"}
    *_, module, recording, _ = arguments(tmp_path)
    assert module.endswith(MODULE)
    assert recording == str(folder / "job.rrd")


def test_the_recording_of_a_named_job_is_opened_without_an_active_object(viewer, tmp_path):
    folder = viewer("exit 0")
    bpy.context.view_layer.objects.active = None
    assert bpy.ops.text3d.open_recording(job_id=folder.name) == {"FINISHED"}
    assert arguments(tmp_path)[-2] == str(folder / "job.rrd")


def test_an_older_error_is_no_error_of_the_viewer(viewer):
    viewer("exit 0")
    state.problem = Problem("It broke.", reason="internal")
    assert bpy.ops.text3d.open_recording() == {"FINISHED"}


def test_why_no_viewer_opens_is_reported(viewer):
    viewer("echo Rerun is not installed.; exit 1")
    with pytest.raises(RuntimeError, match="Rerun is not installed"):
        bpy.ops.text3d.open_recording()
    assert "repair" in state.problem.buttons


def test_a_viewer_that_says_nothing_is_reported_with_its_exit_code(viewer):
    viewer("exit 7")
    with pytest.raises(RuntimeError, match="exit code 7"):
        bpy.ops.text3d.open_recording()


def test_an_object_without_a_recording_opens_nothing(viewer, tmp_path):
    folder = viewer("exit 0")
    (folder / "job.rrd").unlink()
    assert bpy.ops.text3d.open_recording() == {"CANCELLED"}
    assert not (tmp_path / "arguments").exists()


@pytest.mark.parametrize("name", ["../data", "a/b", "..", "nowhere"])
def test_a_name_that_leads_out_of_the_jobs_folder_opens_nothing(viewer, tmp_path, name):
    viewer("exit 0")
    (choices().jobs_dir.parent / "job.rrd").write_bytes(b"elsewhere")
    assert bpy.ops.text3d.open_recording(job_id=name) == {"CANCELLED"}
    assert not (tmp_path / "arguments").exists()
