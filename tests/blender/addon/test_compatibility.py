# SPDX-License-Identifier: GPL-3.0-or-later
"""Data of version 0.1.0 works inside Blender: .blend files, preferences, jobs and durations."""

import json
import os
import subprocess
import sys
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import job_scan
from blender_text3d.addon.panels.preferences import TEXT3D_AddonPreferences
from blender_text3d.addon.state.session_state import state
from blender_text3d.addon.state.time_estimate import estimate_time
from blender_text3d.client import recovery
from blender_text3d.scene import names
from blender_text3d.scene.recipe import recipe_of
from tests.compatibility.stored_data import DATA, JOB_NAMES, adopt_jobs, copy_data_folder, stored_values

REPOSITORY = Path(__file__).parents[3]
PREFERENCES = json.loads((DATA / "preferences.json").read_text(encoding="utf-8"))
INTERFACE = json.loads((DATA.parent / "interface.json").read_text(encoding="utf-8"))
STORED_BY_BLENDER = INTERFACE["blender"]
FILES = [version for version in ("4.2", "5.2") if tuple(map(int, version.split("."))) <= bpy.app.version[:2]]
NOT_IN_RECIPES = {"device", "viewer"}
PRINT_PREFERENCES = """
stored = bpy.context.preferences.addons["blender_text3d"].preferences
values = {name: getattr(stored, name) for name in json.loads(sys.argv[1])["values"]}
print("VALUES " + json.dumps(values), flush=True)
os._exit(0)  # Blender 4.5 as a module may wait forever at exit
"""
# Blender 4 as a module ends, or waits forever, when it reads user preferences: there the values are set as stored.
SET_STORED_VALUES = """
import json, os, sys
import bpy
import addon_utils
addon_utils.enable("blender_text3d", default_set=True)
for name, value in json.loads(sys.argv[1])["userpref"]["addons"][0]["preferences"].items():
    bpy.context.preferences.addons["blender_text3d"].preferences[name] = value
"""
READ_USERPREF = """
import json, os, pathlib, shutil, sys
import bpy
import addon_utils
folder = pathlib.Path(bpy.utils.user_resource("CONFIG", create=True))
shutil.copy(sys.argv[2], folder / "userpref.blend")
bpy.ops.wm.read_userpref()
addon_utils.enable("blender_text3d")
"""


@pytest.fixture
def data_dir(tmp_path, addon) -> Path:
    """The data folder of version 0.1.0 as the add-on's own."""
    copied = copy_data_folder(tmp_path / "data")
    adopt_jobs(copied)
    state.times.clear()
    return copied


@pytest.fixture(params=FILES)
def opened(request, data_dir) -> dict:
    """The content of a stored .blend file, which is open."""
    bpy.ops.wm.open_mainfile(filepath=str(DATA / f"scene-{request.param}.blend"))
    return json.loads((DATA / f"scene-{request.param}.json").read_text(encoding="utf-8"))


def activate(name: str) -> bpy.types.Object:
    target = bpy.context.scene.objects[name]
    bpy.context.view_layer.objects.active = target
    return target


def new_request(data_dir: Path) -> dict:
    """Return what the request.json of the one new job asks for."""
    (job,) = [job for job in recovery.job_folders(data_dir / "jobs") if job.job_id not in JOB_NAMES.values()]
    return json.loads(job.request.read_text(encoding="utf-8"))["request"]


def test_objects_are_found_with_their_recipes(opened):
    assert {target.name for target in bpy.context.scene.objects} == opened["objects"].keys()
    for name, old in opened["objects"].items():
        target = bpy.context.scene.objects[name]
        assert recipe_of(target) == old["recipe"]
        assert target.text3d_point_radius == pytest.approx(old["text3d_point_radius"])


def test_settings_keep_their_values(opened):
    settings = bpy.context.scene.text3d
    assert {name: getattr(settings, name) for name in opened["scene.text3d"]} == pytest.approx(opened["scene.text3d"])


def test_regenerate_requests_the_same_object(opened, data_dir):
    recipe = recipe_of(activate("a red chair"))
    assert bpy.ops.text3d.make_again() == {"FINISHED"}
    request = new_request(data_dir)
    expected = {key: value for key, value in recipe.items() if key in INTERFACE["request"]}
    assert expected.items() <= request.items()


