# SPDX-License-Identifier: GPL-3.0-or-later
"""The switch Text | Image, and the name of an object that is made from an image."""

import bpy
import pytest

from blender_text3d.addon.jobs.panel_request import image_name, request_kwargs
from blender_text3d.addon.settings.input_kind import choose_input, input_kind
from blender_text3d.addon.state.problem import PICTURE
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.recipe import recipe_of
from tests.blender.recording_layout import RecordingLayout, drawn


@pytest.fixture
def mug(tmp_path):
    (tmp_path / "my mug.png").write_bytes(b"an image")
    return str(tmp_path / "my mug.png")


def fields() -> set[str]:
    """Return which of the two input fields the panel shows."""
    return {"Prompt", "Image"} & set(drawn().splitlines())


def test_the_switch_is_at_text_and_shows_the_prompt_alone(addon, scene):
    assert scene.text3d_input == "text"
    assert fields() == {"Prompt"}
    assert "Input" in drawn()


def test_image_replaces_the_prompt_by_the_image_field(addon, scene):
    scene.text3d_input = "image"
    assert fields() == {"Image"}
    scene.text3d_input = "text"
    assert fields() == {"Prompt"}


def test_a_script_that_sets_the_image_turns_the_switch(addon, scene, mug):
    addon.image = mug
    assert scene.text3d_input == "image"
    assert request_kwargs(addon)["image"] == mug
    addon.image = ""
    assert scene.text3d_input == "text"


def test_a_script_that_sets_an_image_after_a_click_on_text_turns_the_switch_again(addon, scene, mug):
    addon.image = mug
    scene.text3d_input = "text"
    assert request_kwargs(addon)["image"] == ""
    assert request_kwargs(addon)["prompt"] == "a red chair"
    addon.image = mug + ".other.png"
    assert scene.text3d_input == "image"


def test_the_image_and_the_prompt_stay_chosen_when_the_switch_is_turned(addon, scene, mug):
    addon.image, addon.prompt = mug, "a boat"
    for kind in ("text", "image", "text"):
        scene.text3d_input = kind
        assert input_kind(addon) == kind
    assert (addon.image, addon.prompt) == (mug, "a boat")


def test_a_model_of_one_input_has_no_switch(addon, scene, mug):
    addon.image, addon.model = mug, "shap-e/text300M"
    assert (input_kind(addon), fields()) == ("text", {"Prompt"})
    assert "Input" not in drawn()
    addon.model = "shap-e/image300M"
    choose_input(addon, "text")
    assert (input_kind(addon), fields()) == ("image", {"Image"})


def test_without_an_image_generate_asks_for_one(addon, scene):
    scene.text3d_input = "image"
    with pytest.raises(RuntimeError, match="No image is chosen"):
        bpy.ops.text3d.generate()
    assert state.problem.buttons == (PICTURE,)


def test_the_object_is_named_after_the_file_and_not_after_the_unused_prompt(addon, scene, mug):
    addon.prompt, addon.image = "a red chair", mug
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    assert target.name == target.data.name == recipe_of(target)["prompt"] == "my mug"


def test_the_object_is_named_after_what_was_recognized(addon, scene, tmp_path):
    (tmp_path / "recognized.png").write_bytes(b"an image")
    addon.image = str(tmp_path / "recognized.png")
    bpy.ops.text3d.generate()
    (target,) = scene.objects
    assert target.name == "a blue mug"
    assert recipe_of(target)["prompt"] == "recognized"


def test_what_was_recognized_names_the_forming_object_and_its_job(addon, scene, start_job, drive, tmp_path):
    (tmp_path / "slowly recognized.png").write_bytes(b"an image")
    (job,) = start_job(image=str(tmp_path / "slowly recognized.png"))
    drive(lambda: len(scene.objects) == 1)
    assert [target.name for target in scene.objects] == ["a blue mug"]
    assert "a blue mug" in drawn()
    drive(lambda: not state.jobs)
    assert [target.name for target in scene.objects] == [job.name] == ["a blue mug"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/blue_mug.png", "blue_mug"), ("C:\\pictures\\mug.v2.jpg", "mug.v2"), ("/a/.png", ".png"),
     ("/a/bad\x07name.png", "badname"), ("/a/" + "x" * 5000 + ".png", "x" * 1000), ("/a/\x01.png", "image")],
)  # fmt: skip
def test_a_file_name_is_a_valid_name(path, name):
    assert image_name(path) == name


def test_copying_the_settings_of_an_object_from_an_image_takes_its_image_and_leaves_the_prompt(addon, scene, mug):
    addon.image = mug
    bpy.ops.text3d.generate()
    addon.image, addon.prompt = "", "a boat"
    bpy.ops.text3d.use_settings()
    assert scene.text3d_input == "image"
    assert addon.image == recipe_of(scene.objects[0])["image"]
    assert addon.prompt == "a boat"


def test_copying_the_settings_of_an_object_from_words_turns_the_switch_to_text(addon, scene, mug):
    bpy.ops.text3d.generate()
    addon.image = mug
    bpy.ops.text3d.use_settings()
    assert scene.text3d_input == "text"


def test_the_conflict_of_a_missing_image_offers_the_prompt(addon, scene):
    scene.text3d_input = "image"
    layout = RecordingLayout()
    assert "No image is chosen." in drawn(layout).replace("\n", " ")
    (button,) = [button for button in layout.buttons if button.identifier == "TEXT3D_OT_settle"]
    bpy.ops.text3d.settle(**button.values)
    assert scene.text3d_input == "text"
