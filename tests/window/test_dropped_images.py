# SPDX-License-Identifier: GPL-3.0-or-later
"""Images dragged by mouse from a file browser: onto the sidebar, and onto the viewport."""

import pytest
from PIL import Image, ImageDraw

from tests.window.screen import SIZE
from tests.window.test_one_prompt import PROMPT, finished

TIMEOUT_S, JOB_TIMEOUT_S = 60, 600
# Pixels from the top left corner of the window, for the file by Blender's major version.
FIRST_FILE, IN_VIEW = {4: (1387, 463), 5: (1378, 346)}, (500, 600)


@pytest.fixture(scope="module")
def ball(window, tmp_path_factory):
    """An image of a red ball, the only file that a file browser shows in place of the properties."""
    path = tmp_path_factory.mktemp("images") / "ball.png"
    image = Image.new("RGB", (320, 240), "white")
    ImageDraw.Draw(image).ellipse((80, 40, 240, 200), fill=(205, 30, 20))
    image.save(path)
    window.set(prompt="a red stool", image="", model="mini/shap-e", quality="draft", has_own_sampling=False)
    window.set(browse=f"{path.parent}/")
    window.scroll_sidebar(to_end=False)
    window.screen.shoot_when_still("43-file-browser")
    yield path
    window.set(image="", browse="")


def test_an_image_dropped_on_the_sidebar_is_the_panels_image(window, ball):
    left, bottom, _, _ = window.state["sidebar"]
    window.screen.drag(FIRST_FILE[window.state["version"][0]], (left + PROMPT[0], SIZE[1] - bottom - 300))
    window.screen.shoot_when_still("44-dropped-on-the-sidebar")
    window.screen.press("u")  # the underlined letter of Use as Image to Generate From
    state = window.wait_for(lambda state: state["image"], "the image", TIMEOUT_S)
    assert state["image"] == str(ball)


def test_an_image_dropped_on_the_viewport_becomes_an_object(window, ball):
    before = {item["name"] for item in finished(window.state)}
    window.screen.drag(FIRST_FILE[window.state["version"][0]], IN_VIEW)
    window.screen.shoot_when_still("45-dropped-on-the-viewport")
    window.screen.press("g")  # the underlined letter of Generate Objects from Images, beside Blender's own entry
    state = window.wait_for(
        lambda state: len(finished(state)) > len(before) and not state["jobs"], "the object", JOB_TIMEOUT_S
    )
    window.screen.shoot_when_still("46-object-from-an-image")
    (made,) = [item for item in finished(state) if item["name"] not in before]
    assert made["recipe"]["image"]
    assert made["vertices"] > 100
    assert state["problem"] == ""


def test_blender_prints_no_error(window, ball):
    assert "Traceback" not in window.log
