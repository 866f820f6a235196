# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user does, in order, with mouse and keyboard: type, Generate, watch, Regenerate, cancel midway."""

import pytest

from blender_text3d.protocol.models import DEFAULT_MODEL, MODELS

# Where things stand in the sidebar at its default width, pixels from its top left corner.
IMAGE_ROW = 23 if "image" in MODELS[DEFAULT_MODEL].inputs else 0
PROMPT, GENERATE, CANCEL = (135, 46), (144, 75 + IMAGE_ROW), (243, 130 + IMAGE_ROW)
MAKE_AGAIN, TURN = (83, 596 + IMAGE_ROW), (195, 622 + IMAGE_ROW)
PROMPT_TEXT = "a blue mug"
JOB_PATIENCE_S = 900
# Many steps, so that a quick machine too is still shaping when the picture is taken, or when the mouse arrives.
SLOWLY = {"has_own_sampling": True, "steps": 150}
VERY_SLOWLY = {"has_own_sampling": True, "steps": 1000}


def is_shaping(state):
    return any(job["stage"] == "sample" and 0.05 < job["share"] < 0.9 for job in state["jobs"])


def finished(state):
    return [made for made in state["objects"] if not made["is_forming"]]


@pytest.fixture(scope="module")
def first_object(window):
    """The object that the first two tests' clicks make."""
    window.set(**SLOWLY)
    window.click(*PROMPT, times=2)
    window.screen.press("ctrl+a")
    window.screen.type(PROMPT_TEXT)
    window.screen.press("Return")
    window.wait_for(lambda state: state["prompt"] == PROMPT_TEXT, "the prompt to be taken", 30)
    window.screen.shoot_when_still("1-prompt")
    window.click(*GENERATE)
    early = window.wait_for(is_shaping, "the bar to move", JOB_PATIENCE_S)
    later = window.wait_for(
        lambda state: not state["jobs"] or state["jobs"][0]["share"] > early["jobs"][0]["share"], "the bar to go on"
    )
    if later["jobs"]:
        window.screen.shoot("2-forming")
    state = window.wait_for(lambda state: finished(state) or state["trouble"], "the object", JOB_PATIENCE_S)
    window.screen.shoot_when_still("3-object")
    assert state["trouble"] == ""
    return finished(state)[0]


def test_a_typed_prompt_and_a_click_make_an_object_that_knows_its_recipe(first_object):
    assert first_object["name"] == first_object["recipe"]["prompt"] == PROMPT_TEXT
    assert first_object["type"] == "MESH" and first_object["vertices"] > 100


def test_make_again_on_the_active_object_makes_the_same_object(window, first_object):
    window.click_object(first_object["name"])
    window.wait_for(lambda state: state["active"] == first_object["name"], "the object to be active", 30)
    window.screen.shoot_when_still("4-recipe")
    window.click(*MAKE_AGAIN)
    state = window.wait_for(lambda state: len(finished(state)) == 2, "the second object", JOB_PATIENCE_S)
    window.screen.shoot_when_still("5-made-again")
    one, two = finished(state)
    assert one["vertices"] == two["vertices"]
    assert one["recipe"] | {"job_id": ""} == two["recipe"] | {"job_id": ""}


def test_turn_90_turns_the_object_and_its_recipe_remembers_it(window, first_object):
    before = {made["name"]: made["recipe"] for made in finished(window.state)}
    active = window.state["active"]
    window.click(*TURN)
    window.wait_for(
        lambda state: any(made["recipe"] != before[made["name"]] for made in finished(state)), "the object to turn", 60
    )
    window.screen.shoot_when_still("5-turned")
    after = {made["name"]: made["recipe"] for made in finished(window.state)}
    assert after == before | {active: before[active] | {"turn_deg": 90}}


def test_cancel_midway_stops_the_job_and_leaves_what_was_there(window, first_object):
    before = finished(window.state)
    window.set(**VERY_SLOWLY)
    window.click(*GENERATE)
    window.wait_for(is_shaping, "the bar to move", JOB_PATIENCE_S)
    window.screen.shoot("6-before-cancel")
    window.click(*CANCEL)
    state = window.wait_for(lambda state: not state["jobs"], "the job to end", JOB_PATIENCE_S)
    window.screen.shoot_when_still("7-cancelled")
    assert state["objects"] == before and state["trouble"] == ""
