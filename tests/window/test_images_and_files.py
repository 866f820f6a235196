# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sidebar tells of a model whose files are not here, and the picture that was picked, seen on the screen."""

import time

import numpy as np
import pytest
from PIL import Image

PICKED = (205, 15, 120)
RETRY_FOR_S = 60


@pytest.fixture(scope="module", autouse=True)
def usual_model(window):
    """Other tests find the panel as it was."""
    yield
    window.set(model="mini/shap-e", image="")


def pixels_like(picture, color, within=12) -> int:
    """How many pixels of a screenshot have about this colour."""
    pixels = np.asarray(Image.open(picture).convert("RGB"), np.int32)
    return int((np.abs(pixels - color).max(axis=-1) <= within).sum())


def test_the_files_that_a_chosen_model_lacks_are_listed_by_a_child(window):
    window.set(model="shap-e/text300M")
    state = window.wait_for(lambda state: state["missing"], "the list of missing files", RETRY_FOR_S)
    assert state["missing"] == ["clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder"]
    window.screen.shoot_when_still("8-missing-files")


def test_the_picture_that_was_picked_is_seen_under_its_field(window, tmp_path):
    picture = tmp_path / "picked.png"
    Image.new("RGB", (320, 240), PICKED).save(picture)
    before = pixels_like(window.screen.shoot("9-before-the-picture"), PICKED)
    window.set(model="shap-e/image300M", image=str(picture))
    until = time.monotonic() + RETRY_FOR_S
    while pixels_like(window.screen.shoot_when_still("9-picture"), PICKED) < before + 2000:
        assert time.monotonic() < until, "the picture never came onto the screen"
