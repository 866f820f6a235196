# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests: completed with defaults, checked, and refused with a message."""

import json
from dataclasses import FrozenInstanceError, asdict, replace

import pytest

from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.input_checks import check_inputs
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import DEFAULTS, SETTINGS, Request, make_requests

ADDED_LATER = {"turn_deg", "most_faces", "variation_seed", "variation_strength", "earlier_variations"}


def test_a_prompt_is_enough_for_a_complete_request():
    (request,) = make_requests("a red chair")
    assert (request.model, request.quality, request.steps, request.grid) == ("mini/shap-e", "standard", 4, 128)
    assert 0 <= request.seed < 2**31


def test_two_requests_without_a_seed_differ():
    assert len({make_requests("a red chair")[0].seed for _ in range(8)}) > 1


def test_the_seeds_of_results_are_consecutive_and_wrap():
    requests = make_requests("a red chair", count=3, seed=2**31 - 2)
    assert [request.seed for request in requests] == [2**31 - 2, 2**31 - 1, 0]


def test_results_of_a_varied_seed_differ_in_the_variation_seed():
    requests = make_requests("a red chair", count=2, seed=5, variation_seed=2**31 - 1, variation_strength=0.3)
    assert [(request.seed, request.variation_seed) for request in requests] == [(5, 2**31 - 1), (5, 0)]


@pytest.mark.parametrize("text", ["17", "17:2", "17:0.3,", "-1:0.3", "17:0.3;5:0.1", "17:.3", ",".join(["1:0.5"] * 33)])
def test_earlier_variations_that_are_no_pairs_are_refused(text):
    with pytest.raises(BadRequest, match="list of earlier variations"):
        make_requests("a red chair", earlier_variations=text)


@pytest.mark.parametrize("choice", [{"variation_strength": 0.3}, {"earlier_variations": "5:0.2"}])
def test_official_code_cannot_vary(choice):
    with pytest.raises(BadRequest, match="does not support variations. Set Variation to 0"):
        make_requests("a red chair", model="reference/shap-e-text", **choice)


def test_a_quality_sets_the_sampling_that_was_not_chosen():
    (request,) = make_requests("a red chair", quality="draft", steps=7)
    draft = MODELS["mini/shap-e"].undistilled["draft"]
    assert (request.steps, request.guidance, request.grid) == (7, draft.guidance, draft.grid)


@pytest.mark.parametrize("choice", [{"steps": 12}, {"guidance": 3.0}, {"solver": ""}, {"solver": "euler"}])
@pytest.mark.parametrize("quality", ["draft", "standard"])
def test_a_choice_of_sampling_turns_to_the_undistilled_weights(quality, choice):
    (request,) = make_requests("a red chair", quality=quality, **choice)
    undistilled = MODELS["mini/shap-e"].undistilled[quality]
    assert request.solver != "distilled"
    assert request.steps == choice.get("steps", undistilled.steps)
    assert request.guidance == choice.get("guidance", undistilled.guidance)


def test_a_choice_of_the_grid_keeps_the_distilled_weights():
    (request,) = make_requests("a red chair", grid=200)
    assert (request.solver, request.steps, request.guidance, request.grid) == ("distilled", 4, 1.0, 200)


@pytest.mark.parametrize(
    ("choice", "every"),
    [
        ({}, 2),
        ({"quality": "draft"}, 2),
        ({"quality": "exact"}, 1),
        ({"grid": 64}, 2),
        ({"steps": 25}, 1),
        ({"guidance": 3.0}, 1),
        ({"steps": 25, "guidance_every": 3}, 3),
        ({"guidance_every": 1}, 1),
        ({"model": "mini/shap-e"}, 1),
        ({"model": "reference/shap-e-text"}, 1),
    ],
)
def test_a_quality_of_an_official_model_reuses_guidance_unless_the_sampling_is_chosen(choice, every):
    (request,) = make_requests("a red chair", **{"model": "shap-e/text300M"} | choice)
    assert request.guidance_every == every


def test_a_stored_request_without_the_interval_of_guidance_evaluates_it_at_every_step():
    values = make_requests("a red chair", model="shap-e/text300M")[0].to_values()
    del values["guidance_every"]
    assert Request.from_values(values | {"steps": 25}).guidance_every == 1


@pytest.mark.parametrize(
    "choice",
    [{"model": "shap-e/text300M", "quality": "exact"}, {"model": "reference/shap-e-text"}, {"solver": "distilled"}],
)
def test_guidance_is_not_reused_by_exact_quality_the_official_code_and_distilled_weights(choice):
    with pytest.raises(BadRequest, match="Guidance cannot be reused"):
        replace(make_requests("a red chair", **choice)[0], guidance_every=2)


@pytest.mark.parametrize("every", [0, 9, 2.0, True, "2"])
def test_an_interval_of_guidance_that_is_no_small_integer_is_refused(every):
    with pytest.raises(BadRequest, match="interval of guidance"):
        make_requests("a red chair", model="shap-e/text300M", guidance_every=every)


