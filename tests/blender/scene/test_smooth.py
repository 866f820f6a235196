# SPDX-License-Identifier: GPL-3.0-or-later
"""Smoothing by geometry nodes: bumps go, the volume stays."""

import bpy
import numpy as np
import pytest

from blender_text3d.scene.decimate import set_face_limit
from blender_text3d.scene.face_orientation import volumes
from blender_text3d.scene.nearest_surface import positions_of
from blender_text3d.scene.smooth import set_smooth, smooth_modifier, smooth_values
from tests.blender.mesh_measures import add_colored_ball


def shown(target):
    bpy.context.view_layer.update()
    return target.evaluated_get(bpy.context.evaluated_depsgraph_get()).data


def volume(data):
    return volumes(data, np.zeros(len(data.polygons), np.int32), np.zeros(len(data.polygons), bool))[0]


def roughness(data):
    return np.linalg.norm(positions_of(data), axis=1).std()


@pytest.fixture
def rough_ball(scene):
    """A sphere whose radius varies by 1 % from vertex to vertex."""
    target = add_colored_ball(5)
    positions = positions_of(target.data)
    positions *= 1 + 0.01 * np.random.default_rng(0).standard_normal((len(positions), 1))
    target.data.attributes["position"].data.foreach_set("vector", positions.astype(np.float32).ravel())
    target.data.update()
    return target


@pytest.mark.parametrize(("iterations", "loss"), [(4, 0.001), (20, 0.01)])
def test_bumps_go_and_the_volume_stays(rough_ball, iterations, loss):
    before = volume(rough_ball.data)
    set_smooth(rough_ball, iterations, 0.5)
    assert roughness(shown(rough_ball)) < 0.4 * roughness(rough_ball.data)
    assert volume(shown(rough_ball)) == pytest.approx(before, rel=loss)


def test_colors_and_faces_stay(rough_ball):
    set_smooth(rough_ball, 4, 0.5)
    data = shown(rough_ball)
    assert len(data.polygons) == len(rough_ball.data.polygons)
    assert data.attributes["Color"].data[0].color_srgb[:] == rough_ball.data.attributes["Color"].data[0].color_srgb[:]


def test_smoothing_again_changes_the_modifier_and_zero_removes_it(rough_ball):
    set_smooth(rough_ball, 4, 0.5)
    set_smooth(rough_ball, 9, 0.25)
    assert [smooth_values(modifier) for modifier in rough_ball.modifiers] == [(9, 0.25)]
    assert roughness(shown(rough_ball)) < roughness(rough_ball.data)
    set_smooth(rough_ball, 0, 0.5)
    assert not rough_ball.modifiers
    set_smooth(rough_ball, 0, 0.5)


def test_it_comes_before_decimate_whichever_was_first(rough_ball):
    set_face_limit(rough_ball, 500)
    set_smooth(rough_ball, 4, 0.5)
    assert [modifier.type for modifier in rough_ball.modifiers] == ["NODES", "DECIMATE"]
    set_face_limit(rough_ball, 10**6)
    set_face_limit(rough_ball, 400)
    assert [modifier.type for modifier in rough_ball.modifiers] == ["NODES", "DECIMATE"]


def test_a_node_group_that_the_user_deleted_is_made_again(rough_ball):
    set_smooth(rough_ball, 4, 0.5)
    bpy.data.node_groups.remove(bpy.data.node_groups["Text3D Smooth"])
    assert smooth_modifier(rough_ball) is None
    set_smooth(rough_ball, 4, 0.5)
    assert roughness(shown(rough_ball)) < 0.4 * roughness(rough_ball.data)
