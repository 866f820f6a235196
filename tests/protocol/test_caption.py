# SPDX-License-Identifier: GPL-3.0-or-later
"""The caption in the notices of the small models, which names the object of an image."""

import pytest

from blender_text3d.engine.image.caption import ImageCaption
from blender_text3d.prompts.vocabulary import OBJECTS, read_vocabulary
from blender_text3d.protocol.caption import alternative_captions, recognized_caption, result_name
from blender_text3d.protocol.comparison import comparison_requests, counterpart
from blender_text3d.protocol.events import Notice
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import make_requests
from tests.compatibility.stored_data import DATA


@pytest.mark.parametrize("is_sure", [True, False])
def test_the_caption_is_found_in_the_notice_of_the_image_tower(is_sure):
    caption = ImageCaption("armchair", is_sure, ("armchair", "chair", "bed"), "orange", "", (("leg", "black"),))
    message = f"{caption.notice} The object is only 51 pixels across; a larger image shows the model more of it."
    assert recognized_caption(message) == caption.caption == "an orange armchair with black leg"


def test_the_caption_is_found_in_a_job_of_version_0_1_0():
    (journal,) = DATA.glob("data-folder/jobs/*-red-chair-2cd599/events.jsonl")
    assert recognized_caption(journal.read_text(encoding="utf-8")) == "a red chair with black legs"


@pytest.mark.parametrize("kind", [*read_vocabulary().groups[OBJECTS]])
def test_the_caption_of_every_kind_is_found_and_so_are_its_alternatives(kind):
    caption = ImageCaption(kind, False, (kind, "glasses", "apple"), "orange", "tall", (("leg", "black"),))
    assert recognized_caption(caption.notice) == caption.caption
    described = caption.caption.partition(" with ")[0]
    assert alternative_captions(caption.notice) == (described, "tall orange glasses", "a tall orange apple")


@pytest.mark.parametrize(
    "message",
    ["", "Unknown words: zorg. Recognized: red, chair.", "Recognized: a", "Using: the words of old glasses."],
)
def test_other_notices_have_no_caption(message):
    assert recognized_caption(message) == ""


def request(prompt, **choices):
    return make_requests(prompt, **choices)[0]


def test_a_prompt_names_the_result_whatever_the_notices_say():
    events = [Notice(message="Unknown words: zorg."), Notice(message="Recognized: a blue mug.")]
    photo = request("photo", image="input_image.png")
    assert result_name(request("a red chair"), events) == "a red chair"
    assert result_name(photo, events) == "a blue mug"
    assert result_name(photo, events[:1]) == "photo"


def test_a_name_stays_until_an_event_changes_it():
    photo = request("photo", image="input_image.png")
    assert result_name(photo, [Notice(message="Unknown words: zorg.")], "a blue mug") == "a blue mug"
    assert result_name(photo, [Notice(message="Recognized: a cup.")], "a blue mug") == "a cup"


@pytest.mark.parametrize("model", MODELS)
def test_compared_objects_are_named_after_the_families_of_their_models(model):
    image = "" if "text" in MODELS[counterpart(model)[0]].inputs else "chair.png"
    requests = comparison_requests("a red chair", model=model, image=image)
    assert [result_name(each, []) for each in requests] == ["a red chair (Point-E)", "a red chair (Shap-E)"]


def test_compared_objects_of_an_image_are_named_after_what_was_recognized_and_the_family():
    requests = comparison_requests("", model="mini/shap-e", image="input_image.png")
    seen = [Notice(message="Recognized: a blue mug.")]
    assert [result_name(each, seen) for each in requests] == ["a blue mug (Point-E)", "a blue mug (Shap-E)"]


@pytest.mark.parametrize("prompt", ["a chair " * 30, "椅子" * 60, "é" * 70, "x" * 50])
def test_the_family_of_a_long_prompt_is_not_cut_off_by_blender(prompt):
    (first, _) = comparison_requests(prompt, model="mini/shap-e")
    name = result_name(first, [])
    assert name.endswith("… (Point-E)")
    assert 55 <= len(f"{name}.001".encode()) <= 63


def test_a_prompt_that_just_fits_is_kept_whole():
    (first, _) = comparison_requests("x" * 49, model="mini/shap-e")
    assert result_name(first, []) == f"{'x' * 49} (Point-E)"


@pytest.mark.parametrize(
    ("message", "captions"),
    [
        (
            "Not sure: it looks like a dog, a plane or an armchair. Using: a yellow dog.",
            ("a yellow dog", "a yellow plane", "a yellow armchair"),
        ),
        (
            "Not sure: it looks like a bed, a table or a bus. Using: an orange bed with red legs. The background …",
            ("an orange bed", "an orange table", "an orange bus"),
        ),
        (f"Not sure: it looks like {', '.join(['a car'] * 99)} or a bus. Using: a red car.", ("a red car",) * 3),
        ("Recognized: a red mug.", ()),
        ("Not sure: it looks like a bed. Using: a red car.", ()),
        ("", ()),
    ],
)
def test_the_alternatives_of_an_uncertain_image_are_prompts(message, captions):
    assert alternative_captions(message) == captions


def test_a_blend_has_the_name_of_the_nearer_prompt():
    requests = [make_requests("a chair", blend_prompt="a mug", blend_strength=share)[0] for share in (0.5, 0.6)]
    assert [result_name(request, []) for request in requests] == ["a chair", "a mug"]
