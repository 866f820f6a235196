# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's loop by mouse and keyboard: a contact sheet, versions, a swapped word, results, Live."""

import pytest

from tests.window.test_one_prompt import EDIT_PROMPT, GENERATE_MENU, PROMPT, finished

TIMEOUT_S, JOB_TIMEOUT_S = 60, 600

# Positions of controls in pixels: from the top left corner of the sidebar, or its bottom left one once it is scrolled.
SHEET_OF_9, LIVE, FIRST_SWAPPABLE_WORD = (345, 175), (243, 70), (113, 507)
BRING_INTO_SCENE, STAR = (142, 194), (85, 127)
IN_VIEW = (500, 600)  # from the top left corner of the window


@pytest.fixture(scope="module")
def drafts(window):
    """Blender with a new file and settings for fast drafts."""
    window.set(prompt="a red stool", image="", model="mini/shap-e", quality="draft", has_own_sampling=False)
    window.set(operate=["object.select_all", {"action": "SELECT"}])
    window.set(operate=["object.delete", {}])
    window.wait_for(lambda state: not state["objects"], "an empty scene", TIMEOUT_S)
    window.scroll_sidebar(to_end=False)
    return window


def wait_for_objects(window, count: int, what: str) -> list[dict]:
    state = window.wait_for(lambda state: len(finished(state)) == count and not state["jobs"], what, JOB_TIMEOUT_S)
    return finished(state)


@pytest.fixture(scope="module")
def kept(drafts):
    """(the object kept on a contact sheet of nine, the one rejected before)."""
    drafts.click(*GENERATE_MENU)
    drafts.click(*SHEET_OF_9)
    sheet = wait_for_objects(drafts, 9, "nine drafts")
    rejected, best = sheet[3]["name"], sheet[4]["name"]
    on_screen = drafts.state["on_screen"]
    drafts.press_at(*on_screen[rejected], "x")
    drafts.press_at(*on_screen[best], "k")
    drafts.screen.shoot_when_still("40-sheet")
    drafts.screen.press("Escape")
    drafts.wait_for(lambda state: not state["is_sheet_open"], "the sheet to end", TIMEOUT_S)
    return best, rejected


def test_esc_keeps_the_kept_object_and_one_undo_brings_the_sheet_back(drafts, kept):
    assert [item["name"] for item in finished(drafts.state)] == [kept[0]]
    drafts.press_at(*IN_VIEW, "ctrl+z")
    assert kept[1] in [item["name"] for item in wait_for_objects(drafts, 9, "the sheet to be back")]
    drafts.press_at(*IN_VIEW, "ctrl+shift+z")
    wait_for_objects(drafts, 1, "the sheet to be gone again")


def test_an_edited_prompt_is_a_version_and_the_bracket_shows_the_older_one(drafts, kept):
    drafts.click(*EDIT_PROMPT)
    drafts.screen.press("End")
    drafts.screen.type(" with a blue seat")
    drafts.screen.press("Return", "Return")
    drafts.wait_for(lambda state: finished(state)[0]["versions"] == 2, "the second version", JOB_TIMEOUT_S)
    assert finished(drafts.state)[0]["recipe"]["prompt"] == "a red stool with a blue seat"
    drafts.press_at(*IN_VIEW, "bracketleft")
    state = drafts.wait_for(lambda state: finished(state)[0]["version"] == 1, "the older version", TIMEOUT_S)
    assert finished(state)[0]["recipe"]["prompt"] == "a red stool"


def test_the_selected_result_is_starred_and_brought_in_again(drafts, kept):
    before, newest = len(finished(drafts.state)), drafts.state["results"][0]
    drafts.set(operate=["text3d.result_select", {"job_id": newest}])
    drafts.scroll_sidebar(to_end=True)
    drafts.click_above_bottom(*STAR)
    drafts.wait_for(lambda state: state["starred"] == [newest], "the star", TIMEOUT_S)
    drafts.click_above_bottom(*BRING_INTO_SCENE)
    wait_for_objects(drafts, before + 1, "the result")


def test_a_swapped_word_gives_a_row_of_the_other_colors_at_the_same_seed(drafts, kept):
    drafts.scroll_sidebar(to_end=False)
    drafts.click(*FIRST_SWAPPABLE_WORD)
    drafts.screen.press("Return")  # it asks before it generates eleven objects
    drafts.wait_for(lambda state: len(finished(state)) > 5 and not state["jobs"], "the row", JOB_TIMEOUT_S)
    drafts.screen.shoot_when_still("41-swapped-word")
    recipes = [item["recipe"] for item in finished(drafts.state)]
    assert len({recipe["seed"] for recipe in recipes}) == 1
    assert len({recipe["prompt"] for recipe in recipes}) > 11


def test_live_shows_a_draft_while_the_user_types(drafts, kept):
    drafts.scroll_sidebar(to_end=False)
    drafts.click(*LIVE)
    drafts.wait_for(lambda state: state["live"], "Live", TIMEOUT_S)
    drafts.click(*PROMPT)
    drafts.screen.press("ctrl+a")
    drafts.screen.type("a green mug")
    drafts.wait_for(lambda state: state["live"] == "shown", "the draft", JOB_TIMEOUT_S)
    drafts.screen.shoot("42-live")
    drafts.screen.press("Return")
    drafts.set(operate=["text3d.live", {}])
    drafts.wait_for(lambda state: not state["live"], "Live to be off", TIMEOUT_S)


def test_blender_prints_no_error(drafts, kept):
    assert "Traceback" not in drafts.log
