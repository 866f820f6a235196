# SPDX-License-Identifier: GPL-3.0-or-later
"""The buttons that fix problems name operators of this Blender, and one that not every Blender has."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.panels import fix_buttons
from blender_text3d.addon.state import problem
from blender_text3d.addon.state.problem import BUTTONS
from blender_text3d.addon.state.session_state import state
from tests.blender.addon.test_fix_buttons import called, offered
from tests.blender.recording_layout import RecordingLayout


def test_every_button_is_an_operator_with_its_properties(addon):
    assert {name for names in BUTTONS.values() for name in names} <= fix_buttons.FIX_BUTTONS.keys()
    for name in fix_buttons.FIX_BUTTONS:
        fix_buttons.draw(RecordingLayout(), name, "some/model")  # the layout fails on what Blender would not find


def test_set_up_without_online_access_allows_it_by_one_click_of_blenders_own_button(addon):
    with pytest.raises(RuntimeError, match="Online access"):
        bpy.ops.text3d.set_up()
    assert state.problem.buttons[0] == problem.NETWORK
    called(offered()[0])
    assert bpy.app.online_access
    bpy.context.preferences.system.use_online_access = False


def test_where_blenders_own_button_is_missing_the_page_that_allows_it_is_opened(addon, monkeypatch):
    monkeypatch.setattr("blender_text3d.addon.panels.fix_buttons.bpy", SimpleNamespace(types=SimpleNamespace()))
    assert fix_buttons.fix_button(problem.NETWORK).properties == {"section": "SYSTEM"}
