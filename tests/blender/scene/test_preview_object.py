# SPDX-License-Identifier: GPL-3.0-or-later
"""The object while it forms, and how the finished one takes its place."""

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import PointCloud
from blender_text3d.scene.find import find_preview, find_previews
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.preview_object import MAX_POINTS, delete_previews, show_preview


@pytest.fixture
def show(scene):
    def show(geometry, job_id="job-1"):
        return show_preview(job_id, "a red chair", geometry, size=1.0, location=(1.0, 2.0, 0.0), scene=scene)

    return show


def result_of(mesh, cloud=None):
    return Result("job-1", "a red chair", {"seed": 1}, mesh, cloud, 1.0, (1.0, 2.0, 0.0))


def test_every_preview_refills_one_object(show, mesh, cloud):
    first = show(cloud)
    assert show(mesh) == first
    assert len(first.data.polygons) == len(mesh.faces)
    assert show(cloud) == first
    assert len(first.data.polygons) == 4 * len(cloud.points)
    assert len(bpy.data.meshes) == 1


def test_a_preview_that_the_user_renamed_and_moved_is_found_again(show, mesh):
    target = show(mesh)
    target.name = "renamed"
    target.location = (9, 9, 9)
    assert show(mesh) == target
    assert tuple(target.location) == (9, 9, 9)


def test_a_preview_that_the_user_deleted_comes_back(show, mesh):
    bpy.data.objects.remove(show(mesh))
    assert len(show(mesh).data.polygons) == len(mesh.faces)


def test_many_points_are_thinned(show):
    many = PointCloud(*np.random.default_rng(0).random((2, 3 * MAX_POINTS + 5, 3), dtype=np.float32))
    assert len(show(many).data.polygons) <= 4 * MAX_POINTS


def test_a_preview_without_points_shows_nothing(show):
    assert show(PointCloud(*np.zeros((2, 0, 3), np.float32))) is None
    assert not bpy.data.objects


def test_the_finished_mesh_replaces_the_preview_at_its_current_location(show, scene, mesh, cloud):
    forming = show(cloud)
    forming.location = (5, 6, 7)
    forming.rotation_euler.z = 1.0
    (target,) = import_result(result_of(mesh), scene)
    assert target == forming
    assert not find_previews()
    assert tuple(target.location) == (5, 6, 7)
    assert target.rotation_euler.z == pytest.approx(1.0)
    assert len(target.data.polygons) == len(mesh.faces)


def test_a_collection_unlinked_during_the_preview_is_linked_again_with_the_object(show, scene, mesh, cloud):
    forming = show(cloud)
    (home,) = forming.users_collection
    scene.collection.children.unlink(home)
    (target,) = import_result(result_of(mesh), scene)
    assert target == forming
    assert target.name in scene.objects
    assert list(target.users_collection) == [home]


def test_a_finished_cloud_replaces_the_preview_at_its_current_location(show, scene, mesh, cloud):
    show(mesh).location = (5, 6, 7)
    (target,) = import_result(result_of(None, cloud), scene)
    assert list(bpy.data.objects) == [target]
    assert tuple(target.location) == (5, 6, 7)


def test_the_finished_object_comes_also_without_a_preview(scene, mesh):
    (target,) = import_result(result_of(mesh), scene)
    assert tuple(target.location) == (1.0, 2.0, 0.0)


def test_previews_of_ended_jobs_are_swept_with_their_data(show, mesh):
    show(mesh, "ended")
    kept = show(mesh, "running")
    delete_previews(keep={"running"})
    assert find_previews() == [kept]
    assert len(bpy.data.meshes) == 1
    assert len(bpy.data.materials) == 1


def test_a_preview_is_found_by_its_job_not_by_its_name(show, mesh):
    target = show(mesh)
    assert find_preview("job-1", "another name") == target
    assert find_preview("job-2", target.name) is None
