# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode Selected of an object with a procedural material, whose views another Blender renders."""

import bpy
import numpy as np
import pytest

from blender_text3d.addon.background import background_blender
from blender_text3d.addon.jobs import encode_objects, render_views
from blender_text3d.addon.jobs.encoding import Encoding
from blender_text3d.addon.state.session_state import state
from blender_text3d.geometry.textured_mesh import load_with_views
from blender_text3d.protocol.create_job import CAPTURES_FOLDER
from blender_text3d.protocol.job_folder import JobFolder
from tests.blender.addon.test_encode_objects import new_box
from tests.blender.recording_layout import drawn


@pytest.fixture
def noisy(addon):
    """A box with red and blue squares in object coordinates."""
    box = new_box()
    tree = box.data.materials[0].node_tree
    checker, place = tree.nodes.new("ShaderNodeTexChecker"), tree.nodes.new("ShaderNodeTexCoord")
    checker.inputs["Color1"].default_value, checker.inputs["Color2"].default_value = (1, 0, 0, 1), (0, 0, 1, 1)
    tree.links.new(place.outputs["Object"], checker.inputs["Vector"])
    tree.links.new(checker.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    return box


def test_a_procedural_material_is_rendered_by_another_blender(noisy, tmp_path):
    assert bpy.ops.text3d.encode_selected() == {"FINISHED"}
    job = JobFolder(tmp_path / "data" / "jobs" / noisy["text3d_job_id"])
    _, views = load_with_views(job.input_file(job.read_request().object), decode=None)
    assert views.images.shape == (20, 256, 256, 4)
    colors = views.images[views.depths > 0][:, :3]
    assert {tuple(color) for color in np.unique(colors, axis=0)} == {(255, 0, 0), (0, 0, 255)}
    assert list((tmp_path / "data" / CAPTURES_FOLDER).iterdir()) == []
    assert not state.notices


@pytest.mark.parametrize("program", ["fails", "missing"])
def test_without_a_background_blender_the_material_is_simplified_and_told(noisy, tmp_path, monkeypatch, program):
    name = "no-such-program" if program == "missing" else "false"
    monkeypatch.setattr(background_blender.sys, "executable", name)
    assert bpy.ops.text3d.encode_selected() == {"FINISHED"}
    job = JobFolder(tmp_path / "data" / "jobs" / noisy["text3d_job_id"])
    assert load_with_views(job.input_file(job.read_request().object), decode=None)[1] is None
    (notice,) = [text for text in state.notices if "Rendering failed" in text]
    assert notice.endswith('so these became a color or one image: "Red".')
    assert ("No such file" if program == "missing" else "exit code 1") in notice
    assert list((tmp_path / "data" / CAPTURES_FOLDER).iterdir()) == []


def test_rendering_shows_its_progress_and_can_be_stopped(noisy, addon, tmp_path, monkeypatch):
    started, start = [], render_views.BackgroundBlender.start
    monkeypatch.setattr(render_views.BackgroundBlender, "start", lambda self: started.append(self) or start(self))
    encode_objects.running["capture"] = capturing = encode_objects.Capturing(
        Encoding((noisy.session_uid,), noisy.name, "Scene", "REPLACE")
    )
    while not capturing.is_waiting:
        next(capturing.steps)
    assert "Rendering view 1 of 20" in drawn()
    while capturing.share == 0:
        next(capturing.steps)
    assert capturing.activity != "Rendering view 1 of 20"
    (blender,) = started
    assert blender.is_alive()
    assert bpy.ops.text3d.cancel_capture() == {"FINISHED"}
    assert not blender.is_alive()
    assert list((tmp_path / "data" / CAPTURES_FOLDER).iterdir()) == []
    assert not state.jobs
