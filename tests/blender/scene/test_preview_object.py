# SPDX-License-Identifier: GPL-3.0-or-later
"""The object while it forms, and how the finished one takes its place."""

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import PointCloud
from blender_text3d.scene.collection import text3d_collection
from blender_text3d.scene.find import find_preview, find_previews
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.preview_object import (
    MAX_POINTS,
    delete_previews,
    fill_with_tetrahedra,
    hide_previews,
    remove_with_data,
    show_preview,
    warm_up,
)


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


def vectors(data):
    return np.array([vertex.co for vertex in data.vertices], np.float32)


def test_a_preview_has_the_size_location_and_job_that_were_asked_for(scene, mesh):
    half_as_large = show_preview("job-1", "small", mesh, size=1.0, location=(1.0, 2.0, 3.0), scene=scene)
    target = show_preview("job-2", "large", mesh, size=2.0, location=(4.0, 5.0, 6.0), scene=scene)
    assert (tuple(target.location), target.name, target["text3d_forming"]) == ((4, 5, 6), "large", "job-2")
    assert (target.data.name, list(target.users_collection)) == ("large", [text3d_collection(scene)])
    np.testing.assert_allclose(vectors(target.data), 2 * vectors(half_as_large.data), atol=1e-6)
    assert np.ptp(vectors(target.data), axis=0).max() == pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize("rotation_deg", [0, 90])
def test_a_preview_of_points_is_placed_like_one_of_a_mesh(scene, mesh, cloud, rotation_deg):
    arguments = {"size": 2.0, "location": (0, 0, 0), "scene": scene, "rotation_deg": rotation_deg}
    solid = vectors(show_preview("job-1", "mesh", mesh, **arguments).data)
    corners = vectors(show_preview("job-2", "cloud", cloud, **arguments).data)
    np.testing.assert_allclose(corners.reshape(-1, 4, 3).mean(axis=1), solid, atol=1e-6)


def test_one_point_far_away_does_not_shrink_the_preview(show):
    points = np.random.default_rng(0).random((500, 3), dtype=np.float32)
    points[0] = 1000
    target = show(PointCloud(points, np.ones_like(points)))
    assert np.ptp(vectors(target.data)[4:], axis=0).max() == pytest.approx(1.0, rel=0.1)


def test_a_preview_that_the_user_edits_is_left_alone(show, mesh, cloud):
    target = show(mesh)
    bpy.context.view_layer.objects.active = target
    bpy.ops.object.mode_set(mode="EDIT")
    assert show(cloud) is None
    assert find_previews() == [target]
    bpy.ops.object.mode_set(mode="OBJECT")
    assert len(target.data.polygons) == len(mesh.faces)


def test_a_preview_has_a_material_of_its_newest_mean_color(show, cloud):
    show(PointCloud(cloud.points, np.zeros_like(cloud.colors)))
    target = show(PointCloud(cloud.points, np.ones_like(cloud.colors)))
    assert [tuple(material.diffuse_color) for material in target.data.materials] == [(1, 1, 1, 1)]


def test_a_point_is_shown_as_a_colored_tetrahedron_of_a_125th_of_the_size(scene):
    points, colors = np.array([[1, 2, 3], [4, 5, 6]], np.float32), np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    data = bpy.data.meshes.new("points")
    fill_with_tetrahedra(data, points, colors, 10.0)
    corners = 0.08 * np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    np.testing.assert_allclose(vectors(data), np.concatenate([points[0] + corners, points[1] + corners]), rtol=1e-6)
    assert [tuple(item.color_srgb)[:3] for item in data.attributes["Color"].data] == [(1, 0, 0)] * 4 + [(0, 0, 1)] * 4
    assert [{vertex // 4 for vertex in face.vertices} for face in data.polygons] == [{0}] * 4 + [{1}] * 4
    centers = points[np.arange(8) // 4]
    outward = [
        np.dot(face.normal, np.array(face.center) - center) for face, center in zip(data.polygons, centers, strict=True)
    ]
    assert min(outward) > 0


@pytest.mark.parametrize(("count", "shown"), [(4096, 4096), (4097, 2049), (8192, 4096), (8193, 2731)])
def test_of_more_than_4096_points_every_second_or_third_is_shown(scene, count, shown):
    points = np.arange(count, dtype=np.float32)[:, None].repeat(3, axis=1)
    data = bpy.data.meshes.new("points")
    fill_with_tetrahedra(data, points, points / count, 1.0)
    assert len(data.polygons) == 4 * shown
    every = -(-count // 4096)
    np.testing.assert_allclose(vectors(data).reshape(-1, 4, 3).mean(axis=1), points[::every], atol=1e-3)


def test_warming_up_leaves_nothing_in_the_file(scene):
    warm_up()
    assert [len(kind) for kind in (bpy.data.meshes, bpy.data.materials, bpy.data.objects, bpy.data.collections)] == [
        0, 0, 0, 0,
    ]  # fmt: skip


def test_deleting_previews_deletes_all_by_default(show, mesh):
    show(mesh, "first")
    show(mesh, "second")
    delete_previews()
    assert not bpy.data.objects


def test_previews_hide_before_an_undo_except_those_that_other_objects_refer_to(show, scene, mesh):
    show(mesh, "alone").location = (9, 9, 9)
    kept, own = show(mesh, "kept"), show(mesh, "own")
    other = bpy.data.objects.new("cube", None)
    other.parent = kept
    own.constraints.new("COPY_LOCATION").target = own
    hide_previews()
    assert find_previews() == [kept]
    assert set(bpy.data.objects) == {kept, other}
    hide_previews()
    assert find_previews() == [kept]


def test_removing_an_object_removes_its_mesh_material_and_empty_collection(show, mesh):
    remove_with_data(show(mesh))
    assert not [*bpy.data.objects, *bpy.data.meshes, *bpy.data.materials, *bpy.data.collections]


def test_removing_an_object_without_a_material_in_its_slot_removes_its_mesh(show, mesh):
    target = show(mesh)
    bpy.data.materials.remove(target.data.materials[0])
    remove_with_data(target)
    assert not bpy.data.meshes


def test_a_mesh_or_material_or_collection_that_something_else_uses_stays(show, scene, mesh):
    target, other = show(mesh, "first"), show(mesh, "second")
    data, material = target.data, target.data.materials[0]
    other.data.materials[0] = material
    remove_with_data(target)
    assert list(bpy.data.meshes) == [other.data]
    assert list(other.data.materials) == [material]
    assert list(other.users_collection) == [text3d_collection(scene)]
    copy = other.copy()
    data = other.data
    remove_with_data(other)
    assert (copy.data, list(data.materials)) == (data, [material])


def test_an_object_in_edit_mode_is_not_removed(show, mesh):
    target = show(mesh)
    bpy.context.view_layer.objects.active = target
    bpy.ops.object.mode_set(mode="EDIT")
    remove_with_data(target)
    assert find_previews() == [target]
    bpy.ops.object.mode_set(mode="OBJECT")
