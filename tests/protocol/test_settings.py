# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a request: defaults, limits, and the names that scripts and .blend files use."""

from dataclasses import replace

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import DEFAULTS, SCENE_SETTINGS, SETTINGS, STORED_DEFAULTS, make_requests
from blender_text3d.protocol.setting import Setting, setting

BASE = make_requests("a red chair", seed=5, solver="")[0]


def test_every_setting_has_its_default():
    assert DEFAULTS == {
        "model": "mini/shap-e",
        "seed": None,
        "outputs": "mesh",
        "quality": "standard",
        "steps": None,
        "guidance": None,
        "grid": None,
        "size_m": 1.0,
        "device": "auto",
        "viewer": "",
        "image": "",
        "latent": "",
        "object": "",
        "vary": 0.0,
        "views": 0,
        "view_mode": "stf",
        "view_size": 128,
        "solver": "",
        "comparison": "",
        "rotation_deg": 0,
        "max_faces": 0,
        "face_budget": "auto",
        "is_flat": False,
        "variation_seed": 0,
        "variation_strength": 0.0,
        "earlier_variations": "",
        "blend_prompt": "",
        "blend_strength": 0.0,
        "image_model": "",
        "image_model_source": "",
        "candidates": 1,
        "negative_prompt": "",
        "image_size": 0,
        "keep_steps": "auto",
        "step": 0,
        "guidance_every": None,
    }


def test_a_stored_request_that_lacks_a_setting_has_the_default_of_new_ones_but_all_faces_and_guidance_at_every_step():
    assert STORED_DEFAULTS == DEFAULTS | {"face_budget": "full", "guidance_every": 1}


def test_flags_of_the_command_line_stay_as_they_were():
    assert {name: setting.flags for name, setting in SETTINGS.items() if setting.flags} == {
        "model": ("--model",),
        "outputs": ("--result", "--outputs"),
        "quality": ("--quality",),
        "steps": ("--steps",),
        "guidance": ("--guidance",),
        "grid": ("--grid",),
        "size_m": ("--size",),
        "image": ("--image",),
        "latent": ("--latent",),
        "object": ("--object",),
        "vary": ("--vary",),
        "views": ("--views",),
        "view_mode": ("--view-mode",),
        "view_size": ("--view-size",),
        "rotation_deg": ("--rotation", "--turn"),
        "max_faces": ("--max-faces", "--most-faces"),
        "face_budget": ("--face-budget",),
        "is_flat": ("--flat",),
        "variation_seed": ("--variation-seed",),
        "variation_strength": ("--variation-strength",),
        "earlier_variations": ("--earlier-variations",),
        "blend_prompt": ("--blend-prompt",),
        "blend_strength": ("--blend-strength",),
        "image_model": ("--image-model",),
        "image_model_source": ("--image-model-source",),
        "candidates": ("--candidates",),
        "negative_prompt": ("--negative-prompt",),
        "image_size": ("--image-size",),
        "keep_steps": ("--keep-steps",),
        "step": ("--step",),
        "guidance_every": ("--guidance-every",),
    }
    assert all(bool(setting.help) == bool(setting.flags) for setting in SETTINGS.values())


def test_properties_have_the_names_that_blend_files_store():
    assert {name: setting.property for name, setting in SETTINGS.items() if setting.property} == {
        "model": "model",
        "outputs": "outputs",
        "quality": "quality",
        "steps": "steps",
        "guidance": "guidance",
        "grid": "grid",
        "size_m": "size_m",
        "device": "device",
        "rotation_deg": "turn",
        "max_faces": "most_faces",
        "face_budget": "face_budget",
        "is_flat": "is_flat",
        "variation_seed": "variation_seed",
        "variation_strength": "variation_strength",
        "earlier_variations": "earlier_variations",
        "keep_steps": "keep_steps",
    }
    labels = {name: setting.label for name, setting in SETTINGS.items() if setting.label}
    assert labels == {
        "max_faces": "Max Faces",
        "is_flat": "Shade Flat",
        "variation_seed": "Variation Seed",
        "variation_strength": "Variation",
        "keep_steps": "Keep Steps",
    }
    assert all(bool(setting.label) == bool(setting.description) for setting in SETTINGS.values())
    assert SETTINGS["max_faces"].ui == {"soft_max": 50_000, "step": 500}