@pytest.mark.parametrize("change", [{"steps": 5}, {"guidance": 2.5}, {"quality": "exact"}])
def test_distilled_weights_take_no_other_sampling(change):
    with pytest.raises(BadRequest, match="The distilled weights take no other number of steps or guidance"):
        replace(make_requests("a red chair")[0], **change)


def test_a_model_without_distilled_weights_refuses_their_solver():
    with pytest.raises(BadRequest, match="solver"):
        make_requests("a red chair", model="point-e/base40M-textvec", solver="distilled")


@pytest.mark.parametrize(
    ("choices", "solver"),
    [
        ({"quality": "draft"}, "distilled"),
        ({"quality": "draft", "solver": None}, "distilled"),
        ({"steps": 4, "guidance": 1.0}, "distilled"),
        ({"quality": "draft", "steps": 4, "guidance": 1.0}, "distilled"),
        ({"steps": 3, "guidance": 1.0}, "euler"),
        ({"steps": 4}, "euler"),
        ({"quality": "draft", "steps": 7}, "euler"),
        ({"steps": 7}, "euler"),
        ({"quality": "draft", "steps": 8}, ""),
        ({"quality": "draft", "steps": 12}, ""),
        ({"quality": "draft", "solver": ""}, ""),
        ({"quality": "exact", "steps": 4}, ""),
        ({}, "distilled"),
        ({"model": "mini/point-e"}, "distilled"),
        ({"model": "mini/point-e", "quality": "draft"}, "distilled"),
        ({"model": "mini/point-e", "steps": 4}, ""),
        ({"model": "mini/point-e", "quality": "exact"}, ""),
        ({"model": "shap-e/text300M", "steps": 4}, ""),
    ],
)
def test_a_new_request_names_the_solver_that_suits_its_sampling(choices, solver):
    assert make_requests("a red chair", **choices)[0].solver == solver


def test_a_stored_request_without_a_solver_keeps_that_of_its_quality():
    values = make_requests("a red chair", steps=5)[0].to_values()
    del values["solver"]
    assert Request.from_values(values).solver == ""


def test_a_solver_that_the_model_lacks_is_refused():
    with pytest.raises(BadRequest, match="solver"):
        make_requests("a red chair", model="mini/point-e", solver="euler")
    with pytest.raises(BadRequest, match="solver"):
        make_requests("a red chair", solver="magic")


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
        ({"model": "shap-e/text300m"}, "There is no model 'shap-e/text300m'. Choose one of: shap-e/text300M, "),
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
        ({"variation_strength": 1.5}, "The variation strength is 1.5. Choose a number from 0 to 1."),
        ({"variation_seed": -1}, "The variation seed is -1"),
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


@pytest.mark.parametrize("prompt", [" a red chair", "a red\tchair", "a  \n chair", None, 5])
def test_a_request_whose_prompt_was_not_cleaned_is_refused(prompt):
    (request,) = make_requests("a red chair")
    with pytest.raises(BadRequest, match=r"^The prompt .* is not one line of text\. Generate the object again\.$"):
        replace(request, prompt=prompt)


def test_a_choice_of_none_draws_a_seed_and_takes_the_qualitys_sampling():
    (request,) = make_requests("a red chair", seed=None, steps=None, guidance=None, grid=None, quality="exact")
    assert (request.steps, request.guidance, request.grid) == (64, 2.5, 128)
    assert type(request.seed) is int


@pytest.mark.parametrize("name", ["model", "quality", "size_m", "views", "is_flat"])
def test_a_choice_of_none_is_refused_where_there_is_a_default(name):
    with pytest.raises(BadRequest, match="None"):
        make_requests("a red chair", **{name: None})


def test_a_choice_of_zero_or_nothing_is_a_choice():
    (request,) = make_requests("a red chair", seed=0, guidance=0, size_m=0.5, is_flat=False)
    assert (request.seed, request.guidance) == (0, 0)


def test_choices_replace_the_sampling_of_the_quality():
    (request,) = make_requests("a red chair", steps=1, guidance=7.5, grid=8)
    assert (request.steps, request.guidance, request.grid) == (1, 7.5, 8)


def test_one_request_is_made_unless_a_count_is_chosen():
    assert len(make_requests("a red chair")) == 1
    hundred = make_requests("a red chair", count=100, seed=7)
    assert [request.seed for request in hundred] == list(range(7, 107))
    assert len({replace(request, seed=7) for request in hundred}) == 1


def test_a_choice_may_have_its_stored_name():
    (request,) = make_requests("a red chair", turn_deg=180, most_faces=9)
    assert (request.rotation_deg, request.max_faces) == (180, 9)


@pytest.mark.parametrize("choice", [{"prompt": None}, {"prompt": 5}, {"prompt": "x", "image": None}])
def test_a_prompt_or_image_that_is_not_text_is_refused(choice):
    name, value = list(choice.items())[-1]
    with pytest.raises(BadRequest, match=rf"^The {name} is {value}, which is not text\."):
        make_requests(**choice)


