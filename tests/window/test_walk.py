# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk of docs/walk.md by mouse and keyboard: matching stools, the best one, a blue seat, an earlier try."""

import time

from tests.window.test_one_prompt import EDIT_PROMPT, GENERATE_MENU, PROMPT, finished

MAX_CLICKS = 8
JOB_TIMEOUT_S = 600
EARLIER_PROMPT, PROMPT_TEXT, EDITED_PROMPT = "a blue mug", "a red stool", "a red stool with a blue seat"

# Positions of controls in pixels: from the top left corner of the sidebar, or its bottom left one once it is scrolled.
SHEET_OF_4 = (345, 154)
OLDEST_RESULT, BRING_INTO_SCENE = (41, 292), (142, 194)


def generate_in_an_earlier_session(window) -> None:
    """Leave a result in the jobs folder, and start Blender again with an empty file."""
    before = len(finished(window.state))
    window.set(prompt=EARLIER_PROMPT, has_own_sampling=False, generate=True)
    window.wait_for(
        lambda state: len(finished(state)) > before and not state["jobs"], "the earlier object", JOB_TIMEOUT_S
    )
    window.close()
    window.start()


def open_sheet(window) -> dict:
    """Type the prompt, open the contact sheet of four, and return the state with all of its objects."""
    window.click(*PROMPT)
    window.screen.press("ctrl+a")
    window.screen.type(PROMPT_TEXT)
    window.screen.press("Return")
    window.click(*GENERATE_MENU)
    window.click(*SHEET_OF_4)
    return window.wait_for(
        lambda state: len(finished(state)) == 4 and not state["jobs"], "the contact sheet", JOB_TIMEOUT_S
    )


def keep(window, name: str) -> dict:
    """Keep one object of the sheet, and end the sheet."""
    window.press_at(*window.state["on_screen"][name], "k")
    window.screen.shoot("walk-2-kept")
    window.screen.press("Escape")
    return window.wait_for(lambda state: not state["is_sheet_open"], "the sheet to end", 60)


def edit_prompt(window) -> dict:
    """Add words to the prompt of the active object, in the dialog, whose field has the focus."""
    window.click(*EDIT_PROMPT)
    window.screen.press("End")
    window.screen.type(EDITED_PROMPT.removeprefix(PROMPT_TEXT))
    window.screen.shoot("walk-3-edit-prompt")
    window.screen.press("Return")
    window.screen.press("Return")
    return window.wait_for(
        lambda state: finished(state)[0]["versions"] == 2 and not state["jobs"], "the second version", JOB_TIMEOUT_S
    )


def bring_back_the_oldest_result(window) -> dict:
    """Select the last result of the strip, and bring it into the scene."""
    window.scroll_sidebar(to_end=True)
    window.click_above_bottom(*OLDEST_RESULT)
    window.screen.shoot("walk-5-selected")
    window.click_above_bottom(*BRING_INTO_SCENE)
    return window.wait_for(lambda state: len(finished(state)) == 2, "the earlier object", JOB_TIMEOUT_S)


def test_the_walk_takes_at_most_eight_clicks(window):
    generate_in_an_earlier_session(window)
    window.clicks, window.screen.shooting_s, since = 0, 0.0, time.monotonic()
    sheet = open_sheet(window)
    assert {item["recipe"]["prompt"] for item in finished(sheet)} == {PROMPT_TEXT}
    window.screen.shoot_when_still("walk-1-sheet")
    best = finished(sheet)[2]
    assert [item["recipe"] for item in finished(keep(window, best["name"]))] == [best["recipe"]]
    (edited,) = finished(edit_prompt(window))
    window.screen.shoot_when_still("walk-4-blue-seat")
    assert edited["recipe"]["prompt"] == EDITED_PROMPT
    assert edited["recipe"]["seed"] == best["recipe"]["seed"]
    state = bring_back_the_oldest_result(window)
    seconds = time.monotonic() - since - window.screen.shooting_s
    window.screen.shoot_when_still("walk-6-earlier")
    assert {item["recipe"]["prompt"] for item in finished(state)} == {EDITED_PROMPT, EARLIER_PROMPT}
    print(f"{window.clicks} clicks, {seconds:.0f} s")
    assert window.clicks <= MAX_CLICKS
    assert "Traceback" not in window.log
