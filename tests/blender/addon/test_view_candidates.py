# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a three-step model in the panel: candidates, the pick, redraw, and the image model with its source."""

import json
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.background.hub_card_task import hub_card_task
from blender_text3d.addon.jobs import finished_views, from_recipe, image_icons, panel_request, submit
from blender_text3d.addon.operators.recipe import copy_to_panel
from blender_text3d.addon.panels import views as views_panel
from blender_text3d.addon.settings.conflicts import conflicts
from blender_text3d.addon.settings.input_kind import IMAGE, TEXT, choose_input, input_kind
from blender_text3d.addon.settings.properties import IMAGE_MODEL_ITEMS
from blender_text3d.addon.state.problem import SubmitError
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.results.entry import stored_request
from blender_text3d.environment.optional_parts import DIFFUSERS, record_parts, version_dir
from blender_text3d.protocol.failures import Reason
from blender_text3d.protocol.models import IMAGE_MODELS
from blender_text3d.protocol.request import SETTINGS, make_requests
from tests.blender.recording_layout import RecordingLayout, drawn

POINT_E, SHAP_E = "point-e/three-step", "shap-e/three-step"


@pytest.fixture
def three_step(addon):
    addon.model, addon.prompt, addon.candidates = POINT_E, "a red chair", "4"
    return addon


def picks(layout=None):
    """Return the drawn buttons that pick a view."""
    layout = layout or RecordingLayout()
    drawn(layout)
    return [text for text in layout.texts if text.startswith("Pick ")]


def test_generate_views_makes_candidates_and_no_object(three_step, scene):
    assert picks() == []
    assert bpy.ops.text3d.generate_views() == {"FINISHED"}
    assert state.views.prompt == "a red chair"
    assert [path.is_file() for path in state.views.paths] == [True] * 4
    assert len(scene.objects) == 0
    assert state.jobs == {}
    assert picks() == ["Pick 1", "Pick 2", "Pick 3", "Pick 4"]


def test_a_pick_makes_the_object_of_that_view_and_can_be_replaced_by_another(three_step, scene):
    bpy.ops.text3d.generate_views()
    for index in (2, 0):
        assert bpy.ops.text3d.pick_view(index=index) == {"FINISHED"}
        folder = newest_job()
        request = folder.read_request()
        assert (request.prompt, request.candidates, request.image_model) == ("a red chair", 1, "")
        assert (folder.path / request.image).read_bytes() == state.views.paths[index].read_bytes()
        assert three_step.image == str(state.views.paths[index])
        assert input_kind(three_step) == IMAGE
    assert len(scene.objects) == 2
    assert all(target.name.startswith("a red chair") for target in scene.objects)


def newest_job():
    from blender_text3d.addon.settings.choices import choices
    from blender_text3d.protocol.job_folder import JobFolder

    requests = choices().jobs_dir.glob("*/request.json")
    return JobFolder(max(requests, key=lambda path: path.stat().st_mtime_ns).parent)


def test_the_picked_view_stays_for_the_other_family(three_step, scene):
    bpy.ops.text3d.generate_views()
    bpy.ops.text3d.pick_view(index=1)
    three_step.model = SHAP_E
    assert input_kind(three_step) == IMAGE
    assert len(picks()) == 4
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    request = newest_job().read_request()
    assert (request.model, request.prompt) == (SHAP_E, "a red chair")
    assert request.image


def test_the_picked_view_is_pressed_in_and_so_is_one_that_the_worker_chose(three_step, monkeypatch):
    pressed = []
    real = RecordingLayout.operator

    def operator(self, identifier, *, depress=False, **options):
        if identifier == "text3d.pick_view":
            pressed.append(depress)
        return real(self, identifier, depress=depress, **options)

    monkeypatch.setattr(RecordingLayout, "operator", operator)
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    drawn()
    assert pressed == [False, False, False, True]  # the scripted worker chooses the last one
    bpy.ops.text3d.pick_view(index=1)
    pressed.clear()
    drawn()
    assert pressed == [False, True, False, False]


@pytest.mark.parametrize("button", ["generate", "generate_views"])
def test_the_views_of_a_file_are_there_again_after_a_restart(three_step, scene, tmp_path, button):
    assert getattr(bpy.ops.text3d, button)() == {"FINISHED"}
    folder, path = state.views.folder, str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    state.views = None  # as in a Blender that was just started
    bpy.ops.wm.open_mainfile(filepath=path)
    assert state.views.folder.path == folder.path
    assert (state.views.prompt, state.views.total) == ("a red chair", 4)


@pytest.mark.parametrize("job", ["", "..", "gone", "../jobs", "C:\\jobs"])
def test_a_file_that_names_no_job_with_views_shows_none(three_step, job):
    bpy.ops.text3d.generate_views()
    state.views = None
    three_step.views_job = job
    finished_views.restore_views(three_step)
    assert state.views is None


