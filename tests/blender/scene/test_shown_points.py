# SPDX-License-Identifier: GPL-3.0-or-later
"""Points that objects show, and the meshes made of them, by the same code in every Blender."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.names import COLOR
from blender_text3d.scene.point_cloud import default_radius, new_cloud_object
from blender_text3d.scene.points_to_mesh import ConversionError, points_mesh, replace_by_mesh, template
from blender_text3d.scene.shown_points import shown_points

POINTS = np.random.default_rng(1).random((30, 3), np.float32)
COLORS = np.random.default_rng(2).random((30, 3), np.float32)


def added(data_or_object, name="points"):
    target = data_or_object
    if not isinstance(target, bpy.types.Object):
        target = bpy.data.objects.new(name, data_or_object)
    bpy.context.scene.collection.objects.link(target)
    bpy.context.view_layer.update()
    return target


@pytest.fixture
def cloud_object(scene):
    return added(new_cloud_object("points", POINTS, COLORS))


def points_of(target):
    (found,) = shown_points([target]).values()
    return found


def vertex_mesh(points):
    data = bpy.data.meshes.new("vertices")
    data.from_pydata(points.tolist(), [], [])
    return data


def test_a_cloud_gives_its_points_colors_and_radii(cloud_object):
    found = points_of(cloud_object)
    np.testing.assert_array_equal(found.positions, POINTS)
    assert np.abs(found.colors - COLORS).max() <= 0.5 / 255 + 1e-6
    np.testing.assert_allclose(found.radii, default_radius(POINTS), rtol=1e-6)


def test_points_are_scaled_and_turned_around_the_origin_of_the_object(cloud_object):
    cloud_object.location, cloud_object.scale, cloud_object.rotation_euler = (5, 6, 7), (2, 2, 2), (0, 0, np.pi / 2)
    bpy.context.view_layer.update()
    found = points_of(cloud_object)
    x, y, z = POINTS.T
    np.testing.assert_allclose(found.positions, 2 * np.stack([-y, x, z], axis=1), atol=1e-5)
    np.testing.assert_allclose(found.location, (5, 6, 7))
    np.testing.assert_allclose(found.radii, 2 * default_radius(POINTS), rtol=1e-5)


def test_vertices_without_edges_are_points_with_the_color_of_the_material(scene):
    target = added(vertex_mesh(POINTS))
    material = bpy.data.materials.new("red")
    material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (1, 0, 0, 1)
    target.data.materials.append(material)
    bpy.context.view_layer.update()
    found = points_of(target)
    np.testing.assert_array_equal(found.positions, POINTS)
    np.testing.assert_allclose(found.colors, np.tile([1.0, 0, 0], (30, 1)), atol=1e-6)


def test_surfaces_empties_and_empty_clouds_show_no_points(scene):
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    targets = [cube, added(None, "empty"), added(vertex_mesh(POINTS[:0])), added(vertex_mesh(POINTS * np.nan))]
    assert shown_points(targets) == {}


def test_points_that_are_not_finite_are_left_out(scene):
    points = POINTS.copy()
    points[3, 1] = np.nan
    assert len(points_of(added(vertex_mesh(points))).positions) == len(points) - 1


@pytest.mark.parametrize(("shape", "subdivisions", "vertices", "faces"), [
    ("VERTICES", 0, 1, 0), ("CUBES", 0, 8, 6), ("SPHERES", 0, 12, 20), ("SPHERES", 1, 42, 80), ("SPHERES", 2, 162, 320),
])  # fmt: skip
def test_each_point_becomes_a_shape_of_its_color_and_radius(cloud_object, shape, subdivisions, vertices, faces):
    points = points_of(cloud_object)
    data = points_mesh(points, shape, subdivisions, 1.5)
    assert (len(data.vertices), len(data.polygons)) == (30 * vertices, 30 * faces)
    places = np.empty(3 * len(data.vertices), np.float32)
    data.attributes["position"].data.foreach_get("vector", places)
    offsets = places.reshape(30, vertices, 3) - POINTS[:, None]
    if shape != "VERTICES":
        expected = 1.5 * points.radii[0] * (3**0.5 if shape == "CUBES" else 1)
        np.testing.assert_allclose(np.linalg.norm(offsets, axis=2), expected, rtol=1e-3)
    stored = np.empty(4 * len(data.vertices), np.float32)
    data.attributes[COLOR].data.foreach_get("color_srgb", stored)
    shown = stored.reshape(30, vertices, 4)[..., :3]
    np.testing.assert_allclose(shown, np.broadcast_to(points.colors[:, None], shown.shape), atol=1e-3)
    assert not data.validate()


@pytest.mark.parametrize("shape", ["CUBES", "SPHERES"])
def test_shapes_are_closed_and_face_outward(shape):
    vertices, faces = template(shape, 1)
    edges = {tuple(edge) for face in faces.tolist() for edge in zip(face, face[1:] + face[:1], strict=True)}
    assert len(edges) == faces.size
    assert {(b, a) for a, b in edges} == edges
    first, second, third = vertices[faces[:, 0]], vertices[faces[:, 1]], vertices[faces[:, 2]]
    assert ((np.cross(second - first, third - first) * first).sum(axis=1) > 0).all()


def test_too_many_faces_are_refused(cloud_object, monkeypatch):
    monkeypatch.setattr("blender_text3d.scene.points_to_mesh.MAX_MADE_FACES", 30 * 80 - 1)
    with pytest.raises(ConversionError, match=r'"points" would get 2,400 faces; 2,399 is the limit\.'):
        points_mesh(points_of(cloud_object), "SPHERES", 1, 1.0)


def test_the_mesh_takes_the_place_of_the_points(cloud_object):
    cloud_object.location = (1, 2, 3)
    cloud_object.select_set(True)
    bpy.context.view_layer.objects.active = cloud_object
    bpy.context.view_layer.update()
    data = points_mesh(points_of(cloud_object), "CUBES", 0, 1.0)
    made = replace_by_mesh(cloud_object, data, keep_original=False)
    assert made.name == "points"
    assert tuple(made.location) == (1, 2, 3)
    assert bpy.context.view_layer.objects.active == made
    assert list(bpy.context.selected_objects) == [made]
    assert list(bpy.context.scene.objects) == [made]
