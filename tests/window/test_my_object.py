# SPDX-License-Identifier: GPL-3.0-or-later
"""Encode and Vary My Object by mouse: the user's own box becomes a version of itself, in its place."""

import pytest

# Positions in the sidebar at its default width, in pixels from its top left corner, with the box or its copy active.
ENCODE, VARY_COPY = (84, 390), (194, 442)
JOB_TIMEOUT_S = 120
BOX = {"size": 1.0, "location": [0.3, 0.2, 0.6], "rotation": [0, 0, 0.4], "scale": [0.6, 0.6, 1.2]}


@pytest.fixture(scope="module")
def copied(window):
    """The state after a click on Encode."""
    window.set(operate=["mesh.primitive_cube_add", BOX])
    window.wait_for(lambda state: state["active"] == "Cube", "the box to be active", 30)
    window.scroll_sidebar(to_end=False)
    window.screen.shoot_when_still("my-object-1-selected")
    window.click(*ENCODE)
    state = window.wait_for(lambda state: versions(state) == 2 or state["problem"], "the copy", JOB_TIMEOUT_S)
    window.wait_for(lambda state: not state["jobs"], "the job to end", JOB_TIMEOUT_S)
    window.screen.shoot_when_still("my-object-2-copied")
    assert state["problem"] == ""
    return state


def box_of(state):
    return next((item for item in state["objects"] if item["name"] == "Cube"), None)


def versions(state):
    box = box_of(state)
    return box["versions"] if box else 0


def test_a_click_copies_the_box_into_a_version_of_itself(copied):
    item = box_of(copied)
    assert item["recipe"]["object"]
    assert item["vertices"] > 100


def test_the_dialog_varies_the_copy_in_its_place(window, copied):
    window.click(*VARY_COPY)
    window.screen.shoot_when_still("my-object-3-dialog")
    window.screen.press("Return")
    state = window.wait_for(lambda state: versions(state) == 3 or state["problem"], "the variation", JOB_TIMEOUT_S)
    window.wait_for(lambda state: not state["jobs"], "the job to end", JOB_TIMEOUT_S)
    window.screen.shoot_when_still("my-object-4-varied")
    assert state["problem"] == ""
    assert box_of(state)["recipe"]["vary"] == pytest.approx(0.4)
