# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an object with the real worker: kept, shown, brought in and played; steps that are gone or broken."""

import shutil

import bpy
import numpy as np
import pytest

from blender_text3d.addon.jobs import poll_timer, show_steps
from blender_text3d.addon.panels.steps import TEXT3D_PT_steps
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.scene.recipe import recipe_of
from blender_text3d.scene.steps import show_step, shown_step, step_count, steps_modifier
from tests.blender.recording_layout import RecordingLayout

STEPS = 5


@pytest.fixture
def real(real_data, scene):
    """The panel's settings for a fast run of the real model, of which each step is kept."""
    settings = scene.text3d
    settings.prompt, settings.device, settings.seed, settings.has_random_seed = "a red chair", "cpu", 7, False
    settings.has_own_sampling, settings.steps, settings.grid = True, STEPS, 32
    return settings


@pytest.fixture
def new_jobs(real_data):
    """A function that returns the names of the jobs that the test has made."""

    def jobs_in():
        return {path.name for path in (real_data / "jobs").glob("*") if path.is_dir()}

    before = jobs_in()
    return lambda: sorted(jobs_in() - before)


def made(data):
    """Generate the panel's object; return it and its job."""
    assert bpy.ops.text3d.generate() == {"FINISHED"}, state.problem
    target = bpy.context.view_layer.objects.active
    return target, JobFolder(data / "jobs" / recipe_of(target)["job_id"])


def faces_shown(target):
    bpy.context.view_layer.update()
    return len(target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.polygons)


def box_of(target):
    points = np.empty(len(target.data.vertices) * 3, np.float32)
    target.data.vertices.foreach_get("co", points)
    return points.reshape(-1, 3).min(axis=0), points.reshape(-1, 3).max(axis=0)


class SliderLayout(RecordingLayout):
    """A layout that takes an input of a modifier, which is no property of a class before 5.2."""

    def prop(self, data, name, *, text, slider):
        assert data.path_resolve(name) == STEPS
        assert slider
        self.texts.append(text)


def drawn_texts():
    layout = SliderLayout()
    TEXT3D_PT_steps.draw(type("Panel", (), {"layout": layout}), bpy.context)
    return layout.texts


def test_steps_are_decoded_once_shown_keyed_and_one_is_brought_in(real, real_data, new_jobs, scene):
    target, job = made(real_data)
    assert drawn_texts() == ["text3d.show_steps"]
    bpy.ops.mesh.primitive_cube_add()  # has none, and is skipped
    cube = bpy.context.object
    target.select_set(True)
    assert bpy.ops.text3d.show_steps() == {"FINISHED"}
    assert steps_modifier(cube) is None
    bpy.data.objects.remove(cube)
    bpy.context.view_layer.objects.active = target
    assert drawn_texts()[0] == f"Step of {STEPS}"
    assert drawn_texts()[-1] == "text3d.steps_to_timeline"
    assert (step_count(target), shown_step(target)) == (STEPS, STEPS)
    assert new_jobs() == [job.job_id]
    assert job.step_meshes.stat().st_size < STEPS * 150_000
    whole = faces_shown(target)
    assert whole == len(target.data.polygons)
    last = next(item for item in bpy.data.objects if item.name.endswith(f"Steps {STEPS:04d}"))
    assert np.allclose(box_of(last), box_of(target), atol=0.05)

    bpy.ops.text3d.show_steps(action="HIDE")
    assert steps_modifier(target) is None
    assert bpy.ops.text3d.show_steps() == {"FINISHED"}  # from the cache: no job
    assert new_jobs() == [job.job_id]

    assert bpy.ops.text3d.steps_to_timeline(start=1, frames=2) == {"FINISHED"}
    scene.frame_set(5)
    assert shown_step(target.evaluated_get(bpy.context.evaluated_depsgraph_get())) == 3

    show_step(target, 4)
    assert bpy.ops.text3d.bring_in_step(step=4) == {"FINISHED"}, state.problem
    brought = bpy.context.view_layer.objects.active
    assert brought != target
    recipe = recipe_of(brought)
    assert (recipe["step"], recipe["seed"]) == (4, 7)
    assert recipe["latent"].endswith("input_latent.npz")
    assert bpy.ops.text3d.make_again(into="NEW") == {"FINISHED"}, state.problem
    again = bpy.context.view_layer.objects.active
    assert np.array_equal(box_of(again), box_of(brought))
    assert bpy.ops.text3d.decode_again(grid=48, into="NEW") == {"FINISHED"}, state.problem
    refined = bpy.context.view_layer.objects.active
    assert np.allclose(box_of(refined), box_of(brought), atol=0.06)
    assert recipe_of(refined)["step"] == 4


def test_the_clouds_of_point_e_are_shown_without_a_job(real, real_data):
    real.model, real.outputs = "mini/point-e", "cloud"
    target, job = made(real_data)
    assert bpy.ops.text3d.show_steps() == {"FINISHED"}
    assert step_count(target) == STEPS + 4
    assert not job.step_meshes.exists()


def refused():
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.text3d.show_steps()
    return str(caught.value)


def test_steps_that_are_gone_not_kept_or_broken_are_named_in_a_sentence(real, real_data, new_jobs, tmp_path):
    target, job = made(real_data)
    jobs, _ = show_steps.show([target], bpy.context.scene)
    bpy.data.objects.remove(target)
    poll_timer.run_until_done(jobs)
    assert "cannot be shown (it is no longer in the file)" in str(state.problem)
    assert new_jobs() == [job.job_id]

    real.keep_steps = "never"
    target, job = made(real_data)
    assert not job.steps.exists()
    assert f'Skipped "{target.name}" (its steps were not kept: see Keep Steps' in refused()
    with pytest.raises(RuntimeError, match="its steps were not kept"):
        bpy.ops.text3d.bring_in_step(step=2)
    job.steps.write_bytes(b"PK\3\4 half of a file")
    assert "steps.npz contains no steps" in refused()
    np.savez(job.steps, version=np.int32(9), latents=np.zeros((3, 2048), np.float16))
    assert "steps.npz was written by another version of the add-on" in refused()
    job.step_meshes.write_bytes(b"PK\3\4 half of a file")
    assert "step_meshes.npz contains no steps of a job" in refused()
    job.steps.unlink()
    job.steps.symlink_to(tmp_path / "elsewhere")
    assert "its steps were not kept" in refused()
    shutil.rmtree(job.path)
    assert "its job folder no longer exists" in refused()
    bpy.ops.mesh.primitive_cube_add()
    assert 'Skipped "Cube" (not generated)' in refused()
    assert steps_modifier(target) is None


def test_the_field_of_an_object_is_rendered_as_a_turntable_and_the_job_is_gone(
    real, real_data, new_jobs, scene, tmp_path
):
    _, job = made(real_data)
    chosen = {"renderer": "NERF", "output": "GRID", "frames": 4, "size": 16, "filepath": str(tmp_path / "field.png")}
    assert bpy.ops.text3d.render_turntable(**chosen) == {"FINISHED"}, state.problem
    image = bpy.data.images.load(str(tmp_path / "field.png"))
    assert tuple(image.size) == (32, 32)
    assert np.array(image.pixels[:]).reshape(-1, 4)[:, 3].max() > 0.5
    assert new_jobs() == [job.job_id]
    assert len([item for item in scene.objects if recipe_of(item)]) == 1
