# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models generate the object of an image."""

import numpy as np
import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.image.caption_from_image import caption_image
from blender_text3d.geometry.mesh_parts import is_watertight
from scripts.training.images.tower_cases import simulate_user_image
from tests.engine.image.catalogue_images import rgba_of

CPU = torch.device("cpu")


def generate(model, prompt, image, seed=4):
    """(steps, result) of a small object."""
    steps, stream = [], Engine().generate(Recipe(prompt, model, seed, 12, 1.5, 40, device="cpu", image=image))
    while True:
        try:
            steps.append(next(stream))
        except StopIteration as end:
            return steps, end.value


def test_an_object_from_an_image_has_its_color_and_a_caption(tmp_path):
    simulate_user_image(rgba_of("mug", "red"), "plain", np.random.default_rng(3)).save(tmp_path / "mug.png")
    steps, result = generate("mini/shap-e", "holiday photo", tmp_path / "mug.png")
    assert is_watertight(result.mesh.faces)
    assert result.mesh.colors.mean(axis=0).argmax() == 0
    (step,) = [step for step in steps if step.input_image is not None]
    assert step.input_image.shape == (60, 60, 3)
    assert step.input_image[30, 20:40].mean(axis=0).argmax() == 0
    assert "red mug" in step.notice


def test_an_image_gives_the_object_of_its_caption_whatever_the_prompt(tmp_path):
    simulate_user_image(rgba_of("tree", "green"), "white", np.random.default_rng(3)).save(tmp_path / "tree.png")
    caption = caption_image(tmp_path / "tree.png", CPU).caption
    from_image, from_caption = (
        generate("mini/shap-e", "a red car", tmp_path / "tree.png")[1],
        generate("mini/shap-e", caption, None)[1],
    )
    assert np.array_equal(from_image.latent, from_caption.latent)
