# SPDX-License-Identifier: GPL-3.0-or-later
"""What import_result makes of each combination of mesh, cloud and preview."""

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.mesh_report import count_mesh, report_of
from blender_text3d.scene.preview_object import show_preview
from blender_text3d.scene.recipe import recipe_of

CORNERS = np.array([[-1, -1, -1], [1, -1, -1], [1, 1, -1], [-1, 1, -1], [0, 0, 1]], np.float32)
FACES = np.array([[0, 2, 1], [0, 3, 2], [0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]], np.int32)
COLORS = np.full_like(CORNERS, 0.5)
MESH, CLOUD = Mesh(CORNERS, FACES, COLORS), PointCloud(CORNERS, COLORS)
NO_MESH = Mesh(*(np.zeros((0, 3), kind) for kind in (np.float32, np.int32, np.float32)))
NO_CLOUD = PointCloud(*np.zeros((2, 0, 3), np.float32))


def result_of(mesh=None, cloud=None, **changes):
    return Result("job-1", "a tent", {"seed": 1}, mesh, cloud, 4.0, (10.0, 20.0, 30.0), **changes)


def preview(scene):
    return show_preview("job-1", "a tent", CLOUD, size=4.0, location=(1, 2, 3), scene=scene)


def is_cloud(target):
    return target.type == "POINTCLOUD" or not target.data.polygons


def test_by_default_a_result_is_not_rotated_not_limited_and_smooth(scene):
    result = result_of(MESH)
    assert (result.rotation_deg, result.max_faces, result.is_flat) == (0, 0, False)


def test_a_mesh_and_its_cloud_one_and_a_quarter_sizes_behind_it(scene):
    solid, points = import_result(result_of(MESH, CLOUD), scene)
    assert (is_cloud(solid), is_cloud(points)) == (False, True)
    assert tuple(solid.location) == (10, 20, 30)
    assert tuple(points.location) == (10, 25, 30)
    assert [recipe_of(target) for target in (solid, points)] == [{"seed": 1}] * 2
    assert [target["text3d_job_id"] for target in (solid, points)] == ["job-1"] * 2
    assert all(target.name in scene.objects for target in (solid, points))


@pytest.mark.parametrize("mesh", [None, NO_MESH])
def test_a_cloud_alone_stands_at_the_location(scene, mesh):
    (points,) = import_result(result_of(mesh, CLOUD), scene)
    assert is_cloud(points)
    assert tuple(points.location) == (10, 20, 30)


@pytest.mark.parametrize("cloud", [None, NO_CLOUD])
def test_a_mesh_alone_stands_at_the_location(scene, cloud):
    (solid,) = import_result(result_of(MESH, cloud), scene)
    assert not is_cloud(solid)
    assert tuple(solid.location) == (10, 20, 30)


@pytest.mark.parametrize("mesh", [None, NO_MESH])
@pytest.mark.parametrize("cloud", [None, NO_CLOUD])
def test_a_result_without_points_is_refused_and_leaves_the_preview(scene, mesh, cloud):
    forming = preview(scene)
    with pytest.raises(ValueError, match='^"a tent" has no geometry. Try another seed.$'):
        import_result(result_of(mesh, cloud), scene)
    assert list(scene.objects) == [forming]


def test_a_mesh_takes_the_object_of_the_preview_and_a_cloud_stands_behind_where_it_was(scene):
    forming = preview(scene)
    forming.location, forming.rotation_euler.z = (5, 6, 7), 0.5
    solid, points = import_result(result_of(MESH, CLOUD), scene)
    assert solid == forming
    assert "text3d_forming" not in solid
    assert (tuple(solid.location), tuple(points.location)) == ((5, 6, 7), (5, 11, 7))
    assert points.rotation_euler.z == pytest.approx(0.5)
    assert list(scene.objects) == [solid, points]


def test_a_cloud_replaces_the_preview_where_it_was(scene):
    preview(scene).location = (5, 6, 7)
    (points,) = import_result(result_of(None, CLOUD), scene)
    assert list(scene.objects) == [points]
    assert tuple(points.location) == (5, 6, 7)


def test_the_preview_of_another_job_stays(scene):
    other = show_preview("job-2", "a tent", CLOUD, size=4.0, location=(1, 2, 3), scene=scene)
    (solid,) = import_result(result_of(MESH), scene)
    assert solid != other
    assert other["text3d_forming"] == "job-2"
    assert set(scene.objects) == {solid, other}


@pytest.mark.parametrize("kind", ["mesh", "cloud"])
def test_the_geometry_has_the_size_and_the_rotation_of_the_result(scene, kind):
    corners = CORNERS * np.array([1, 0.5, 1], np.float32)
    geometry = {"mesh": Mesh(corners, FACES, COLORS), "cloud": PointCloud(corners, COLORS)}[kind]
    (target,) = import_result(result_of(**{kind: geometry}, rotation_deg=90), scene)
    points = np.array([item.vector for item in target.data.attributes["position"].data])
    np.testing.assert_array_equal(points, [[1, -2, 0], [1, 2, 0], [-1, 2, 0], [-1, -2, 0], [0, 0, 4]])


def test_the_mesh_has_its_report_material_limit_and_shading(scene):
    (target,) = import_result(result_of(MESH, max_faces=3, is_flat=True), scene)
    assert report_of(target.data) == count_mesh(target.data)
    assert report_of(target.data).is_closed
    assert [material.name for material in target.data.materials] == [target.data.name]
    assert [modifier.ratio for modifier in target.modifiers] == [0.5]
    assert not any(face.use_smooth for face in target.data.polygons)
    assert target.data.name == "a tent"


def test_the_report_counts_the_mesh_after_its_repair(scene):
    doubled = Mesh(CORNERS, np.concatenate([FACES, FACES[:1]]), COLORS)
    (target,) = import_result(result_of(doubled), scene)
    assert report_of(target.data).faces == len(FACES)


def test_the_limit_is_compared_with_the_faces_after_the_repair(scene):
    doubled = Mesh(CORNERS, np.concatenate([FACES, FACES[:1]]), COLORS)
    assert not import_result(result_of(doubled, max_faces=len(FACES)), scene)[0].modifiers


def test_only_the_preview_of_this_job_in_this_file_is_used(scene):
    bpy.data.objects.new("a tent", None)
    (target,) = import_result(result_of(MESH), scene)
    assert target.name == "a tent.001"
