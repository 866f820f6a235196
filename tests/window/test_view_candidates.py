# SPDX-License-Identifier: GPL-3.0-or-later
"""The views of the small three-step model in the sidebar: made by one click, picked by another."""

import time

import numpy as np
import pytest
from PIL import Image

TIMEOUT_S = 240
GENERATE_VIEWS, PICK_2 = (80, 174), (204, 277)  # pixels from the sidebar's top left corner


@pytest.fixture(scope="module", autouse=True)
def usual_model(window):
    """The panel's default model and image, restored for other tests."""
    yield
    window.set(model="mini/shap-e", image="", candidates="1")


def red_pixels(screenshot) -> int:
    """Return the number of strongly red pixels of a screenshot."""
    pixels = np.asarray(Image.open(screenshot).convert("RGB"), np.int32)
    return int(((pixels[..., 0] > 150) & (pixels[..., 1:].max(axis=-1) < 70)).sum())


def test_views_are_made_by_a_click_and_the_object_of_one_by_another(window):
    window.set(model="mini/three-step", prompt="a red chair", candidates="4", image="")
    window.scroll_sidebar(to_end=False)
    before = red_pixels(window.screen.shoot_when_still("20-three-step"))
    count = len(window.state["objects"])
    window.click(*GENERATE_VIEWS)
    until = time.monotonic() + TIMEOUT_S
    while red_pixels(window.screen.shoot("21-views")) < before + 4 * 500:
        assert time.monotonic() < until, "the views did not appear on the screen"
    assert len(window.state["objects"]) == count
    window.click(*PICK_2)
    window.wait_for(lambda state: state["image"].endswith("view_1.png"), "the picked view to be the image", TIMEOUT_S)
    state = window.wait_for(lambda state: len(state["objects"]) > count and not state["jobs"], "the object", TIMEOUT_S)
    assert any(item["name"].startswith("a red chair") for item in state["objects"])
    window.screen.shoot_when_still("22-picked-view")