def test_views_whose_files_were_deleted_are_not_shown(three_step):
    bpy.ops.text3d.generate_views()
    state.views.paths[1].unlink()
    state.views = None
    finished_views.restore_views(three_step)
    assert state.views is None


def test_redraw_makes_other_views_with_another_seed_and_takes_the_pick_back(three_step):
    three_step.has_random_seed, three_step.seed = False, 5
    bpy.ops.text3d.generate_views()
    first = state.views.folder.read_request()
    bpy.ops.text3d.pick_view(index=0)
    assert bpy.ops.text3d.generate_views(has_new_seed=True) == {"FINISHED"}
    second = state.views.folder.read_request()
    assert (first.seed, first.outputs, second.outputs) == (5, "view", "view")
    assert second.seed != 5
    assert three_step.seed == second.seed
    assert input_kind(three_step) == TEXT


def test_an_image_of_the_user_replaces_the_view(three_step, tmp_path):
    image = tmp_path / "mine.png"
    image.write_bytes(b"x")
    bpy.ops.text3d.choose_image(filepath=str(image))
    values = panel_request.request_kwargs(three_step)
    assert (values["image"], values["prompt"]) == (str(image), "mine")
    assert "candidates" not in values


def test_a_view_that_is_gone_is_told(three_step):
    bpy.ops.text3d.generate_views()
    state.views.paths[0].unlink()
    with pytest.raises(RuntimeError, match="The view no longer exists"):
        bpy.ops.text3d.pick_view(index=0)
    with pytest.raises(RuntimeError, match="The view no longer exists"):
        bpy.ops.text3d.pick_view(index=9)


def test_a_job_of_views_is_no_result_and_is_not_offered_later(three_step):
    bpy.ops.text3d.generate_views()
    folder = state.views.folder
    assert folder.is_imported()
    assert stored_request(folder) is None
    bpy.ops.text3d.generate()
    assert stored_request(newest_job()) is not None


def test_views_of_a_job_that_nobody_followed_are_shown_instead_of_imported(three_step, scene):
    bpy.ops.text3d.generate_views()
    folder, state.views = state.views.folder, None
    assert finished_views.take_views(folder)
    assert (state.views.folder, state.views.total) == (folder, 4)
    folder.request.write_text("{}")
    assert not finished_views.take_views(folder)


def test_other_models_have_no_views(addon):
    addon.model, addon.candidates, addon.image_model = "mini/shap-e", "9", "glide"
    assert "Generate Views" not in drawn()
    assert "Image Model" not in drawn()
    assert not bpy.ops.text3d.generate_views.poll()
    values = panel_request.request_kwargs(addon)
    assert not {"candidates", "image_model", "negative_prompt"} & set(values)


def test_the_items_are_those_of_the_protocol():
    assert tuple(name for name, *_ in IMAGE_MODEL_ITEMS[1:]) == IMAGE_MODELS


def test_a_pipeline_of_the_user_goes_into_the_request_with_its_negative_prompt(three_step, tmp_path):
    three_step.image_model, three_step.pipeline, three_step.negative_prompt = "diffusers", str(tmp_path), " blurry "
    values = panel_request.request_kwargs(three_step)
    assert (values["image_model"], values["image_model_source"]) == ("diffusers", str(tmp_path))
    assert (values["negative_prompt"], values["candidates"]) == ("blurry", 4)
    three_step.image_size = 530
    assert panel_request.request_kwargs(three_step)["image_size"] == 512
    three_step.pipeline = "owner/name"
    assert panel_request.request_kwargs(three_step)["image_model_source"] == "owner/name"
    three_step.pipeline = str(tmp_path) + "/"
    assert panel_request.request_kwargs(three_step)["image_model_source"] == str(tmp_path)


def test_a_pipeline_on_another_machine_is_never_touched(three_step):
    three_step.image_model, three_step.pipeline = "diffusers", "\\\\host\\share"
    with pytest.raises(SubmitError, match="is on another machine"):
        panel_request.request_kwargs(three_step)
    (conflict,) = conflicts(three_step)
    assert conflict.message == "The pipeline is on another machine. Copy it to this one."


def test_without_a_pipeline_the_panel_says_so_and_one_button_goes_back(three_step):
    three_step.image_model = "diffusers"
    (conflict,) = conflicts(three_step)
    assert conflict.message.startswith("No pipeline is chosen.")
    bpy.ops.text3d.settle(name=conflict.name, value=conflict.value)
    assert three_step.image_model == "own"
    assert conflicts(three_step) == []


def test_copied_settings_have_the_views_but_not_the_pipeline_of_a_file(three_step):
    bpy.ops.text3d.generate()
    recipe = json.loads(newest_job().request.read_text())["request"]
    recipe |= {"image_model": "diffusers", "image_model_source": "/from/a/file", "candidates": 9, "image_size": 256}
    three_step.candidates = "1"
    copy_to_panel(recipe, three_step)
    assert (three_step.candidates, three_step.image_model, three_step.pipeline) == ("9", "diffusers", "")
    assert three_step.image_size == 256
    copy_to_panel({**recipe, "model": "mini/shap-e", "image_model": "", "candidates": 1}, three_step)
    assert (three_step.candidates, three_step.image_model) == ("1", "own")


