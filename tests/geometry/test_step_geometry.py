# SPDX-License-Identifier: GPL-3.0-or-later
"""The meshes or clouds of all steps in one file, which may be damaged or hostile."""

import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.geometry.step_geometry import load_step_geometry, packed, save_step_geometry

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 0.5, 0], [0, 0, -0.25]], np.float32)
FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)
COLORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.4, 0.6]], np.float32)
EMPTY = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 3), np.float32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "steps.npz"


def test_meshes_come_back_step_by_step_within_a_level_of_their_box(path):
    steps = [Mesh(CORNERS, FACES, COLORS), EMPTY, Mesh(CORNERS[:3] * 2, FACES[:1], COLORS[:3])]
    save_step_geometry(path, steps)
    loaded = load_step_geometry(path)
    assert [len(mesh.faces) for mesh in loaded] == [4, 0, 1]
    for before, after in zip(steps, loaded, strict=True):
        assert np.array_equal(before.faces, after.faces)
        assert np.abs(before.vertices - after.vertices).max(initial=0) <= 2.25 / 65535
        assert np.abs(before.colors - after.colors).max(initial=0) <= 0.5 / 255 + 1e-6


def test_clouds_come_back_with_a_number_of_points_of_their_own(path):
    save_step_geometry(path, [PointCloud(CORNERS[:2], COLORS[:2]), PointCloud(CORNERS, COLORS)])
    loaded = load_step_geometry(path)
    assert all(isinstance(cloud, PointCloud) for cloud in loaded)
    assert [len(cloud.points) for cloud in loaded] == [2, 4]
    assert np.allclose(loaded[1].points, CORNERS, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position_counts", np.array([4, 9], np.int32)),
        ("position_counts", np.array([9, -1], np.int32)),
        ("position_counts", np.array([[4, 4]], np.int32)),
        ("position_counts", np.array([], np.int32)),
        ("face_counts", np.array([4], np.int32)),
        ("faces", np.concatenate([FACES, FACES + 4])),
        ("faces", FACES.astype(np.float32)),
        ("positions", np.zeros((8, 3), np.float32)),
        ("positions", np.zeros((8, 2), np.uint16)),
        ("colors", np.zeros((7, 3), np.uint8)),
        ("low", np.array([np.nan, 0, 0], np.float32)),
        ("side", np.array(np.inf, np.float32)),
        ("version", np.array([1, 1], np.int32)),
    ],
)
def test_arrays_that_contradict_each_other_are_refused_in_one_sentence(path, name, value):
    mesh = Mesh(CORNERS, FACES, COLORS)
    np.savez_compressed(path, **packed([mesh, mesh]) | {name: value})
    with pytest.raises(ValueError, match=r"^steps.npz contains no steps of a job .*Generate the object again\.$"):
        load_step_geometry(path)


def test_a_file_of_another_version_is_named_as_such(path):
    np.savez(path, **packed([EMPTY]) | {"version": np.array(2, np.int32)})
    with pytest.raises(ValueError, match="steps.npz was written by another version of the add-on"):
        load_step_geometry(path)


def test_half_a_file_is_refused(path):
    save_step_geometry(path, [Mesh(CORNERS, FACES, COLORS)])
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValueError, match="contains no steps"):
        load_step_geometry(path)


def test_nothing_is_written_without_steps(path):
    with pytest.raises(ValueError, match="no steps"):
        save_step_geometry(path, [])
    assert not path.exists()
