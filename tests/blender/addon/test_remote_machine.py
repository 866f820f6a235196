# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote machine in the preferences: what it changes, and the test of its connection."""

import os
import sys
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.connection_task import connection_task
from blender_text3d.addon.jobs import submit
from blender_text3d.addon.panels import remote
from blender_text3d.addon.panels.weights import wanted_models
from blender_text3d.addon.settings.choices import ADDON, choices
from blender_text3d.addon.state import problem as problems
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.failures import Reason
from tests.blender.measuring_layout import MeasuringLayout, SidebarContext
from tests.blender.recording_layout import RecordingLayout
from tests.remote.scripted_there import local_ssh


@pytest.fixture
def choose(addon, monkeypatch, tmp_path):
    """A function that sets the preferences of the remote machine, as Blender stores them, with online access on.

    The other machine is this one: a program in place of ssh runs what it is told to run there.
    """
    there = local_ssh(tmp_path, tmp_path / "there", os.environ["TEXT3D_WORKER_PYTHON"])
    monkeypatch.setenv("BLENDER_TEXT3D_SSH", str(there))
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    entry = bpy.context.preferences.addons.new()
    entry.module = ADDON
    bpy.context.preferences.system.use_online_access = True

    def choose(host="there", *, python=""):
        entry.preferences.remote_host, entry.preferences.remote_python = host, python
        return choices()

    yield choose
    connection_task.detach()
    bpy.context.preferences.system.use_online_access = False
    bpy.context.preferences.addons.remove(entry)


def drawn_texts() -> list[str]:
    layout = RecordingLayout()
    remote.draw_preferences(layout, bpy.context.preferences.addons[ADDON].preferences, bpy.context)
    return layout.texts


def test_a_remote_machine_needs_no_environment_here(choose):
    choose("")
    assert not problems.is_set_up()
    choose()
    assert problems.is_set_up()
    assert problems.worker_problem(choose()) is None


def test_without_online_access_a_remote_machine_is_not_contacted(choose):
    choose()
    bpy.context.preferences.system.use_online_access = False
    found = problems.worker_problem(choices())
    assert found.message == "Online access is off, so there cannot be reached."
    assert found.buttons == ("network",)


def test_a_host_that_is_an_option_of_ssh_is_a_problem_with_a_button(choose):
    found = problems.worker_problem(choose("-oProxyCommand=date"))
    assert (found.reason, found.buttons) == (Reason.REMOTE, ("preferences",))
    assert "is not a host" in found.message


def test_the_session_has_a_relay_and_is_made_anew_when_the_host_changes(choose):
    first = submit.session_for(choose())
    assert first.worker.relay == ("--port=0", "--python=", "--", "there")
    assert first.worker.python == submit.Path(sys.executable)
    assert submit.session_for(choices()) is first
    assert submit.session_for(choose("elsewhere")) is not first
    assert submit.session_for(choose("")).worker.relay == ()


def test_downloads_for_this_machine_are_not_offered_for_another_one(choose):
    bpy.context.scene.text3d.model = "shap-e/text300M"
    choose("")
    assert wanted_models(bpy.context) == ["shap-e/text300M"]
    choose()
    assert wanted_models(bpy.context) == []


def test_the_preferences_show_the_button_only_for_a_host(choose):
    choose("")
    assert drawn_texts() == ["Remote Machine (SSH)", "Host"]
    choose()
    assert "text3d.test_connection" in drawn_texts()


def test_the_name_of_the_host_fits_the_sidebar():
    layout = MeasuringLayout()
    remote.draw_host(layout, SimpleNamespace(remote_host="somebody@a-rather-long-name.example.org"), SidebarContext())
    assert layout.cut() == []


def test_the_test_of_a_connection_ends_with_a_sentence(choose, monkeypatch, tmp_path):
    choose("127.0.0.1")
    monkeypatch.setenv("BLENDER_TEXT3D_SSH", "/nowhere/ssh")
    assert bpy.ops.text3d.test_connection() == {"FINISHED"}
    assert not connection_task.is_good
    assert connection_task.text.startswith("The program ssh cannot be started on this machine")
    assert not list((tmp_path / "data").glob("connection-test*"))
    assert connection_task.text in " ".join(drawn_texts())


def test_an_object_is_generated_on_the_other_machine_and_imported_here(choose, tmp_path):
    choose(python=sys.executable)
    bpy.context.scene.text3d.prompt = "a red chair"
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert [item.name for item in bpy.context.scene.objects if item.type == "MESH"] == ["a red chair"]
    assert (tmp_path / "there" / "remote-code").is_dir()
    assert not (tmp_path / "data" / "worker-env").exists()


def test_a_machine_that_refuses_the_login_is_a_problem_with_its_buttons(choose, monkeypatch, tmp_path):
    refusing = tmp_path / "refusing"
    refusing.write_text("#!/bin/sh\necho 'there: Permission denied (publickey).' >&2\nexit 255\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("BLENDER_TEXT3D_SSH", str(refusing))
    choose()
    bpy.context.scene.text3d.prompt = "a red chair"
    with pytest.raises(RuntimeError, match="there refused the login: permission denied."):
        bpy.ops.text3d.generate()
    assert state.problem.buttons == ("again", "preferences")
