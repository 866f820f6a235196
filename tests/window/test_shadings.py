# SPDX-License-Identifier: GPL-3.0-or-later
"""An object has its color in each viewport shading without a click: Solid, Material Preview, Rendered."""

import time

import numpy as np
import pytest
from PIL import Image

JOB_TIMEOUT_S = 900
SHADING_TIMEOUT_S = 600  # EEVEE compiles its shaders first, on the CPU
SHADINGS = [("SOLID", ""), ("MATERIAL", ""), ("RENDERED", "EEVEE"), ("RENDERED", "CYCLES")]
SEED = 4  # its leaf is large
HALF_SIDE = 25
"""Half the side, in pixels, of the square around the object's center in which its color is measured."""


@pytest.fixture(scope="module")
def apple(window):
    """A red apple alone on the screen."""
    window.set(
        prompt="a red apple",
        model="mini/shap-e",
        image="",
        has_own_sampling=False,
        seed=SEED,
        has_random_seed=False,
        generate=True,
    )
    before = len(window.state["objects"])
    state = window.wait_for(
        lambda state: len(state["objects"]) > before and not state["jobs"], "the apple", JOB_TIMEOUT_S
    )
    return state["objects"][-1]["name"]


def crop_around(window, name, screenshot):
    """Return pixels (4 H, 2 H, 3) int32 around and above the object's center, where H is HALF_SIDE."""
    x, y = window.state["on_screen"][name]
    pixels = np.asarray(Image.open(screenshot).convert("RGB"), np.int32)
    return pixels[y - 3 * HALF_SIDE : y + HALF_SIDE, x - HALF_SIDE : x + HALF_SIDE]


def red_share_and_green_pixels(pixels):
    """Return (red share around the object's center, number of green pixels above it)."""
    above, center = pixels[: 2 * HALF_SIDE], pixels[2 * HALF_SIDE :]
    return float(is_mostly(center, 0).mean()), int(is_mostly(above, 1).sum())


def is_mostly(pixels, channel):
    """Return a mask of the pixels with much more of this channel than of the others."""
    others = np.delete(pixels, channel, axis=-1).max(axis=-1)
    return (pixels[..., channel] > 1.5 * others) & (pixels[..., channel] > 50)


@pytest.mark.parametrize(("shading", "engine"), SHADINGS)
def test_a_red_apple_is_red_and_its_leaf_green_in_every_shading(window, apple, shading, engine):
    window.set(show_only=apple)
    before = crop_around(window, apple, window.screen.shoot_when_still("10-before"))
    window.set(shading=shading, engine=engine)
    name = f"11-{shading}-{engine}".strip("-").lower()
    until = time.monotonic() + SHADING_TIMEOUT_S
    red, green, is_new = 0.0, 0, False
    while red < 0.5 or green < 20 or not is_new:
        assert time.monotonic() < until, f"{red:.2f} is red, {green} pixels are green, {is_new=}: {shading} {engine}"
        time.sleep(1)
        pixels = crop_around(window, apple, window.screen.shoot_when_still(name))
        red, green = red_share_and_green_pixels(pixels)
        is_new = shading == "SOLID" or np.abs(pixels - before).mean() > 1  # drawn since the shading was changed


def test_an_empty_view_has_no_red_pixels(window, apple):
    window.set(show_only="nothing", shading="SOLID", engine="")
    time.sleep(2)
    red, green = red_share_and_green_pixels(crop_around(window, apple, window.screen.shoot_when_still("12-nothing")))
    assert red < 0.05
    assert green < 20
