# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe in an object's custom properties. Files are untrusted: anything may stand there."""

import json

import bpy
import pytest

from blender_text3d.scene.recipe import recipe_of, write_recipe


@pytest.fixture
def target(scene):
    return bpy.data.objects.new("a red chair", None)


def test_a_recipe_is_stored_as_readable_text_with_its_job(target):
    write_recipe(target, "job-1", {"prompt": "كرسي", "seed": 7})
    assert target["text3d_recipe"] == '{\n "prompt": "كرسي",\n "seed": 7\n}'
    assert target["text3d_job_id"] == "job-1"
    assert recipe_of(target) == {"prompt": "كرسي", "seed": 7}


def test_no_object_and_an_object_without_a_recipe_have_none(target):
    assert recipe_of(None) is None
    assert recipe_of(target) is None


@pytest.mark.parametrize(("length", "is_read"), [(20_000, True), (20_001, False)])
def test_a_recipe_of_more_than_20000_characters_is_not_parsed(target, length, is_read):
    text = json.dumps({"prompt": ""})
    target["text3d_recipe"] = text.replace('""', '"' + "a" * (length - len(text)) + '"')
    assert len(target["text3d_recipe"]) == length
    assert (recipe_of(target) is not None) == is_read


@pytest.mark.parametrize("text", ["", "{", "[1]", '"text"', "null", "5", "[" * 20_000])
def test_text_that_is_not_a_json_object_is_no_recipe(target, text):
    target["text3d_recipe"] = text
    assert recipe_of(target) is None


@pytest.mark.parametrize("value", [5, 1.5, [1, 2], {"prompt": "a"}])
def test_a_property_that_is_not_text_is_no_recipe(target, value):
    target["text3d_recipe"] = value
    assert recipe_of(target) is None
