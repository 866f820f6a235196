# SPDX-License-Identifier: GPL-3.0-or-later
"""Words are checked while the user types, and a popover lists those that the model knows."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.panels import prompt_words
from blender_text3d.addon.panels.prompt_words import MAX_CHARACTERS, TEXT3D_PT_words, shortened
from blender_text3d.addon.settings.properties import TEXT3D_Settings
from blender_text3d.addon.state import prompt_check
from blender_text3d.addon.state.prompt_check import check_prompt, insert_word, replace_word
from tests.blender.recording_layout import RecordingLayout, drawn


def test_unknown_words_are_named_before_anything_is_generated(addon):
    addon.prompt = "a zorg riding a blargh"
    assert "Unknown: zorg, blargh" in drawn()
    assert "Did you mean" not in drawn()


@pytest.mark.parametrize(
    ("prompt", "line"),
    [("a low poly tree", "Not used: low poly"), ("a car without wheels", "Not used: without wheels"),
     ("a robot dog", "Not used: robot"), ("three apples", "Not used: three"), ("a dark red chair", "Read as: red"),
     ("ein roter Stuhl", "Read as: red chair"), ("golden", "Name an object"), ("a rock", "Name an object")],
)  # fmt: skip
def test_the_line_says_how_the_prompt_is_read(addon, prompt, line):
    addon.prompt = prompt
    assert line in drawn()


def test_the_popover_begins_with_the_sentences_that_the_job_gives(addon):
    addon.prompt = "a low poly robot dog"
    layout = RecordingLayout()
    TEXT3D_PT_words.draw(SimpleNamespace(layout=layout), bpy.context)
    text = " ".join(layout.texts).partition("Objects")[0]
    assert "Only one object is made, the dog; not used: robot." in text
    assert "Words on style and rendering have no effect: low poly." in text


def test_the_prompt_is_checked_with_every_key(addon):
    assert "TEXTEDIT_UPDATE" in TEXT3D_Settings.__annotations__["prompt"].keywords["options"]
    addon.prompt = "a zo"
    assert "Unknown: zo" in drawn()
    addon.prompt = "a zorg"
    assert "Unknown: zorg" in drawn()


def test_a_good_prompt_takes_the_same_line(addon):
    assert "Words known" in drawn()
    addon.prompt = "red"
    assert "Name an object" in drawn()
    addon.prompt = ""
    assert "Name an object" in drawn()


@pytest.mark.parametrize("model", ["shap-e/text300M", "point-e/base40M-uncond"])
def test_models_that_understand_free_text_are_not_checked(addon, model):
    addon.model, addon.prompt = model, "a wizard"
    assert "Unknown" not in drawn()
    assert "Words" not in drawn().splitlines()


def test_the_words_of_an_unused_prompt_are_not_checked(addon, scene):
    addon.prompt, scene.text3d_input = "a wizard", "image"
    assert "Unknown" not in drawn()


def test_a_typo_is_corrected_by_a_click(addon):
    addon.prompt = "A red Chiar"
    layout = RecordingLayout()
    assert "Did you mean\nchair" in drawn(layout)
    (button,) = [button for button in layout.buttons if button.identifier == "TEXT3D_OT_replace_word"]
    bpy.ops.text3d.replace_word(**button.values)
    assert addon.prompt == "A red chair"
    assert "Words known" in drawn()


def test_the_popover_inserts_words_by_kind(addon, trained_model):
    layout = RecordingLayout()
    TEXT3D_PT_words.draw(SimpleNamespace(layout=layout), bpy.context)
    for heading, word in (("Objects", "castle"), ("Colors", "purple"), ("Materials", "golden"), ("Parts", "backrest")):
        assert layout.texts.index(heading) < layout.texts.index(word)
    words = [button.values["word"] for button in layout.buttons]
    assert len(words) > 100
    addon.prompt = "a chair"
    bpy.ops.text3d.insert_word(word="purple")
    bpy.ops.text3d.insert_word(word="backrest")
    assert addon.prompt == "a purple chair with backrest"
    assert check_prompt(addon.prompt, addon.model).notice == ""


@pytest.mark.parametrize(
    ("prompt", "shown", "hidden"),
    [("a dragon", "horn", "backrest"), ("a chair", "backrest", "horn"), ("red", "", "horn")],
)
def test_the_popover_has_the_parts_of_the_object_that_is_named(addon, trained_model, prompt, shown, hidden):
    addon.prompt, layout = prompt, RecordingLayout()
    TEXT3D_PT_words.draw(SimpleNamespace(layout=layout), bpy.context)
    words = [button.values["word"] for button in layout.buttons]
    assert ("Parts" in layout.texts) is bool(shown)
    assert not shown or shown in words
    assert hidden not in words


def test_an_object_that_only_another_model_knows_is_one_click_away(addon, trained_model):
    addon.model, addon.prompt = "mini/point-e", "a red dragon with wings"
    layout = RecordingLayout()
    text = drawn(layout)
    assert "Not known: dragon\n" in text
    assert "Known to\nMini Shap-E" in text
    assert check_prompt(addon.prompt, addon.model).notice == "mini/point-e does not know 'dragon'; mini/shap-e does."
    (button,) = [button for button in layout.buttons if button.identifier == "TEXT3D_OT_choose_model"]
    bpy.ops.text3d.choose_model(**button.values)
    assert addon.model == "mini/shap-e"
    assert "Words known" in drawn()
    assert "Known to" not in drawn()


def test_a_model_that_does_not_exist_is_not_chosen(addon):
    assert bpy.ops.text3d.choose_model(model="mini/nothing") == {"CANCELLED"}
    assert addon.model == "mini/shap-e"


def test_an_object_that_no_model_knows_is_told_without_a_button(addon, untrained_model):
    addon.model = untrained_model
    addon.prompt, layout = "a red dragon with wings", RecordingLayout()
    text = drawn(layout)
    assert "Not known: dragon\n" in text
    assert "Known to" not in text
    assert check_prompt(addon.prompt, addon.model).notice == "mini/shap-e does not know 'dragon'."


def test_a_model_of_an_earlier_training_is_offered_its_own_words(addon, trained_model):
    addon.model, layout = "mini/point-e", RecordingLayout()
    TEXT3D_PT_words.draw(SimpleNamespace(layout=layout), bpy.context)
    words = {button.values["word"] for button in layout.buttons}
    assert "castle" in words
    assert "dragon" not in words
    addon.prompt = "a cup"
    assert "Words known" in drawn()
    addon.prompt = "a sofa"
    assert "Read as: armchair" in drawn()


@pytest.mark.parametrize("model", ["mini/three-step", "point-e/three-step"])
def test_the_words_of_three_steps_are_those_of_the_small_image_model_and_another_one_has_none(addon, model):
    addon.model, addon.image_model, addon.prompt = model, "mini/glide", "a red dragon"
    assert "Words known" in drawn()
    addon.prompt = "a red zorg"
    assert "Unknown: zorg" in drawn()
    addon.prompt = "a red Chiar"
    bpy.ops.text3d.replace_word(word="chiar", replacement="chair")
    bpy.ops.text3d.insert_word(word="small")
    assert addon.prompt == "a red small chair"
    addon.image_model, addon.prompt = "glide", "a red dragon"
    assert not {"Words known", "Words"} & set(drawn().splitlines())


@pytest.mark.parametrize(
    ("prompt", "word", "expected"),
    [("", "chair", "chair"), ("  ", "red", "red"), ("a big CHAIR", "red", "a big red CHAIR"),
     ("two chairs", "golden", "two golden chairs"), ("ice cream", "tall", "tall ice cream"),
     ("zorg ", "red", "zorg red"), ("a chair", "leg", "a chair with leg"), ("", "leg", "leg"),
     ("a chair with red", "leg", "a chair with red leg"), ("a chair with", "leg", "a chair with leg"),
     ("a chair with legs ", "seat", "a chair with legs and seat")],
)  # fmt: skip
def test_a_word_is_inserted_where_it_reads_well(prompt, word, expected):
    assert insert_word(prompt, word) == expected


def test_only_whole_words_are_replaced():
    assert replace_word("chiar, chiars and CHIAR", "chiar", "chair") == "chair, chiars and chair"


@pytest.mark.parametrize("words", [("dragon",), ("wizard", "riding", "dragon"), ("x" * 80,), ("a" * 80, "b")])
def test_many_or_long_unknown_words_fit_one_line(words):
    for intro in ("Unknown: ", "Not used: "):
        assert len(intro + shortened(words, intro)) <= MAX_CHARACTERS


def test_the_tables_of_words_are_loaded_after_the_first_drawing(addon, scene, monkeypatch):
    scheduled = []
    monkeypatch.setattr(prompt_check, "_is_loaded", [False])
    monkeypatch.setattr(prompt_words, "schedule", scheduled.append)  # as with a window
    monkeypatch.setattr(prompt_words, "check_prompt", lambda *_: pytest.fail("words were looked up while drawing"))
    layout = RecordingLayout()
    prompt_words.draw(layout, scene.text3d, bpy.context)
    assert (layout.texts, scheduled) == ([""], [prompt_words.load_tables])
    monkeypatch.undo()
    scheduled[0]()
    assert prompt_check.is_loaded()
    assert prompt_words.has_tables()
