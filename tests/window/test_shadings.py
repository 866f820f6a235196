# SPDX-License-Identifier: GPL-3.0-or-later
"""An object shows its colour in each of the 3D view's shadings, without a click: Solid, Material Preview, Rendered."""

import time

import numpy as np
import pytest
from PIL import Image

JOB_PATIENCE_S = 900
SHADING_PATIENCE_S = 600  # EEVEE compiles its shaders first, on the processor
WAYS = [("SOLID", ""), ("MATERIAL", ""), ("RENDERED", "EEVEE"), ("RENDERED", "CYCLES")]
SEED = 4  # its leaf is large
AROUND = 25
"""Half the side, in pixels, of the square around the object's middle in which its colour is looked for."""


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
        lambda state: len(state["objects"]) > before and not state["jobs"], "the apple", JOB_PATIENCE_S
    )
    return state["objects"][-1]["name"]


def around(window, name, picture):
    """[4 A, 2 A, 3] pixels around the object's middle and above it."""
    x, y = window.state["on_screen"][name]
    pixels = np.asarray(Image.open(picture).convert("RGB"), np.int32)
    return pixels[y - 3 * AROUND : y + AROUND, x - AROUND : x + AROUND]


def reds_and_greens(pixels):
    """(share that is red around the object's middle, pixels that are green above it)."""
    above, middle = pixels[: 2 * AROUND], pixels[2 * AROUND :]
    return float(is_mostly(middle, 0).mean()), int(is_mostly(above, 1).sum())


def is_mostly(pixels, channel):
    """Which pixels have much more of this channel than of the others."""
    others = np.delete(pixels, channel, axis=-1).max(axis=-1)
    return (pixels[..., channel] > 1.5 * others) & (pixels[..., channel] > 50)


@pytest.mark.parametrize(("shading", "engine"), WAYS)
def test_a_red_apple_is_red_and_its_leaf_green_in_every_shading(window, apple, shading, engine):
    window.set(alone=apple)
    before = around(window, apple, window.screen.shoot_when_still("10-before"))
    window.set(shading=shading, engine=engine)
    name = f"11-{shading}-{engine}".strip("-").lower()
    until = time.monotonic() + SHADING_PATIENCE_S
    red, green, is_new = 0.0, 0, False
    while red < 0.5 or green < 20 or not is_new:
        assert time.monotonic() < until, f"{red:.2f} is red, {green} pixels are green, {is_new=}: {shading} {engine}"
        time.sleep(1)
        pixels = around(window, apple, window.screen.shoot_when_still(name))
        red, green = reds_and_greens(pixels)
        is_new = shading == "SOLID" or np.abs(pixels - before).mean() > 1  # drawn since the shading was changed


def test_where_nothing_stands_nothing_is_red(window, apple):
    window.set(alone="nothing", shading="SOLID", engine="")
    time.sleep(2)
    red, green = reds_and_greens(around(window, apple, window.screen.shoot_when_still("12-nothing")))
    assert red < 0.05 and green < 20
