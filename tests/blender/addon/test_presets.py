# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets of model and sampling: saved as a file, chosen again, and independent of object and machine."""

import bpy
import pytest

from blender_text3d.addon.operators.presets import PROPERTIES


@pytest.fixture
def folder(addon, tmp_path, monkeypatch):
    """Folder of the presets, in an empty user folder."""
    presets = tmp_path / "presets" / "text3d"
    presets.mkdir(parents=True)
    monkeypatch.setattr(bpy.utils, "user_resource", lambda *_, path="", **__: str(tmp_path / path))
    return presets


def test_a_preset_restores_model_and_sampling_and_nothing_else(addon, folder):
    addon.model, addon.quality, addon.outputs = "mini/point-e", "draft", "both"
    addon.has_own_sampling, addon.steps, addon.guidance, addon.grid, addon.count = True, 33, 4.5, 96, 4
    bpy.ops.text3d.add_preset(name="Fast Clouds")
    (file,) = folder.iterdir()
    assert file.suffix == ".py"
    saved = {name: getattr(addon, name) for name in PROPERTIES}
    addon.model, addon.quality, addon.outputs = "mini/shap-e", "exact", "mesh"
    addon.has_own_sampling, addon.steps, addon.guidance, addon.grid, addon.count = False, 1, 1.0, 8, 1
    addon.prompt, addon.seed, addon.size_m, addon.device = "a cup", 77, 3.0, "cpu"
    bpy.ops.script.execute_preset(filepath=str(file), menu_idname="TEXT3D_PT_presets")
    assert {name: getattr(addon, name) for name in PROPERTIES} == saved
    assert (addon.prompt, addon.seed, addon.size_m, addon.device) == ("a cup", 77, 3.0, "cpu")


def test_a_preset_is_a_short_readable_file_without_paths(addon, folder):
    bpy.ops.text3d.add_preset(name="Shared")
    lines = (folder / "Shared.py").read_text().splitlines()
    assert lines[:2] == ["import bpy", "settings = bpy.context.scene.text3d"]
    assert [line.split(" = ")[0] for line in lines[3:]] == [f"settings.{name}" for name in PROPERTIES]
    assert not [line for line in lines if "/" in line and "mini/" not in line]
