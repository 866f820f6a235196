# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar lists the missing files of a model and shows the selected image."""

import time

import numpy as np
import pytest
from PIL import Image

IMAGE_COLOR = (205, 15, 120)
TIMEOUT_S = 60


@pytest.fixture(scope="module", autouse=True)
def usual_model(window):
    """The panel's default model and image, restored for other tests."""
    yield
    window.set(model="mini/shap-e", image="")


def pixels_like(screenshot, color, tolerance=12) -> int:
    """Return the number of pixels of a screenshot that have about this color."""
    pixels = np.asarray(Image.open(screenshot).convert("RGB"), np.int32)
    return int((np.abs(pixels - color).max(axis=-1) <= tolerance).sum())


def test_the_missing_files_of_a_selected_model_are_listed_by_a_child_process(window):
    window.set(model="shap-e/text300M")
    state = window.wait_for(lambda state: state["missing"], "the list of missing files", TIMEOUT_S)
    assert state["missing"] == ["clip/ViT-L-14", "shap-e/text300M", "shap-e/decoder"]
    window.screen.shoot_when_still("8-missing-files")


def test_the_selected_image_is_shown_below_its_field(window, tmp_path):
    image = tmp_path / "selected.png"
    Image.new("RGB", (320, 240), IMAGE_COLOR).save(image)
    before = pixels_like(window.screen.shoot("9-before-image"), IMAGE_COLOR)
    window.set(model="shap-e/image300M", image=str(image))
    until = time.monotonic() + TIMEOUT_S
    while pixels_like(window.screen.shoot_when_still("9-image"), IMAGE_COLOR) < before + 2000:
        assert time.monotonic() < until, "the image did not appear on the screen"
