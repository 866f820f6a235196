# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration: modules that register imports, leftovers of unregister, and the drawn panels."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

import blender_text3d
from blender_text3d.addon.registration import CLASSES
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.session_state import state
from tests.blender.recording_layout import RecordingLayout, drawn

REPOSITORY = Path(__file__).parents[3]
HEAVY = (
    *("numpy", "torch", "rerun", "statistics", "decimal", "fractions"),
    *("blender_text3d.scene", "blender_text3d.geometry", "blender_text3d.engine"),
    *("csv", "gzip", "blender_text3d.prompts", "blender_text3d.exports"),
)
REGISTER_AND_LIST = """
import builtins, bpy
real, seen = builtins.__import__, set()
def spy(name, globals=None, locals=None, fromlist=(), level=0):
    module = real(name, globals, locals, fromlist, level)
    if (globals or {}).get("__name__", "").startswith("blender_text3d"):
        home = getattr(module, "__name__", name)
        seen.update([home, *(f"{home}.{part}" for part in fromlist or ())])
    return module
builtins.__import__ = spy
import blender_text3d
blender_text3d.register()
blender_text3d.unregister()
print(*sorted(seen))
"""


def test_register_loads_nothing_heavy():
    listed = subprocess.run([sys.executable, "-c", REGISTER_AND_LIST], cwd=REPOSITORY, capture_output=True, text=True)
    assert listed.returncode == 0, listed.stderr
    seen = listed.stdout.split()
    assert "blender_text3d.addon.registration" in seen
    assert not [name for name in seen if name.startswith(HEAVY)]


def test_register_compiles_hardly_any_dataclass():
    code = """
import bpy, dataclasses
real, compiled = dataclasses._process_class, []
def spy(cls, *options):
    compiled.append(cls.__name__)
    return real(cls, *options)
dataclasses._process_class = spy
import blender_text3d
blender_text3d.register()
print('compiled', *compiled)
blender_text3d.unregister()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "compiled Packages" in done.stdout.splitlines(), done.stdout


def test_the_package_itself_loads_nothing_at_all():
    code = "import sys; before = set(sys.modules); import blender_text3d; print(*(set(sys.modules) - before))"
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {code}"
    listed = subprocess.run([sys.executable, "-I", "-c", code],
                            capture_output=True, text=True)  # fmt: skip
    assert listed.stdout.split() == ["blender_text3d"]


def test_register_and_unregister_can_be_repeated_and_leave_nothing(scene):
    for _ in range(3):
        blender_text3d.register()
        blender_text3d.unregister()
    assert not hasattr(bpy.types.Scene, "text3d")
    assert not hasattr(bpy.types.Object, "text3d_point_radius")
    assert not [kind for kind in CLASSES if kind.is_registered]
    handlers = (*bpy.app.handlers.load_post, *bpy.app.handlers.undo_post, *bpy.app.handlers.redo_post)
    assert not [handler for handler in handlers if handler.__module__.startswith("blender_text3d")]


def test_register_and_unregister_print_nothing(scene, capfd):
    blender_text3d.register()
    blender_text3d.unregister()
    assert capfd.readouterr() == ("", "")


def test_the_panel_draws_when_nothing_happened_yet(addon):
    assert "Generate" in drawn()
    assert "No jobs" in drawn()


def test_the_panel_shows_stage_step_and_time_left(start_job, drive):
    job, _ = start_job("slowly a chair", count=2)
    drive(lambda: job.index >= 2)
    assert f"Sampling  ·  {job.index}/4" in drawn()
    assert "left" in drawn()
    assert "2 jobs" in drawn()
    bpy.ops.text3d.cancel()
    assert "Canceling" in drawn()


def test_the_panel_shows_the_error_and_its_buttons(addon):
    state.problem = Problem("The worker died.", "Generate again.", "worker_died")
    assert "The worker died." in drawn().replace("\n", " ")
    assert "Retry" in drawn()
    assert "Open Log" in drawn()


def test_the_panel_shows_the_recipe_of_the_active_object(addon, scene):
    bpy.ops.text3d.generate()
    assert "a red chair" in drawn()
    assert "text3d.new_seed" in drawn()


def test_the_panel_warns_before_a_slow_run(addon):
    addon.count, addon.has_own_sampling, addon.steps = 100, True, 1000
    assert "slow)" in drawn()


def test_the_panel_offers_set_up_before_the_first_job(addon, monkeypatch):
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    assert "Text3D needs a one-time setup." in drawn()


@pytest.mark.parametrize("outputs", ["cloud", "both"])
def test_the_panel_draws_for_clouds(addon, outputs):
    addon.outputs = outputs
    bpy.ops.text3d.generate()
    assert ("Point Radius" in drawn()) == (outputs == "cloud")


def test_the_preferences_page_draws(addon):
    from blender_text3d.addon.panels.environment import draw_preferences, draw_set_up_progress
    from blender_text3d.addon.panels.preferences import TEXT3D_AddonPreferences

    layout = RecordingLayout()
    draw_preferences(layout, SimpleNamespace(bl_rna=TEXT3D_AddonPreferences.bl_rna))
    draw_set_up_progress(layout, bpy.context)
    assert "Ready" in layout.texts
