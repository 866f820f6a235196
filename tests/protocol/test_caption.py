# SPDX-License-Identifier: GPL-3.0-or-later
"""The caption in the notices of the small models, which names the object of an image."""

import pytest

from blender_text3d.engine.image.caption import ImageCaption
from blender_text3d.protocol.caption import recognized_caption, result_name
from blender_text3d.protocol.events import Notice
from tests.compatibility.stored_data import DATA


@pytest.mark.parametrize("is_sure", [True, False])
def test_the_caption_is_found_in_the_notice_of_the_image_tower(is_sure):
    caption = ImageCaption("armchair", is_sure, ("armchair", "chair", "bed"), "orange", "", (("leg", "black"),))
    message = f"{caption.notice} The object is only 51 pixels across; a larger image shows the model more of it."
    assert recognized_caption(message) == caption.caption == "an orange armchair with black leg"


def test_the_caption_is_found_in_a_job_of_version_0_1_0():
    (journal,) = DATA.glob("data-folder/jobs/*-red-chair-2cd599/events.jsonl")
    assert recognized_caption(journal.read_text(encoding="utf-8")) == "a red chair with black legs"


@pytest.mark.parametrize("message", ["", "Unknown words: zorg. Recognized: red, chair.", "Recognized: a"])
def test_other_notices_have_no_caption(message):
    assert recognized_caption(message) == ""


def test_a_prompt_names_the_result_whatever_the_notices_say():
    events = [Notice(message="Unknown words: zorg."), Notice(message="Recognized: a blue mug.")]
    assert result_name("a red chair", "", events) == "a red chair"
    assert result_name("photo", "input_image.png", events) == "a blue mug"
    assert result_name("photo", "input_image.png", events[:1]) == "photo"