@pytest.mark.parametrize("opened", ["4.2"], indirect=True)  # only its jobs are kept
def test_refine_decodes_the_latent_that_was_kept(opened, data_dir):
    activate("a red chair")
    assert bpy.ops.text3d.decode_again(grid=32) == {"FINISHED"}
    assert {"grid": 32, "latent": "input_latent.npz"}.items() <= new_request(data_dir).items()


def test_recipes_are_copied_to_the_panel(opened):
    recipe = recipe_of(activate("a red chair"))
    assert bpy.ops.text3d.use_settings() == {"FINISHED"}
    settings = bpy.context.scene.text3d
    assert (settings.prompt, settings.seed, settings.turn) == ("a red chair", 7, "90")
    assert (settings.steps, settings.grid, settings.most_faces) == (recipe["steps"], recipe["grid"], 300)


def test_finished_jobs_are_offered_and_imported_with_the_same_recipe(data_dir, drive):
    handlers.scan_jobs()
    drive(lambda: not job_scan.is_scanning())
    offered = {job.job_id for job in state.ready}
    finished = {"mesh", "cloud", "refined", "compare point-e", "compare shap-e", "image"}
    assert offered == {JOB_NAMES[name] for name in finished}
    assert [job.job_id for job in state.unclaimed] == [JOB_NAMES["queued"]]
    for name in finished:
        assert bpy.ops.text3d.import_job(job_id=JOB_NAMES[name]) == {"FINISHED"}
    recipes = {target["text3d_job_id"]: recipe_of(target) for target in bpy.context.scene.objects}
    for name in finished:
        old = {key: value for key, value in stored_values(name)["request"].items() if key not in NOT_IN_RECIPES}
        new = recipes[JOB_NAMES[name]]
        assert old.keys() | set(STORED_BY_BLENDER["recipe"]) <= new.keys()
        assert {key: new[key] for key in old.keys() - {"image", "latent"}}.items() <= old.items()
    assert not state.ready


def test_durations_of_this_machine_give_an_estimate(data_dir, addon):
    (data_dir / "own-python-stamp.json").unlink()  # it is of another Python, and so of another device
    addon.model, addon.quality, addon.device = "mini/shap-e", "draft", "cpu"
    addon.has_own_sampling, addon.steps, addon.grid = True, 8, 20
    estimate = estimate_time(addon)
    assert estimate.is_measured
    assert estimate.seconds == pytest.approx(3.575)


def test_stored_preferences_keep_their_values(tmp_path):
    script = (SET_STORED_VALUES if bpy.app.version < (5, 0, 0) else READ_USERPREF) + PRINT_PREFERENCES
    command = [sys.executable, "-c", script, json.dumps(PREFERENCES), DATA / "userpref-4.2.blend"]
    variables = os.environ | {"BLENDER_USER_RESOURCES": str(tmp_path / "blender"), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300)
    values = [line for line in done.stdout.splitlines() if line.startswith("VALUES ")]
    assert values, done.stderr
    assert json.loads(values[-1].removeprefix("VALUES ")) == PREFERENCES["values"]


def test_operators_and_their_properties_are_kept(addon):
    for idname, properties in STORED_BY_BLENDER["operators"].items():
        group, _, name = idname.partition(".")
        operator = getattr(getattr(bpy.ops, group), name).get_rna_type()
        assert set(properties) <= set(operator.properties.keys()), idname


def test_preferences_keep_their_names_and_numbers(addon):
    check_properties(TEXT3D_AddonPreferences.bl_rna.properties, STORED_BY_BLENDER["preferences"])


def test_settings_keep_their_names_and_numbers(addon):
    check_properties(addon.bl_rna.properties, STORED_BY_BLENDER["settings"])
    assert set(STORED_BY_BLENDER["object properties"]) <= set(bpy.types.Object.bl_rna.properties.keys())


def check_properties(properties, stored: dict[str, dict[str, int]]) -> None:
    """Check names, and the numbers by which .blend files store choices."""
    for name, numbers in stored.items():
        items = properties[name].enum_items if numbers else ()
        assert numbers.items() <= {item.identifier: item.value for item in items}.items(), name


def test_names_in_files_are_kept():
    in_code = {value for value in vars(names).values() if isinstance(value, str)}
    assert {*STORED_BY_BLENDER["custom properties"], *STORED_BY_BLENDER["data names"]} <= in_code