def test_a_prompt_is_kept_when_there_is_an_image_too():
    (request,) = make_requests(" a red chair ", image="/somewhere/old chair.png")
    assert (request.prompt, request.image) == ("a red chair", "/somewhere/old chair.png")


def test_values_that_are_not_a_request_are_named():
    with pytest.raises(BadRequest, match=r"does not know \['color', 'mood'\] in a request\. Update the add-on\.$"):
        Request.from_values(make_requests("x")[0].to_values() | {"mood": 1, "color": "red"})
    with pytest.raises(BadRequest, match=r"does not know 'list' in a request\. Update the add-on\.$"):
        Request.from_values(["x"])
    with pytest.raises(BadRequest, match=r"^The request is incomplete \(.*'seed'.*\)\. Generate the object again\.$"):
        Request.from_values({"prompt": "a red chair"})
    with pytest.raises(BadRequest, match=r"^The request is not JSON \(.*\)\. Generate the object again\.$"):
        Request.from_json("{")


def test_a_request_that_repeats_a_value_is_refused():
    text = make_requests("a red chair", seed=5)[0].to_json()
    with pytest.raises(BadRequest, match="repeats a key"):
        Request.from_json(text.replace('"seed": 5', '"seed": 5, "seed": 6'))


IMAGE_MODEL = MODELS["shap-e/image300M"]._replace(label="P")
TEXT_MODEL = MODELS["point-e/base40M-textvec"]._replace(label="P")
NOTHING = {"image": "", "latent": "", "views": 0}


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        (IMAGE_MODEL, {"image": "a.png"}),
        (IMAGE_MODEL, {"latent": "l.npz"}),
        (IMAGE_MODEL, {"image": "a.png", "latent": "l.npz", "views": 3}),
        (TEXT_MODEL, {}),
        (MODELS["mini/shap-e"], {}),
        (MODELS["mini/shap-e"], {"image": "a.png"}),
        (MODELS["point-e/base40M-uncond"], {}),
    ],
)
def test_a_model_accepts_its_inputs(model, inputs):
    assert check_inputs(model, **NOTHING | inputs) is None


@pytest.mark.parametrize(
    ("model", "inputs", "message"),
    [
        (IMAGE_MODEL, {}, "P needs an image. Choose an image file."),
        (IMAGE_MODEL, {"views": 3}, "P needs an image. Choose an image file."),
        (
            TEXT_MODEL,
            {"image": "a.png"},
            "P does not accept images. Remove the image, or choose a model that accepts one.",
        ),
        (
            TEXT_MODEL,
            {"latent": "l.npz"},
            "P has no latent to decode again or to render views from. Use Shap-E.",
        ),
        (
            TEXT_MODEL,
            {"views": 1},
            "P has no latent to decode again or to render views from. Use Shap-E.",
        ),
    ],
)
def test_a_model_refuses_inputs_that_it_cannot_use_or_lacks(model, inputs, message):
    with pytest.raises(BadRequest) as refusal:
        check_inputs(model, **NOTHING | inputs)
    assert str(refusal.value) == message


def test_a_request_checks_the_inputs_of_its_model():
    with pytest.raises(BadRequest, match="needs an image"):
        make_requests("a red chair", model="shap-e/image300M")


def test_a_request_cannot_be_changed_after_its_check():
    (request,) = make_requests("a red chair")
    with pytest.raises(FrozenInstanceError):
        request.steps = 10**9


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"blend_strength": 0.5}, "There is no prompt to blend in. Give one, or set its share to 0."),
        ({"blend_prompt": "a\nmug"}, "The prompt to blend in is not one line of text. Write it on one line."),
        (
            {"blend_prompt": "a mug", "model": "shap-e/image300M", "image": "a.png"},
            "Shap-E (Image) does not blend prompts. Choose Shap-E or Point-E with text, or a Mini model.",
        ),
        ({"blend_prompt": "a mug", "model": "mini/three-step"}, "Mini Three-Step does not blend prompts."),
        ({"blend_prompt": "a mug", "model": "reference/point-e-text"}, "Point-E (Reference) does not blend prompts."),
        (
            {"blend_prompt": "a mug", "image": "a.png"},
            "Only objects of prompts can be blended, not those of an image or of another object.",
        ),
        ({"blend_prompt": "a mug", "object": "a.glb"}, "Only objects of prompts can be blended"),
    ],
)
def test_a_blend_that_makes_no_sense_is_refused(choices, sentence):
    with pytest.raises(BadRequest) as refusal:
        make_requests("a chair", **choices)
    assert str(refusal.value).startswith(sentence)


def test_a_blend_of_two_prompts_is_accepted_by_both_families():
    for model in ("mini/shap-e", "mini/point-e", "shap-e/text300M", "point-e/base40M-textvec"):
        (request,) = make_requests("a chair", model=model, blend_prompt="a mug", blend_strength=0.25)
        assert Request.from_json(request.to_json()) == request
