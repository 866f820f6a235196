# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicting settings: impossible in the panel, or explained with a button that fixes them."""

import json
import sys

import bpy
import pytest

from blender_text3d.addon.jobs.panel_request import request_kwargs
from blender_text3d.addon.settings.conflicts import conflicts
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import make_requests
from tests.blender.recording_layout import RecordingLayout, drawn

MESHES_ONLY = "reference/shap-e-text"
IMAGE_ONLY = "shap-e/image300M"
ANYTHING = "point-e/base40M-uncond"
OTHER_DEVICE = "cuda" if sys.platform == "darwin" else "mps"


@pytest.fixture
def image(tmp_path):
    (tmp_path / "chair.png").write_bytes(b"an image")
    return str(tmp_path / "chair.png")


def set_all(addon, **values):
    for name, value in values.items():
        setattr(addon, name, value)


CASES = {
    "a cloud of a model that makes none": {"model": MESHES_ONLY, "outputs": "cloud"},
    "both of a model that makes meshes": {"model": MESHES_ONLY, "outputs": "both"},
    "a device of other machines": {"device": OTHER_DEVICE},
    "an address that is none": {"has_live_view": True, "live_view_address": "localhost:9876"},
    "a live view on another machine": {"has_live_view": True, "live_view_address": "rerun+http://elsewhere:9876/proxy"},
    "a missing image": {"image": "/no/such/image.png"},
    "no image": {"input": "image"},
}


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_it_is_explained_in_the_panel_and_one_click_settles_it(addon, values):
    set_all(addon, **values)
    (conflict,) = conflicts(addon)
    assert conflict.is_blocking
    layout = RecordingLayout()
    assert conflict.message in drawn(layout).replace("\n", " ")
    assert conflict.label in layout.texts
    (button,) = [button for button in layout.buttons if button.identifier == "TEXT3D_OT_settle"]
    assert bpy.ops.text3d.settle(**button.values) == {"FINISHED"}
    assert conflicts(addon) == []


@pytest.mark.parametrize(
    "name", ["a cloud of a model that makes none", "an address that is none", "a live view on another machine"]
)
def test_generate_refuses_it_with_a_button_that_settles_it(addon, scene, name):
    set_all(addon, **CASES[name])
    with pytest.raises(RuntimeError):
        bpy.ops.text3d.generate()
    assert state.problem.buttons == ("settle",)
    assert bpy.ops.text3d.settle_all() == {"FINISHED"}
    assert conflicts(addon) == []
    assert state.problem is None
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert len(scene.objects) == 1


def test_a_wrong_address_does_not_matter_while_the_live_view_is_off(addon):
    addon.live_view_address = "localhost:9876"
    assert conflicts(addon) == []


def test_an_image_model_without_an_image_asks_for_one(addon, image):
    addon.model = IMAGE_ONLY
    (conflict,) = conflicts(addon)
    assert "Choose one above" in conflict.message
    assert not conflict.name
    addon.image = image
    assert conflicts(addon) == []


def test_an_image_is_not_sent_to_a_text_model(addon, image):
    set_all(addon, model="shap-e/text300M", image=image)
    assert request_kwargs(addon)["image"] == ""
    assert conflicts(addon) == []
    assert "Image" not in drawn()


def test_a_prompt_is_not_sent_to_an_image_model(addon, image):
    set_all(addon, model=IMAGE_ONLY, image=image, prompt="a red chair")
    (request,) = make_requests(**request_kwargs(addon))
    assert request.prompt == "chair"
    set_all(addon, model=ANYTHING, prompt="")
    (request,) = make_requests(**request_kwargs(addon))
    assert request.prompt == "anything"


@pytest.mark.parametrize(
    ("name", "value", "least", "most"),
    [("size_m", -1.0, 0.001, 1000.0), ("size_m", 0.0, 0.001, 1000.0), ("count", 0, 1, 100), ("steps", 0, 1, 1000),
     ("grid", 4, 8, 512), ("grid", 4096, 8, 512), ("guidance", -1.0, 0.0, 100.0), ("seed", -1, 0, 2**31 - 1)],
)  # fmt: skip
def test_a_number_out_of_its_range_cannot_be_set(addon, name, value, least, most):
    setattr(addon, name, value)
    assert least <= round(getattr(addon, name), 6) <= most


def model_names(settings):
    """Return the models that the panel offers."""
    return list(settings.bl_rna.properties["model"].enum_items.keys())


def test_the_panel_offers_every_model_but_the_one_that_needs_an_object(addon):
    assert model_names(addon) == [name for name in MODELS if name != "shap-e/encoder"]


def test_every_model_has_every_quality_that_the_panel_offers(addon):
    for model in model_names(addon):
        addon.model = model
        for quality in addon.bl_rna.properties["quality"].enum_items.keys():  # noqa: SIM118  (a bpy collection)
            addon.quality = quality
            assert not [conflict for conflict in conflicts(addon) if conflict.name == "quality"]


def test_only_an_object_with_a_latent_can_be_refined_and_the_others_say_why(addon, scene):
    bpy.ops.text3d.generate()
    assert bpy.ops.text3d.decode_again.poll()
    target = scene.objects[0]
    target["text3d_recipe"] = json.dumps(json.loads(target["text3d_recipe"]) | {"model": "mini/point-e"})
    assert not bpy.ops.text3d.decode_again.poll()
    with pytest.raises(RuntimeError, match="only Shap-E objects can"):
        bpy.ops.text3d.decode_again()


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        ({"model": "shap-e/text300M", "image": "a.png"}, "does not accept images"),
        ({"model": IMAGE_ONLY}, "Choose an image file"),
        ({"model": "mini/point-e", "views": 4}, "Use Shap-E"),
        ({"model": "mini/point-e", "latent": "a.npz"}, "Use Shap-E"),
        ({"model": MESHES_ONLY, "outputs": "cloud"}, "Choose one of: mesh"),
        ({"size_m": 0}, "size in meters"),
        ({"size_m": -1.0}, "size in meters"),
        ({"viewer": "localhost:9876"}, "begins with rerun"),
        ({"quality": "best"}, "Choose one of: draft"),
        ({"count": 0}, "number of results"),
    ],
)
def test_the_same_conflicts_are_refused_in_requests(choices, text):
    with pytest.raises(BadRequest, match=text):
        make_requests("a red chair", **choices)