@pytest.fixture
def submitted(monkeypatch):
    """The requests that were queued; none is run."""
    requests = []
    monkeypatch.setattr(submit, "submit", lambda new, *_, **__: requests.extend(new) or [])
    return requests


def recipe_with_pipeline(settings, **changes):
    settings.image_model, settings.pipeline, settings.negative_prompt = "diffusers", "owner/name", "blurry"
    (request,) = make_requests(**panel_request.request_kwargs(settings) | {"model": SHAP_E, "seed": 5, **changes})
    settings.image_model, settings.pipeline = "own", ""
    return request.to_values() | {"image_model_source": "/from/a/file"}


def test_an_object_of_a_pipeline_is_made_again_with_the_panels_pipeline(three_step, scene, submitted):
    recipe = recipe_with_pipeline(three_step)
    with pytest.raises(SubmitError) as caught:
        from_recipe.regenerate(recipe, scene)
    assert caught.value.problem.reason == Reason.BAD_PIPELINE
    three_step.pipeline = "another/name"
    from_recipe.regenerate(recipe, scene, seed=6)
    from_recipe.swap_word(recipe, scene, "red")
    assert len(submitted) > 2
    assert {(made.image_model, made.image_model_source, made.negative_prompt) for made in submitted} == {
        ("diffusers", "another/name", "blurry")
    }


def test_an_object_of_a_pipeline_is_refined_without_it(three_step, scene, submitted):
    from_recipe.regenerate(recipe_with_pipeline(three_step), scene, latent="/some/latent.npz", grid=256)
    assert [(made.latent, made.grid, made.image_model) for made in submitted] == [("/some/latent.npz", 256, "")]


def test_the_thumbnails_are_drawn_in_a_window(three_step, monkeypatch):
    bpy.ops.text3d.generate_views()
    monkeypatch.setattr(image_icons, "file_icon", lambda path: int(Path(path).stem[-1]) + 70)
    assert [text for text in drawn().splitlines() if text.startswith("[icon 7")] == [f"[icon 7{n}]" for n in range(4)]


def test_the_panel_offers_the_packages_and_the_license_of_a_pipeline(three_step, monkeypatch, tmp_path):
    from blender_text3d.addon.settings.choices import choices

    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    three_step.image_model, three_step.pipeline = "diffusers", "owner/name"
    layout = RecordingLayout()
    views_panel.draw_pipeline_state(layout, three_step, bpy.context)
    assert "Install Diffusers" in layout.texts
    assert "Read License…" in layout.texts
    version_dir(choices().env_dir).mkdir(parents=True)
    record_parts(version_dir(choices().env_dir), {"diffusers": DIFFUSERS.sha256})
    hub_card_task.cards["owner/name"] = {"license": "openrail++", "bytes": 2_000_000_000, "page": "https://x"}
    layout = RecordingLayout()
    views_panel.draw_pipeline_state(layout, three_step, bpy.context)
    assert layout.texts[0] == "License: openrail++"
    assert "Download 2.00 GB" in layout.texts
    assert "Install Diffusers" not in layout.texts
    folder = views_panel.weights_dir() / "diffusers" / "owner--name"
    folder.mkdir(parents=True)
    (folder / "text3d-download.json").write_text("{}")
    layout = RecordingLayout()
    views_panel.draw_pipeline_state(layout, three_step, bpy.context)
    assert layout.texts == []
    hub_card_task.cards.clear()


def test_a_download_needs_the_license_to_be_shown_and_online_access(three_step):
    three_step.image_model, three_step.pipeline = "diffusers", "owner/name"
    assert not bpy.ops.text3d.fetch_pipeline.poll()
    with pytest.raises(RuntimeError, match="Online access is off"):
        bpy.ops.text3d.read_pipeline_card()
    hub_card_task.cards["owner/name"] = {"license": "MIT", "bytes": 1}
    with pytest.raises(RuntimeError, match="Online access is off"):
        bpy.ops.text3d.fetch_pipeline()
    hub_card_task.cards.clear()


def test_choosing_a_folder_chooses_diffusers(three_step, tmp_path):
    bpy.ops.text3d.choose_pipeline(directory=str(tmp_path))
    assert (three_step.image_model, Path(three_step.pipeline)) == ("diffusers", tmp_path)


def test_every_setting_of_the_view_is_in_the_panel(three_step):
    of_view = {"image_model", "image_model_source", "candidates", "negative_prompt", "image_size"}
    assert of_view <= SETTINGS.keys()
    choose_input(three_step, TEXT)
    three_step.image_model, three_step.pipeline = "diffusers", "owner/name"
    assert {"Image Model", "Source", "Candidates", "Negative Prompt", "Image Size"} <= set(drawn().splitlines())