def test_rotation_faces_and_shading_change_only_the_scene():
    assert SCENE_SETTINGS == ("rotation_deg", "max_faces", "is_flat")


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("seed", (0, 2**31 - 1), (-1, 2**31)),
        ("outputs", ("mesh", "cloud", "both"), ("", "Mesh", None)),
        ("quality", ("draft", "standard", "exact"), ("", "best")),
        ("model", ("mini/shap-e", "shap-e/text300M"), ("", "shap-e", None)),
        ("steps", (1, 1000), (0, 1001, 1.5)),
        ("guidance", (0, 0.0, 100), (-0.1, 100.1)),
        ("grid", (8, 512), (7, 513)),
        ("size_m", (0.001, 1000), (0.0009, 1000.1)),
        (
            "device",
            ("auto", "cpu", "mps", "cuda", "cuda:0", "cuda:12"),
            ("", "cuda:", "cuda0", "cuda:x", "cuda:٣", "CPU", "cpu:0", "autocpu"),
        ),
        (
            "viewer",
            (
                "",
                "spawn",
                "rerun+http://localhost",
                "rerun+https://example.org:9876/proxy",
                "RERUN+HTTP://example.org",
                "rerun+http://[::1]:9876",
                "rerun+http://a-b_c.example:1",
            ),
            (
                "spawn ",
                "http://localhost",
                "rerun+ftp://localhost",
                "rerun+http://",
                "rerun+http://a:123456",
                "rerun+http://a/",
                "rerun+http://a/proxy/x",
                "rerun+http://a@b",
                "rerun+http://a\\b",
                "rerun+http://a%2Fb",
                "rerun+http://ä",
                "rerun+http://[x]",
            ),
        ),
        ("image", ("", "a.png"), (None, 3)),
        ("latent", ("", "l.npz"), (None, 3)),
        ("object", ("",), (None, 3)),
        ("vary", (0.0,), (-0.1, 1.1, None)),
        ("views", (0, 360), (-1, 361)),
        ("view_mode", ("stf", "nerf"), ("", "mesh", None)),
        ("view_size", (16, 1024), (15, 1025)),
        ("blend_prompt", ("", "a mug"), (None, 3)),
        ("blend_strength", (0.0,), (-0.1, 1.1, None)),
        ("comparison", ("", "a-0", "x" * 40), ("A", "a_b", "x" * 41, None)),
        ("rotation_deg", (0, 90, 180, 270), (-90, 45, 360)),
        ("max_faces", (0, 10_000_000), (-1, 10_000_001)),
        ("is_flat", (True, False), (0, None)),
    ],
)
def test_a_setting_accepts_its_limits_and_refuses_what_is_beyond(name, accepted, refused):
    for value in accepted:
        assert getattr(replace(BASE, **{name: value}), name) == value
    for value in refused:
        with pytest.raises(BadRequest, match=rf"(The|There is no) {SETTINGS[name].name} "):
            replace(BASE, **{name: value})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("seed", -1, "The seed is -1. Choose an integer from 0 to 2147483647."),
        ("size_m", 0, "The size in meters is 0. Choose a number from 0.001 to 1000."),
        ("device", "gpu", "The device is 'gpu'. Choose auto, cpu, mps, cuda, cuda:1 …."),
        ("viewer", "x", "The viewer is 'x'. Choose nothing, \"spawn\" or an address that begins with rerun+http://."),
        ("comparison", "A", "The comparison is 'A'. Choose lowercase letters, digits and hyphens."),
        ("view_mode", "x", "There is no view mode 'x'. Choose one of: stf, nerf."),
        ("views", 361, "The number of views is 361. Choose an integer from 0 to 360."),
        ("view_size", 0, "The size of the views is 0. Choose an integer from 16 to 1024."),
        ("is_flat", 1, "The flat shading is 1. Choose true or false."),
    ],
)
def test_a_refusal_names_the_setting_and_what_it_accepts(name, value, sentence):
    with pytest.raises(BadRequest) as refusal:
        replace(BASE, **{name: value})
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("outputs", ["cloud", "both"])
def test_a_model_refuses_an_output_that_it_cannot_generate(outputs):
    with pytest.raises(BadRequest, match=rf"^There is no output '{outputs}'\. Choose one of: mesh\.$"):
        make_requests("a red chair", model="reference/shap-e-text", outputs=outputs)
    assert MODELS["reference/shap-e-text"].outputs == ("mesh",)


def test_a_setting_has_only_what_is_described():
    described = setting(5, name="number of legs").metadata["setting"]
    assert described == Setting(
        name="number of legs", allowed=None, flags=(), help="", property="", label="", description="", ui={},
        is_scene_only=False,
    )  # fmt: skip
    assert setting(5, name="number of legs").default == 5
