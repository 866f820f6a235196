# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests: completed with defaults, checked, and refused with a message."""

import json
from dataclasses import asdict

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import DEFAULTS, SETTINGS, Request, make_requests

ADDED_LATER = {"turn_deg", "most_faces"}


def test_a_prompt_is_enough_for_a_complete_request():
    (request,) = make_requests("a red chair")
    assert (request.model, request.quality, request.steps, request.grid) == ("mini/shap-e", "standard", 20, 128)
    assert 0 <= request.seed < 2**31


def test_two_requests_without_a_seed_differ():
    assert len({make_requests("a red chair")[0].seed for _ in range(8)}) > 1


def test_the_seeds_of_results_are_consecutive_and_wrap():
    requests = make_requests("a red chair", count=3, seed=2**31 - 2)
    assert [request.seed for request in requests] == [2**31 - 2, 2**31 - 1, 0]


def test_a_quality_sets_the_sampling_that_was_not_chosen():
    (request,) = make_requests("a red chair", quality="draft", steps=7)
    draft = MODELS["mini/shap-e"].qualities["draft"]
    assert (request.steps, request.guidance, request.grid) == (7, draft.guidance, draft.grid)


def test_a_request_is_equal_after_a_json_round_trip():
    (request,) = make_requests("a “red” chair 🪑", seed=5, outputs="both", viewer="rerun+http://127.0.0.1:9876/proxy")
    assert Request.from_json(request.to_json()) == request


@pytest.mark.parametrize("prompt", ["", " ", "\n\t ", "\u200b\u200b", "\u3000"])
def test_an_empty_or_blank_prompt_is_refused(prompt):
    with pytest.raises(BadRequest, match="The prompt is empty. Enter what to generate"):
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
def test_control_characters_are_refused_with_their_position(prompt):
    with pytest.raises(BadRequest, match="Character 2 of the prompt is the control character U\\+"):
        make_requests(prompt)


def test_line_breaks_and_tabs_in_a_prompt_become_one_space():
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
        ({"size_m": 0.0}, "The size in meters is 0.0"),
        ({"size_m": 2000}, "The size in meters is 2000"),
        ({"rotation_deg": 45}, "There is no rotation 45. Choose one of: 0, 90, 180, 270."),
        ({"rotation_deg": True}, "There is no rotation True"),
        ({"rotation_deg": 90.0}, "There is no rotation 90.0"),
        ({"rotation_deg": [90]}, "There is no rotation [90]"),
        ({"max_faces": -1}, "The number of faces is -1"),
        ({"max_faces": 2.5}, "The number of faces is 2.5"),
        ({"device": "gpu"}, "The device is 'gpu'. Choose auto"),
        ({"viewer": "localhost"}, "The viewer is 'localhost'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_an_invalid_choice_is_refused_with_the_accepted_values(choice, sentence):
    with pytest.raises(BadRequest) as refusal:
        make_requests("a red chair", **choice)
    assert sentence in str(refusal.value)


def test_a_request_from_before_rotation_and_max_faces_has_their_defaults():
    (request,) = make_requests("a red chair", seed=5)
    older = {name: value for name, value in json.loads(request.to_json()).items() if name not in ADDED_LATER}
    assert Request.from_values(older) == request


@pytest.mark.parametrize("text", ["", "{", "[]", '{"prompt": "a red chair"}', '{"color": "red"}', '{"prompt": 5}'])
def test_json_that_is_not_a_request_is_refused(text):
    with pytest.raises(BadRequest):
        Request.from_json(text)


def test_a_request_edited_by_hand_is_checked_again():
    values = json.loads(make_requests("a red chair")[0].to_json()) | {"steps": 10**9}
    with pytest.raises(BadRequest, match="number of steps"):
        Request.from_values(values)


def test_stored_names_are_those_of_version_0_1():
    (request,) = make_requests("a red chair", rotation_deg=90, max_faces=500)
    values = json.loads(request.to_json())
    assert (values["turn_deg"], values["most_faces"]) == (90, 500)
    assert not {"rotation_deg", "max_faces"} & values.keys()


def test_a_request_is_read_by_stored_names_and_by_the_names_in_the_code():
    (request,) = make_requests("a red chair", rotation_deg=90)
    assert Request.from_values(asdict(request)) == Request.from_values(request.to_values()) == request


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_has_a_name_for_messages_and_a_check_of_its_default(name):
    setting, default = SETTINGS[name], DEFAULTS[name]
    assert setting.name
    if setting.allowed and default is not None:
        setting.allowed.check(setting.name, default)


def test_an_unknown_setting_is_an_error_of_the_caller():
    with pytest.raises(TypeError, match="color"):
        make_requests("a red chair", color="red")
