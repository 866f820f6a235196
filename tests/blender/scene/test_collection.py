# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection "Text3D", and objects in it."""

import bpy
import pytest

from blender_text3d.scene.collection import (
    ensure_in_scene,
    is_text3d_collection,
    refresh_view_layers,
    remove_if_empty,
    text3d_collection,
)


def new_collection(name, parent=None):
    collection = bpy.data.collections.new(name)
    if parent:
        parent.children.link(collection)
    return collection


def test_a_scene_gets_one_collection_that_is_linked_to_it(scene):
    made = text3d_collection(scene)
    assert made.name == "Text3D"
    assert list(scene.collection.children) == [made]
    assert text3d_collection(scene) == made
    assert list(bpy.data.collections) == [made]


def test_a_collection_that_the_user_put_into_another_is_used(scene):
    nested = new_collection("Text3D", new_collection("furniture", scene.collection))
    assert text3d_collection(scene) == nested
    assert len(scene.collection.children) == 1


def test_a_collection_that_the_user_unlinked_is_linked_again(scene):
    made = text3d_collection(scene)
    made.use_fake_user = False
    scene.collection.children.unlink(made)
    assert text3d_collection(scene) == made
    assert list(scene.collection.children) == [made]


def test_the_collection_of_another_scene_is_not_shared(scene):
    made = text3d_collection(scene)
    other = bpy.data.scenes.new("other")
    assert text3d_collection(other) != made
    assert text3d_collection(other).name == "Text3D.001"
    assert list(other.collection.children) == [text3d_collection(other)]


@pytest.mark.parametrize(
    ("name", "is_ours"), [("Text3D", True), ("Text3D.001", True), ("Text3D chairs", False), ("Collection", False)]
)
def test_a_numbered_collection_is_the_addons_and_one_of_a_longer_name_is_not(scene, name, is_ours):
    collection = new_collection(name, scene.collection)
    assert is_text3d_collection(collection) == is_ours
    assert (text3d_collection(scene) == collection) == is_ours


def test_a_linked_collection_is_not_the_addons(scene, tmp_path):
    text3d_collection(scene)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.collections = ["Text3D"]
    (linked,) = here.collections
    assert not is_text3d_collection(linked)
    remove_if_empty(linked)
    assert linked in set(bpy.data.collections)


def test_an_empty_collection_is_removed(scene):
    remove_if_empty(text3d_collection(scene))
    assert not bpy.data.collections


@pytest.mark.parametrize("content", ["object", "collection"])
def test_a_collection_that_holds_something_stays(scene, content):
    made = text3d_collection(scene)
    if content == "object":
        made.objects.link(bpy.data.objects.new("cube", None))
    else:
        new_collection("chairs", made)
    remove_if_empty(made)
    assert text3d_collection(scene) == made


def test_an_empty_collection_of_another_name_stays(scene):
    other = new_collection("Collection", scene.collection)
    remove_if_empty(other)
    assert list(bpy.data.collections) == [other]


def test_a_new_object_is_linked_to_the_collection(scene):
    target = bpy.data.objects.new("chair", None)
    ensure_in_scene(target, scene)
    assert list(target.users_collection) == [text3d_collection(scene)]
    assert target.name in scene.objects


def test_an_object_that_the_user_moved_to_another_collection_or_scene_stays_there(scene):
    target = bpy.data.objects.new("chair", None)
    other = bpy.data.scenes.new("other")
    other.collection.objects.link(target)
    ensure_in_scene(target, scene)
    assert list(target.users_scene) == [other]
    assert not bpy.data.collections


def test_an_object_in_an_unlinked_collection_comes_back_with_it(scene):
    target = bpy.data.objects.new("chair", None)
    ensure_in_scene(target, scene)
    made = text3d_collection(scene)
    scene.collection.children.unlink(made)
    ensure_in_scene(target, scene)
    assert list(scene.collection.children) == [made]
    assert list(target.users_collection) == [made]


def test_the_view_layers_of_every_scene_can_be_refreshed(scene):
    other = bpy.data.scenes.new("other")
    other.view_layers.new("second")
    target = bpy.data.objects.new("chair", None)
    other.collection.objects.link(target)
    refresh_view_layers()
    assert [list(layer.objects) for layer in other.view_layers] == [[target], [target]]
