# SPDX-License-Identifier: GPL-3.0-or-later
"""From the panel to the object, with the real worker and the included model.

TEXT3D_WORKER_PYTHON names a Python with the worker's packages; without it these tests are not collected.
"""

import time

import bpy
import numpy as np
import pytest

from blender_text3d.addon.jobs import poll_timer
from blender_text3d.geometry import load_geometry
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.scene.find import find_previews
from blender_text3d.scene.recipe import recipe_of

SIDE_BY_SIDE = 2
LONG_ENOUGH_TO_SEE = 60


@pytest.fixture
def real(real_data, scene):
    """The panel's settings for the fastest run of the real model."""
    settings = scene.text3d
    settings.quality, settings.device = "draft", "cpu"
    settings.has_own_sampling, settings.steps, settings.grid = True, 3, 32
    return settings


def arrays_of(target):
    points = np.empty(len(target.data.vertices) * 3, np.float32)
    target.data.vertices.foreach_get("co", points)
    colors = np.empty(len(target.data.vertices) * 4, np.float32)
    target.data.attributes["Color"].data.foreach_get("color_srgb", colors)
    return points.reshape(-1, 3), colors.reshape(-1, 4)[:, :3]


def test_the_same_recipe_gives_the_same_geometry_and_the_colors_of_the_file(real, scene, real_data):
    real.prompt = "a red chair"
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert bpy.ops.text3d.make_again(into="NEW") == {"FINISHED"}
    (first, first_colors), (again, again_colors) = map(arrays_of, scene.objects)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first_colors, again_colors)
    job = JobFolder(real_data / "jobs" / scene.objects[0]["text3d_job_id"])
    mesh = load_geometry(job.mesh)
    assert len(mesh.vertices) == len(first) > 100
    assert np.abs(mesh.colors - first_colors).max() * 255 <= 1
    assert len(recipe_of(scene.objects[0])["weights_sha256"]) == 64


def test_refine_decodes_the_stored_latent_on_a_finer_grid_and_can_be_regenerated(real, scene, real_data):
    scene.text3d.face_budget = "full"
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert bpy.ops.text3d.decode_again(grid=64, into="NEW") == {"FINISHED"}
    assert bpy.ops.text3d.make_again(into="NEW") == {"FINISHED"}
    first, finer, again = (arrays_of(target)[0] for target in scene.objects)
    assert len(finer) > 2 * len(first)
    np.testing.assert_array_equal(finer, again)
    np.testing.assert_allclose(np.ptp(finer, axis=0), np.ptp(first, axis=0), atol=0.1)
    stages = {event.stage for event in JobFolder(jobs_of(scene, real_data)[1]).events() if hasattr(event, "stage")}
    assert "sample" not in stages
    assert "mesh" in stages


def test_refine_renders_a_turntable_into_the_folder_of_its_job(real, scene, real_data):
    from blender_text3d.addon.state.session_state import state

    bpy.ops.text3d.generate()
    bpy.ops.text3d.decode_again(grid=32, views=3)
    folder = real_data / "jobs" / recipe_of(scene.objects[0])["job_id"] / "views"
    assert sorted(file.name for file in folder.iterdir()) == ["000.png", "001.png", "002.png", "cameras.json"]
    assert any(str(folder) in notice for notice in state.notices)
    bpy.ops.text3d.decode_again(grid=32)
    assert recipe_of(scene.objects[0])["views"] == 0


def test_a_refined_object_is_varied_and_reseeded_in_place(real, scene):
    bpy.ops.text3d.generate()
    bpy.ops.text3d.decode_again(grid=48)
    bpy.ops.text3d.vary(strength=0.1)
    bpy.ops.text3d.new_seed()
    (target,) = scene.objects
    recipes, shapes = [], set()
    for number in range(1, 5):
        bpy.ops.text3d.set_version(number=number)
        recipe = recipe_of(target)
        recipes.append((recipe["grid"], bool(recipe["latent"]), recipe["variation_strength"]))
        shapes.add(tuple(tuple(vertex.co) for vertex in target.data.vertices))
    assert recipes == [(32, False, 0.0), (48, True, 0.0), (48, False, 0.1), (48, False, 0.0)]
    assert len(shapes) == 4  # two random seeds may well give the same number of vertices


def test_an_object_without_its_latent_cannot_be_refined_which_is_reported(real, scene, real_data):
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    JobFolder(jobs_of(scene, real_data)[0]).latent.unlink()
    with pytest.raises(RuntimeError, match="latent of this object no longer exists"):
        bpy.ops.text3d.decode_again(grid=64)


def jobs_of(scene, real_data):
    return [real_data / "jobs" / target["text3d_job_id"] for target in scene.objects]


def test_results_in_every_form_stand_upright_side_by_side_while_they_were_seen_to_form(real, scene):
    from blender_text3d.addon.jobs import submit
    from blender_text3d.addon.state.session_state import state

    real.prompt, real.outputs, real.count = "a blue zorg chair", "both", SIDE_BY_SIDE
    real.steps = LONG_ENOUGH_TO_SEE
    jobs = submit.generate(scene)
    saw_it_form = False
    while state.jobs:
        poll_timer.on_timer()
        time.sleep(0.01)  # else it takes a core from the worker
        saw_it_form |= bool(find_previews())
    assert state.problem is None
    assert saw_it_form
    assert len(scene.objects) == 2 * len(jobs)
    assert any("zorg" in notice for notice in state.notices)
    for target in scene.objects:
        assert abs(min(corner[2] for corner in target.bound_box)) < 0.1
