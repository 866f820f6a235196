# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects found by the job that made them."""

import bpy

from blender_text3d.scene.find import find_preview, find_previews, objects_of_job


def new_object(name, data=None, **properties):
    target = bpy.data.objects.new(name, data)
    for key, value in properties.items():
        target[key] = value
    return target


def new_mesh_object(name, **properties):
    return new_object(name, bpy.data.meshes.new(name), **properties)


def test_the_objects_of_a_job_include_the_users_copies_and_no_others(scene):
    first = new_object("chair", text3d_job_id="job-1")
    copy = first.copy()
    new_object("table", text3d_job_id="job-2")
    new_object("cube")
    assert objects_of_job("job-1") == [first, copy]


def test_linked_objects_do_not_belong_to_a_job_of_this_file(scene, link_all):
    own = new_mesh_object("chair", text3d_job_id="job-1", text3d_forming="job-1")
    own.use_fake_user = True
    (linked,) = link_all()
    assert linked["text3d_job_id"] == "job-1"
    assert objects_of_job("job-1") == [own]
    assert find_previews() == [own]


def test_a_linked_object_is_no_preview_even_under_the_name_that_is_tried_first(scene, link_all):
    own = new_mesh_object("chair", text3d_forming="job-1")
    own.use_fake_user = True
    link_all()
    bpy.data.objects.remove(own)
    assert find_preview("job-1", "chair") is None


def test_a_preview_is_found_by_its_name_first_and_by_its_job_then(scene):
    first, second = (new_mesh_object("chair", text3d_forming="job-1") for _ in range(2))
    assert second.name == "chair.001"
    assert find_preview("job-1", "chair.001") == second
    assert find_preview("job-1", "table") == first
    assert find_preview("job-2", "chair") is None


def test_another_object_of_the_name_is_not_the_preview(scene):
    new_mesh_object("chair")
    new_mesh_object("chair.001", text3d_forming="job-2")
    new_object("chair.002", text3d_forming="job-1")
    mine = new_mesh_object("chair.003", text3d_forming="job-1")
    assert [find_preview("job-1", f"chair{number}") for number in ("", ".001", ".002")] == [mine] * 3


def test_anything_but_a_mesh_with_a_job_id_is_no_preview(scene):
    mine = new_mesh_object("mine", text3d_forming="job-1")
    new_object("empty", text3d_forming="job-1")
    new_mesh_object("number", text3d_forming=5)
    new_mesh_object("list", text3d_forming=[1, 2])
    new_mesh_object("blank", text3d_forming="")
    new_mesh_object("none")
    assert find_previews() == [mine]
