# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes that are copied badly: flat ones, and parts far from each other."""

import numpy as np
import pytest
import trimesh

from blender_text3d.engine.shap_e.encoding.object_file import object_mesh
from blender_text3d.engine.shap_e.encoding.object_shape import shape_notice, widest_gap


def notice(tmp_path, *boxes):
    parts = []
    for sides, place in boxes:
        parts.append(trimesh.creation.box(sides))
        parts[-1].apply_translation(place)
    trimesh.util.concatenate(parts).export(tmp_path / "part.ply")
    return shape_notice(object_mesh(tmp_path / "part.ply"), "part.ply")


@pytest.mark.parametrize("size", [1e-4, 1.0, 1e5])
def test_a_solid_object_of_any_size_has_no_notice(tmp_path, size):
    assert notice(tmp_path, ((size, size / 2, size / 3), (5 * size, 0, 0))) is None


@pytest.mark.parametrize("size", [1e-4, 1.0, 1e5])
def test_parts_far_from_each_other_are_told(tmp_path, size):
    parts = ((size, size, size), (0, 0, 0)), ((size, size, size), (10 * size, 0, 0))
    assert "far apart" in notice(tmp_path, *parts)


def test_near_parts_are_not_told(tmp_path):
    assert notice(tmp_path, ((1, 1, 1), (0, 0, 0)), ((1, 1, 1), (0, 0, 1.5))) is None


def test_a_flat_object_is_told(tmp_path):
    assert "is flat" in notice(tmp_path, ((1, 1, 0.001), (0, 0, 0)))


def test_an_interval_within_another_makes_no_gap():
    assert widest_gap(np.array([0.0, 1.0, 6.0]), np.array([5.0, 2.0, 7.0])) == 1.0
