# SPDX-License-Identifier: GPL-3.0-or-later
"""A wedge from the menu beside Generate, and objects between two selected ones, by mouse and keyboard."""

import pytest

from tests.window.test_one_prompt import GENERATE_MENU, finished

TIMEOUT_S, JOB_TIMEOUT_S = 60, 600
WEDGE, BLEND, VARY = (345, 215), (120, 453), (190, 413)  # pixels from the top left corner of the sidebar


@pytest.fixture
def empty(window):
    """Blender with nothing in its scene, and settings for fast drafts of one seed."""
    window.set(
        image="", model="mini/shap-e", quality="draft", has_own_sampling=False, has_random_seed=False, into="NEW"
    )
    window.set(operate=["object.select_all", {"action": "SELECT"}])
    window.set(operate=["object.delete", {}])
    window.wait_for(lambda state: not state["objects"], "an empty scene", TIMEOUT_S)
    window.scroll_sidebar(to_end=False)
    return window


def wait_for_objects(window, count: int, what: str) -> list[dict]:
    state = window.wait_for(lambda state: len(finished(state)) == count and not state["jobs"], what, JOB_TIMEOUT_S)
    return finished(state)


def test_a_wedge_stands_on_a_grid_with_its_labels(empty):
    empty.set(prompt="a red chair with white legs")
    empty.click(*GENERATE_MENU)
    empty.click(*WEDGE)
    empty.screen.shoot_when_still("70-wedge-dialog")
    empty.screen.press("Return")
    made = wait_for_objects(empty, 9, "nine chairs")
    assert {item["recipe"]["prompt"].split()[1] for item in made} == {"red", "green", "blue"}
    assert {item["recipe"]["seed"] for item in made} == {1, 2, 3}
    empty.set(operate=["object.select_all", {"action": "SELECT"}])
    empty.set(operate=["view3d.view_selected", {}])
    empty.set(operate=["object.select_all", {"action": "DESELECT"}])
    empty.screen.shoot_when_still("71-wedge")


def test_blends_of_two_selected_objects_leave_the_broken_one_out(empty):
    for count, (prompt, seed) in enumerate((("a gray key", 1011), ("a black donut", 11)), start=1):
        empty.set(prompt=prompt, seed=seed)
        empty.set(generate=True)
        wait_for_objects(empty, count, prompt)
    empty.set(operate=["object.select_by_type", {"type": "MESH"}])
    empty.click(*VARY)
    empty.screen.shoot_when_still("72-vary-dialog")
    empty.screen.press("Escape")
    empty.click(*BLEND)
    empty.screen.shoot_when_still("73-blend-dialog")
    empty.screen.press("Return")
    made = wait_for_objects(empty, 6, "four of five blends")
    shares = sorted(item["recipe"]["blend_strength"] for item in made)
    assert shares == [0, 0, 0.167, 0.333, 0.667, 0.833]
    empty.set(operate=["object.select_by_type", {"type": "MESH"}])
    empty.set(operate=["view3d.view_selected", {}])
    empty.screen.shoot_when_still("74-blend")
