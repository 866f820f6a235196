# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished result in the scene: its location, size, name and custom properties."""

import json

import bpy
import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.scene.find import objects_of_job
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.placement import SPACING, cell_offset, units_per_meter
from blender_text3d.scene.recipe import recipe_of

RECIPE = {"prompt": "a red chair", "seed": 7, "model": "mini/shap-e"}


def result_of(mesh=None, cloud=None, **changes):
    values = {"job_id": "job-1", "name": "a red chair", "recipe": RECIPE, "size": 2.0, "location": (3.0, -1.0, 0.5)}
    return Result(mesh=mesh, cloud=cloud, **(values | changes))


def points_of(target):
    source = target.data
    points = np.empty(len(source.attributes["position"].data) * 3, np.float32)
    source.attributes["position"].data.foreach_get("vector", points)
    return points.reshape(-1, 3)


def bounds_in_world(target):
    points = points_of(target) + np.array(target.location, np.float32)
    return points.min(axis=0), points.max(axis=0)


@pytest.mark.parametrize("kind", ["mesh", "cloud"])
def test_an_object_is_on_the_ground_at_its_location_with_the_requested_size(scene, mesh, cloud, kind):
    (target,) = import_result(result_of(**{kind: {"mesh": mesh, "cloud": cloud}[kind]}), scene)
    low, high = bounds_in_world(target)
    assert low[2] == pytest.approx(0.5, abs=1e-5)
    np.testing.assert_allclose((low + high)[:2] / 2, (3.0, -1.0), atol=1e-5)
    assert (high - low).max() == pytest.approx(2.0, rel=1e-5)
    assert list(target.scale) == [1, 1, 1]


def test_up_in_the_model_is_up_in_the_scene(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    assert int(points_of(target)[:, 2].argmax()) == int(mesh.vertices[:, 2].argmax())
    assert target.matrix_basis.to_euler().to_matrix() == target.matrix_basis.to_3x3()


def test_faces_point_outwards(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    center = np.array(points_of(target)).mean(axis=0)
    outward = [np.dot(face.normal, np.array(face.center) - center) for face in target.data.polygons]
    assert min(outward) > 0


def test_the_object_is_named_after_the_prompt_and_is_in_the_text3d_collection(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    assert target.name == "a red chair"
    assert [collection.name for collection in target.users_collection] == ["Text3D"]


def test_a_second_scene_gets_its_own_collection(scene, mesh):
    import_result(result_of(mesh=mesh), scene)
    other = bpy.data.scenes.new("other")
    (target,) = import_result(result_of(mesh=mesh, job_id="job-2"), other)
    assert target.name in other.collection.all_objects
    assert target.name not in scene.collection.all_objects


@pytest.mark.parametrize("name", ["🪑 chair", "كرسي أحمر", "a" * 300])
def test_any_prompt_can_be_an_object_name(scene, mesh, name):
    (target,) = import_result(result_of(mesh=mesh, name=name), scene)
    assert name.startswith(target.name)


def test_both_outputs_are_a_mesh_and_a_cloud_behind_it(scene, mesh, cloud):
    solid, points = import_result(result_of(mesh=mesh, cloud=cloud), scene)
    solid_low, solid_high = bounds_in_world(solid)
    points_low, _ = bounds_in_world(points)
    assert points_low[1] > solid_high[1]
    assert points_low[2] == pytest.approx(solid_low[2], abs=1e-5)


def test_results_in_a_row_never_touch():
    offsets = np.array([cell_offset(index, 2.0, rows_per_result=2) for index in range(25)])
    gaps = np.abs(offsets[:, None] - offsets[None]).max(axis=-1) + np.eye(25) * 9
    assert gaps.min() > 2.0


def test_the_clouds_of_a_row_do_not_touch_the_meshes_of_the_row_behind():
    meshes = np.array([cell_offset(index, 2.0, rows_per_result=2) for index in range(25)])
    offsets = np.concatenate([meshes, meshes + np.array([0, 2.0 * SPACING, 0])])
    gaps = np.abs(offsets[:, None] - offsets[None]).max(axis=-1) + np.eye(50) * 9
    assert gaps.min() > 2.0


def test_sizes_in_meters_are_converted_in_a_scene_in_centimeters(scene):
    scene.unit_settings.system = "METRIC"
    scene.unit_settings.scale_length = 0.01
    assert units_per_meter(scene) == pytest.approx(100)


def test_the_object_stores_its_recipe_as_readable_json_and_its_job(scene, mesh):
    (target,) = import_result(result_of(mesh=mesh), scene)
    assert json.loads(target["text3d_recipe"]) == RECIPE
    assert recipe_of(target) == RECIPE
    assert objects_of_job("job-1") == [target]


@pytest.mark.parametrize("text", ["", "{", "[1]", 5])
def test_an_invalid_recipe_reads_as_none(scene, mesh, text):
    (target,) = import_result(result_of(mesh=mesh), scene)
    target["text3d_recipe"] = text
    assert recipe_of(target) is None


def test_the_same_result_twice_is_the_same_geometry(scene, mesh):
    (first,) = import_result(result_of(mesh=mesh), scene)
    (second,) = import_result(result_of(mesh=mesh, job_id="job-2"), scene)
    np.testing.assert_array_equal(points_of(first), points_of(second))


def test_a_result_without_geometry_is_refused_with_a_message(scene):
    nothing = Mesh(*(np.zeros((0, 3), kind) for kind in (np.float32, np.int32, np.float32)))
    with pytest.raises(ValueError, match="has no geometry"):
        import_result(result_of(mesh=nothing), scene)


def test_a_single_point_can_be_imported(scene):
    point = PointCloud(points=np.ones((1, 3), np.float32), colors=np.ones((1, 3), np.float32))
    (target,) = import_result(result_of(cloud=point), scene)
    np.testing.assert_array_equal(points_of(target), [[0, 0, 0]])


@pytest.mark.parametrize("is_flat", [False, True])
def test_faces_are_shaded_flat_only_on_request(scene, mesh, is_flat):
    (target,) = import_result(result_of(mesh=mesh, is_flat=is_flat), scene)
    assert {polygon.use_smooth for polygon in target.data.polygons} == {not is_flat}
