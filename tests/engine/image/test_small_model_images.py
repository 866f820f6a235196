# SPDX-License-Identifier: GPL-3.0-or-later
"""The small models make what the image tower sees in a picture."""

import numpy as np
import torch

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.image.caption_from_image import read_picture_in_words
from blender_text3d.engine.surface.clean import is_watertight
from scripts.training.images.tower_cases import shown
from tests.engine.image.catalogue_images import rgba_of

CPU = torch.device("cpu")


def made(model, prompt, image, seed=4):
    """(steps, result) of a small object."""
    steps, making = [], Engine().generate(Recipe(prompt, model, seed, 12, 1.5, 40, device="cpu", image=image))
    while True:
        try:
            steps.append(next(making))
        except StopIteration as end:
            return steps, end.value


def test_an_object_of_a_picture_has_its_colour_and_what_was_seen_is_shown(tmp_path):
    shown(rgba_of("mug", "red"), "plain", np.random.default_rng(3)).save(tmp_path / "mug.png")
    steps, result = made("mini/shap-e", "holiday photo", tmp_path / "mug.png")
    assert is_watertight(result.mesh.faces)
    assert result.mesh.colors.mean(axis=0).argmax() == 0
    (told,) = [step for step in steps if step.picture is not None]
    assert told.picture.shape == (60, 60, 3) and told.picture[30, 20:40].mean(axis=0).argmax() == 0
    assert "red mug" in told.notice


def test_a_picture_makes_what_its_caption_makes_whatever_words_stand_beside_it(tmp_path):
    shown(rgba_of("tree", "green"), "white", np.random.default_rng(3)).save(tmp_path / "tree.png")
    caption = read_picture_in_words(tmp_path / "tree.png", CPU).caption
    pictured, told = made("mini/shap-e", "a red car", tmp_path / "tree.png")[1], made("mini/shap-e", caption, None)[1]
    assert np.array_equal(pictured.latent, told.latent)
