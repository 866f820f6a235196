# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds of both kinds: native, and a mesh shown as points."""

import math

import bpy
import numpy as np
import pytest

from blender_text3d.scene.colors import mean_color_linear
from blender_text3d.scene.point_cloud import (
    default_radius,
    has_native_clouds,
    new_cloud_object,
    new_native_cloud,
    new_vertex_cloud,
    radius_of,
    set_radius,
)
from blender_text3d.scene.points_nodes import get_input, points_modifier

POINTS = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 4]], np.float32)
COLORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], np.float32)
KINDS = [
    pytest.param(
        new_native_cloud, marks=pytest.mark.skipif(not has_native_clouds(), reason="this Blender cannot make one")
    ),
    new_vertex_cloud,
]


@pytest.mark.parametrize("make", KINDS)
def test_a_cloud_has_its_points_colors_material_and_radius(scene, make):
    target = make("a red chair", POINTS, COLORS, 0.125)
    assert (target.name, target.data.name) == ("a red chair", "a red chair")
    position, color = (target.data.attributes[name].data for name in ("position", "Color"))
    assert [tuple(item.vector) for item in position] == [tuple(row) for row in POINTS.tolist()]
    assert [tuple(item.color_srgb) for item in color] == [(*row, 1) for row in COLORS.tolist()]
    (material,) = target.data.materials
    assert tuple(material.diffuse_color) == mean_color_linear(COLORS)
    assert radius_of(target) == 0.125


@pytest.mark.parametrize("make", KINDS)
def test_arrays_that_are_not_contiguous_give_the_same_cloud(scene, make):
    target = make("points", np.asfortranarray(POINTS), np.asfortranarray(COLORS), 0.125)
    position = target.data.attributes["position"].data
    assert [tuple(item.vector) for item in position] == [tuple(row) for row in POINTS.tolist()]


@pytest.mark.parametrize("make", KINDS)
def test_every_point_gets_the_new_radius(scene, make):
    target = make("points", POINTS, COLORS, 0.125)
    scene.collection.objects.link(target)
    set_radius(target, 0.25)
    assert radius_of(target) == 0.25
    bpy.context.view_layer.update()
    instances = bpy.context.evaluated_depsgraph_get().object_instances
    (shown,) = [item.object.data for item in instances if item.object.type == "POINTCLOUD"]
    assert [point.radius for point in shown.points] == [0.25] * 4


def test_the_modifier_of_a_vertex_cloud_has_the_material_of_its_data(scene):
    target = new_vertex_cloud("points", POINTS, COLORS, 0.125)
    assert list(target.data.materials) == [get_input(points_modifier(target), "Material")]


def test_a_vertex_cloud_without_its_modifier_has_no_radius_and_gets_none(scene):
    target = new_vertex_cloud("points", POINTS, COLORS, 0.125)
    target.modifiers.clear()
    set_radius(target, 0.25)
    assert radius_of(target) is None
    assert not target.modifiers


def test_a_point_cloud_of_no_points_or_without_radii_has_no_radius(scene):
    data = bpy.data.hair_curves.new("hair") if not hasattr(bpy.data, "pointclouds") else bpy.data.pointclouds.new("c")
    assert radius_of(bpy.data.objects.new("other", data)) is None


def test_a_new_cloud_is_native_where_blender_can_make_one_with_the_default_radius_and_mean_color(scene):
    target = new_cloud_object("points", POINTS, COLORS)
    assert (target.type == "POINTCLOUD") == has_native_clouds()
    assert radius_of(target) == pytest.approx(default_radius(POINTS))
    assert tuple(target.color) == pytest.approx(mean_color_linear(COLORS))


def test_the_default_radius_is_four_fifths_of_the_spacing_on_two_squares_of_the_longest_side():
    assert default_radius(POINTS) == pytest.approx(0.8 * 4 * math.sqrt(2 / 4))
    assert default_radius(POINTS + 7) == pytest.approx(default_radius(POINTS))
    assert default_radius(np.repeat(POINTS, 4, axis=0)) == pytest.approx(default_radius(POINTS) / 2)


def test_points_in_one_place_have_a_tiny_radius_above_zero():
    assert default_radius(np.ones((2, 3), np.float32)) == pytest.approx(0.8e-6)
