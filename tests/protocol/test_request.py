# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests are complete, check themselves, and refuse in one sentence."""

import json

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import Request, make_requests

NEWER = {"turn_deg", "most_faces"}


def test_a_prompt_alone_makes_one_complete_request():
    (request,) = make_requests("a red chair")
    assert (request.model, request.quality, request.steps, request.grid) == ("mini/shap-e", "standard", 20, 128)
    assert 0 <= request.seed < 2**31


def test_two_requests_without_a_seed_differ():
    assert len({make_requests("a red chair")[0].seed for _ in range(8)}) > 1


def test_results_get_seeds_that_follow_each_other_and_wrap():
    requests = make_requests("a red chair", count=3, seed=2**31 - 2)
    assert [request.seed for request in requests] == [2**31 - 2, 2**31 - 1, 0]


def test_a_quality_sets_what_the_user_left_open_and_nothing_else():
    (request,) = make_requests("a red chair", quality="draft", steps=7)
    draft = MODELS["mini/shap-e"].qualities["draft"]
    assert (request.steps, request.guidance, request.grid) == (7, draft.guidance, draft.grid)


def test_a_request_survives_json():
    (request,) = make_requests("a “red” chair 🪑", seed=5, outputs="both", viewer="rerun+http://127.0.0.1:9876/proxy")
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("prompt", ["", " ", "\n\t ", "\u200b\u200b", "\u3000"])
def test_an_empty_or_blank_prompt_is_refused(prompt):
    with pytest.raises(BadRequest, match="The prompt is empty. Type what to make"):
        make_requests(prompt)


def test_a_prompt_of_ten_thousand_characters_is_refused_with_its_length():
    with pytest.raises(BadRequest, match="has 10000 characters. Shorten it to 1000"):
        make_requests("x" * 10_000)


@pytest.mark.parametrize(
    "prompt", ["🪑", "👩‍🚀 rocket", "كرسي أحمر", "כיסא אדום", "a \u202ered\u202c chair", "红色的椅子"]
)
def test_emoji_and_right_to_left_prompts_pass_unchanged(prompt):
    assert make_requests(prompt)[0].prompt == prompt


@pytest.mark.parametrize("prompt", ["a\x00chair", "a\x1b[31mchair", "a\x7fchair", "a\ud800chair"])
def test_control_characters_are_refused_with_their_place(prompt):
    with pytest.raises(BadRequest, match="Character 2 of the prompt is the control character U\\+"):
        make_requests(prompt)


def test_line_ends_and_tabs_in_a_prompt_become_one_blank():
    assert make_requests("  a red\r\n\tchair\n")[0].prompt == "a red chair"


@pytest.mark.parametrize("count", [0, -1, 101, 10_000, True, 2.0])
def test_a_count_outside_one_to_a_hundred_is_refused(count):
    with pytest.raises(BadRequest, match="number of results is .* from 1 to 100"):
        make_requests("a red chair", count=count)


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"model": "point-e"}, "There is no model 'point-e'. Choose one of: mini/shap-e"),
        ({"quality": "best"}, "There is no quality 'best'. Choose one of: draft, standard, exact"),
        ({"outputs": "video"}, "There is no output 'video'. Choose one of: mesh, cloud, both"),
        ({"seed": -1}, "The seed is -1"),
        ({"seed": 2**31}, "The seed is 2147483648"),
        ({"seed": "5"}, "The seed is '5'"),
        ({"steps": 0}, "The number of steps is 0"),
        ({"guidance": float("nan")}, "The guidance is nan"),
        ({"grid": 100_000}, "The grid is 100000"),
        ({"size_m": 0.0}, "The size in metres is 0.0"),
        ({"size_m": 2000}, "The size in metres is 2000"),
        ({"turn_deg": 45}, "The turn in degrees is 45. Choose one of: 0, 90, 180, 270."),
        ({"turn_deg": True}, "The turn in degrees is True"),
        ({"turn_deg": 90.0}, "The turn in degrees is 90.0"),
        ({"turn_deg": [90]}, "The turn in degrees is [90]"),
        ({"most_faces": -1}, "The number of faces is -1"),
        ({"most_faces": 2.5}, "The number of faces is 2.5"),
        ({"device": "gpu"}, "The device is 'gpu'. Choose auto"),
        ({"viewer": "localhost"}, "The viewer is 'localhost'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_choice_that_cannot_be_used_is_named_with_what_can(choice, sentence):
    with pytest.raises(BadRequest) as refusal:
        make_requests("a red chair", **choice)
    assert sentence in str(refusal.value)


def test_a_request_from_before_there_were_turns_and_face_budgets_has_none():
    (request,) = make_requests("a red chair", seed=5)
    older = {name: value for name, value in json.loads(request.to_json()).items() if name not in NEWER}
    assert Request.from_values(older) == request


@pytest.mark.parametrize("text", ["", "{", "[]", '{"prompt": "a red chair"}', '{"color": "red"}', '{"prompt": 5}'])
def test_json_that_is_no_request_is_refused(text):
    with pytest.raises(BadRequest):
        Request.from_json(text)


def test_a_request_edited_by_hand_is_checked_again():
    values = json.loads(make_requests("a red chair")[0].to_json()) | {"steps": 10**9}
    with pytest.raises(BadRequest, match="number of steps"):
        Request.from_values(values)
