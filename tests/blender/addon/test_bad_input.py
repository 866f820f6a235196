# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalid input: one clear message from the operator, the same in the panel, and no job left behind."""

import json

import bpy
import pytest

from blender_text3d.addon.jobs import submit
from blender_text3d.addon.state.problem import LOG, PREFERENCES, RETRY, SETUP, SubmitError
from blender_text3d.addon.state.session_state import state


def refusal(operator=bpy.ops.text3d, name="generate") -> str:
    """Return the one-line error of a refused operator; the panel shows the same."""
    with pytest.raises(RuntimeError) as caught:
        getattr(operator, name)()
    message = str(caught.value).removeprefix("Error: ").strip().splitlines()[0]
    assert str(state.problem) == message
    return message


@pytest.mark.parametrize("prompt", ["", "   ", "\t\n"])
def test_an_empty_prompt_is_refused(addon, prompt):
    addon.prompt = prompt
    assert "empty" in refusal()
    assert not state.jobs


def test_ten_thousand_characters_are_refused(addon):
    addon.prompt = "a" * 10_000
    assert "10000 characters" in refusal()


def test_control_characters_are_refused(addon):
    addon.prompt = "a red\x07chair"
    assert "U+0007" in refusal()


@pytest.mark.parametrize("prompt", ["🪑🔥", "كرسي أحمر", "赤い椅子", "a" * 1000])
def test_prompts_in_any_script_are_generated(addon, scene, prompt):
    addon.prompt = prompt
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert json.loads(scene.objects[0]["text3d_recipe"])["prompt"] == prompt


@pytest.mark.parametrize(("value", "clamped"), [(0, 1), (-5, 1), (10_000, 100)])
def test_the_number_of_results_stays_in_its_range(addon, value, clamped):
    addon.count = value
    assert addon.count == clamped


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("model", "other/model", "other/model"),
        ("prompt", "", "empty"),
        ("seed", -1, "seed"),
        ("size_m", "large", "size"),
        ("steps", 10_000, "steps"),
        ("outputs", "video", "video"),
    ],
)
def test_an_invalid_recipe_is_refused(addon, scene, key, value, word):
    bpy.ops.text3d.generate()
    target = scene.objects[0]
    target["text3d_recipe"] = json.dumps(json.loads(target["text3d_recipe"]) | {key: value})
    assert word in refusal(name="make_again")


def test_a_recipe_with_a_hole_is_refused(addon, scene):
    bpy.ops.text3d.generate()
    scene.objects[0]["text3d_recipe"] = '{"prompt": "a red chair"}'
    assert "has no model, seed" in refusal(name="make_again")


def test_a_missing_environment_offers_set_up(addon, monkeypatch):
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    assert not bpy.ops.text3d.generate.poll()
    with pytest.raises(RuntimeError, match="Setup has not been run yet"):
        bpy.ops.text3d.generate()
    with pytest.raises(SubmitError) as caught:
        submit.generate(addon.id_data)
    assert caught.value.problem.buttons[0] == SETUP


def test_a_worker_python_that_does_not_exist_offers_the_preferences(addon, monkeypatch, tmp_path):
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(tmp_path / "nowhere"))
    with pytest.raises(RuntimeError, match="nowhere does not exist"):
        bpy.ops.text3d.generate()
    with pytest.raises(SubmitError) as caught:
        submit.generate(addon.id_data)
    assert PREFERENCES in caught.value.problem.buttons


def test_an_environment_without_the_packages_reports_the_worker_output(addon, tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\necho No module named torch >&2\nexit 1\n", encoding="utf-8")
    assert "No module named torch" in refusal()
    assert state.problem.reason == "own_python"


def test_a_worker_killed_in_a_job_is_reported_and_the_job_can_be_retried(addon, scene):
    addon.prompt = "it dies"
    assert "crashed" in refusal()
    assert state.problem.buttons == (RETRY, LOG)
    addon.prompt = "a red chair"
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert len(scene.objects) == 1
    assert state.problem is None


def test_a_failed_job_reports_the_cause_and_the_fix(addon, scene):
    addon.prompt = "it fails"
    assert refusal() == "The card is full. Choose draft."
    assert not scene.objects
    assert not state.jobs


def test_an_unreadable_result_is_reported(addon, scene):
    addon.prompt = "a broken file"
    assert "could not be imported" in refusal()
    assert not scene.objects


def test_a_read_only_data_folder_is_reported(addon, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "file"))
    assert "cannot be written" in refusal()
    assert not state.jobs


def test_set_up_refuses_while_blender_is_offline(addon):
    assert not bpy.app.online_access
    assert "Online access" in refusal(name="set_up")


def test_there_is_no_log_before_the_first_job(addon):
    assert bpy.ops.text3d.open_log() == {"CANCELLED"}


def test_importing_a_job_that_does_not_exist_is_refused(addon):
    with pytest.raises(RuntimeError, match="could not be imported"):
        bpy.ops.text3d.import_job(job_id="20200101-000000-nothing-000000")
