# SPDX-License-Identifier: GPL-3.0-or-later
"""A generated object is found again by name, ID and session UID."""

import bpy
import pytest

from blender_text3d.scene.names import OBJECT_ID, RECIPE
from blender_text3d.scene.object_id import find_generated, object_id


@pytest.fixture
def target(scene):
    target = bpy.data.objects.new("a red chair", bpy.data.meshes.new("a red chair"))
    scene.collection.objects.link(target)
    target[RECIPE] = "{}"
    return target


def test_an_id_stays_and_two_objects_have_different_ones(target, scene):
    other = bpy.data.objects.new("other", None)
    assert object_id(target) == object_id(target) != object_id(other)


def test_a_renamed_object_is_found(target):
    known = target.name, object_id(target), target.session_uid
    target.name = "my chair"
    assert find_generated(*known) == target
    assert find_generated(*known[:2], 0) == target


def test_among_copies_the_one_of_that_name_is_found(target, scene):
    known = object_id(target)
    copy = target.copy()
    copy.name = "0 copy"
    assert find_generated("a red chair", known, 0) == target
    assert find_generated("0 copy", known, 0) == copy
    assert find_generated("gone", known, target.session_uid) == target


def test_an_object_whose_id_was_undone_is_found_by_its_name(target):
    assert find_generated("a red chair", "gone", 0) == target
    del target[RECIPE]
    assert find_generated("a red chair", "gone", 0) is None


def test_another_object_of_that_name_is_not_taken_for_it(target):
    object_id(target)
    assert find_generated("a red chair", "another", 0) is None


def test_an_id_from_an_untrusted_file_may_be_anything(target):
    target[OBJECT_ID] = [1, 2]
    assert find_generated("a red chair", "gone", 0) == target
    assert isinstance(object_id(target), str)
