# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of models, whose order and names are stored in .blend files and job folders."""

import pytest

from blender_text3d.protocol import models
from blender_text3d.protocol.models import MODELS

TEXT, IMAGE, EITHER, NEITHER = ("text",), ("image",), ("text", "image"), ()
ALL, MESH, VIEWS = ("mesh", "cloud", "both"), ("mesh",), ("mesh", "cloud", "both", "view")
LATENT = True

# Inputs, outputs, (steps, guidance, grid) of draft, standard and exact, typical seconds, has_latent.
TABLE = {
    "mini/shap-e": (EITHER, ALL, (2, 1.0, 64), (4, 1.0, 128), (64, 2.5, 128), 3, LATENT),
    "mini/point-e": (EITHER, ALL, (2, 1, 64), (4, 1, 128), (64, 1.5, 128), 3, False),
    "shap-e/text300M": (TEXT, ALL, (10, 15, 128), (16, 15, 128), (64, 15, 128), 170, LATENT),
    "point-e/base40M-textvec": (TEXT, ALL, (16, 3, 32), (25, 3, 128), (64, 3, 32), 255, False),
    "shap-e/image300M": (IMAGE, ALL, (10, 3, 128), (16, 3, 128), (64, 3, 128), 170, LATENT),
    "point-e/base40M": (IMAGE, ALL, (16, 3, 32), (25, 3, 128), (64, 3, 32), 415, False),
    "point-e/base300M": (IMAGE, ALL, (16, 3, 32), (25, 3, 128), (64, 3, 32), 790, False),
    "point-e/base1B": (IMAGE, ALL, (16, 3, 32), (25, 3, 128), (64, 3, 32), 1760, False),
    "point-e/base40M-imagevec": (IMAGE, ALL, (16, 3, 32), (25, 3, 128), (64, 3, 32), 255, False),
    "point-e/base40M-uncond": (NEITHER, ALL, (16, 3, 32), (25, 3, 128), (64, 3, 32), 240, False),
    "reference/shap-e-text": (TEXT, MESH, (16, 15, 128), (25, 15, 128), (64, 15, 128), 900, False),
    "reference/point-e-text": (TEXT, ALL, (16, 3, 32), (25, 3, 32), (64, 3, 32), 1000, False),
    "reference/shap-e-image": (IMAGE, MESH, (16, 3, 128), (25, 3, 128), (64, 3, 128), 1000, False),
    "reference/point-e-image": (IMAGE, ALL, (16, 3, 32), (25, 3, 32), (64, 3, 32), 1900, False),
    "shap-e/encoder": (NEITHER, ALL, (10, 1, 128), (16, 1, 128), (64, 1, 128), 90, LATENT),
    "mini/three-step": (EITHER, VIEWS, (2, 1.0, 64), (4, 1.0, 128), (64, 2.5, 128), 5, LATENT),
    "point-e/three-step": (EITHER, VIEWS, (16, 3, 32), (25, 3, 128), (64, 3, 32), 625, False),
    "shap-e/three-step": (EITHER, VIEWS, (10, 3, 128), (16, 3, 128), (64, 3, 128), 380, LATENT),
}
LABELS = (
    "Mini Shap-E",
    "Mini Point-E",
    "Shap-E",
    "Point-E",
    "Shap-E (Image)",
    "Point-E (Image)",
    "Point-E 300M (Image)",
    "Point-E 1B (Image)",
    "Point-E (Image, Fast)",
    "Point-E (Unconditional)",
    "Shap-E (Reference)",
    "Point-E (Reference)",
    "Shap-E (Image, Reference)",
    "Point-E (Image, Reference)",
    "Shap-E (Object)",
    "Mini Three-Step",
    "Point-E (Three-Step)",
    "Shap-E (Three-Step)",
)


def test_models_keep_their_order_because_blend_files_store_their_number():
    assert list(MODELS) == list(TABLE)
    assert tuple(model.label for model in MODELS.values()) == LABELS


def test_outputs_view_modes_and_qualities_keep_their_order():
    assert models.OUTPUTS == ("mesh", "cloud", "both")
    assert models.VIEW_MODES == ("stf", "nerf")
    assert {tuple(model.qualities) for model in MODELS.values()} == {("draft", "standard", "exact")}


def test_without_a_choice_the_small_shap_e_runs_in_standard_quality():
    assert (models.DEFAULT_MODEL, models.DEFAULT_QUALITY) == ("mini/shap-e", "standard")


@pytest.mark.parametrize("name", TABLE)
def test_a_model_has_the_inputs_outputs_and_sampling_of_its_row(name):
    model = MODELS[name]
    samplings = [(sampling.steps, sampling.guidance, sampling.grid) for sampling in model.qualities.values()]
    assert (model.name, model.inputs, model.outputs) == (name, *TABLE[name][:2])
    assert (*samplings, model.typical_s, model.has_latent) == TABLE[name][2:]


def test_descriptions_say_what_a_model_understands():
    start = {name: model.description[:16] for name, model in MODELS.items()}
    assert start["mini/shap-e"] == start["mini/point-e"] == "Everyday objects"
    assert start["shap-e/text300M"] == start["point-e/base40M-textvec"] == "Everyday objects"
    assert "plain language" in MODELS["shap-e/text300M"].description
    assert all(MODELS[name].description.startswith("OpenAI's original code") for name in TABLE if "reference" in name)
    official_image = [name for name in TABLE if TABLE[name][0] == IMAGE and "reference" not in name]
    assert all("image of one object" in MODELS[name].description for name in official_image)


@pytest.mark.parametrize(
    ("name", "image_model", "expected"),
    [
        ("mini/shap-e", "", "mini/shap-e"), ("mini/point-e", "", "mini/point-e"), ("shap-e/text300M", "", ""),
        ("mini/three-step", "", "mini/three-step"), ("mini/three-step", "mini/glide", "mini/three-step"),
        ("mini/three-step", "glide", ""), ("mini/three-step", "diffusers", ""), ("point-e/three-step", "", ""),
        ("shap-e/three-step", "mini/glide", "mini/three-step"), ("mini/newer", "", "mini/newer"), ("other", "", ""),
    ],
)  # fmt: skip
def test_a_prompt_is_read_with_the_words_of_the_model_that_it_goes_to(name, image_model, expected):
    assert models.reading_model(name, image_model) == expected


def test_the_table_cannot_be_changed_at_run_time():
    for mapping in (MODELS, *(model.qualities for model in MODELS.values())):
        with pytest.raises(TypeError):
            mapping["x"] = None
