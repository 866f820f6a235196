# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to view to object with a diffusers pipeline, whose memory is freed in between."""

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.three_step.diffusers_folder import read_saved_pipeline
from blender_text3d.engine.three_step.stored_precision import stored_precision
from tests.engine.weights.run_steps import run_steps

SETTINGS = {
    "model": "mini/three-step", "steps": 4, "guidance": 1.0, "grid": 32, "device": "cpu", "solver": "distilled",
    "image_model": "diffusers", "quality": "draft",
}  # fmt: skip


@pytest.mark.parametrize(("name", "choices"), [("unet_folder", {}), ("flow_folder", {"image_size": 64})])
def test_a_pipeline_makes_the_view_of_the_object(request, name, choices):
    source = str(request.getfixturevalue(name))
    engine = Engine()
    recipe = Recipe("a red mug", seed=1, image_model_source=source, candidates=4, **SETTINGS | choices)
    steps, (result,) = run_steps(engine.generate_batch([recipe]))
    steps = [step for _, step in steps]
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["load", "image", "choose", "sample", "mesh", "made"]
    assert any('The view is made of: "a 3d render of a red mug' in (step.notice or "") for step in steps)
    (candidates,) = [step.candidates for step in steps if step.candidates is not None]
    assert candidates.shape == (4, *[choices.get("image_size", 16)] * 2, 3)
    assert len({picture.tobytes() for picture in candidates}) == 4
    assert np.isfinite(result.mesh.vertices).all()
    assert engine.load("mini/three-step", "cpu").image_model(recipe)._pipeline is None


def test_weights_that_were_stored_in_bfloat16_run_in_it_where_half_precision_is_wanted(copied_folder):
    saved = read_saved_pipeline(copied_folder)
    assert stored_precision(saved, torch.float16) == torch.float16
    path = copied_folder / "unet" / "diffusion_pytorch_model.safetensors"
    save_file({name: tensor.bfloat16() for name, tensor in load_file(path).items()}, path)
    assert stored_precision(saved, torch.float16) == torch.bfloat16
    assert stored_precision(saved, torch.float32) == torch.float32
