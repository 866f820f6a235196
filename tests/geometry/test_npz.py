# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry files: round trips, and broken files refused with a message."""

import io
import pickle

import numpy as np
import pytest

from blender_text3d.geometry import Mesh, PointCloud, load_geometry, save_geometry

RANDOM = np.random.default_rng(7)
CLOUD = PointCloud(RANDOM.random((5, 3), np.float32), RANDOM.random((5, 3), np.float32))
MESH = Mesh(CLOUD.points, np.array([[0, 1, 2], [2, 3, 4]], np.int32), CLOUD.colors)


@pytest.mark.parametrize("geometry", [CLOUD, MESH], ids=["cloud", "mesh"])
def test_saved_and_loaded_values_are_equal(tmp_path, geometry):
    save_geometry(tmp_path / "a.npz", geometry)
    loaded = load_geometry(tmp_path / "a.npz")
    assert type(loaded) is type(geometry)
    for name, array in vars(geometry).items():
        np.testing.assert_array_equal(getattr(loaded, name), array)


def test_saving_leaves_no_other_file_behind(tmp_path):
    save_geometry(tmp_path / "a.npz", CLOUD)
    save_geometry(tmp_path / "a.npz", MESH)
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_a_save_that_fails_keeps_the_old_file(tmp_path):
    save_geometry(tmp_path / "a.npz", CLOUD)
    (tmp_path / "a.npz.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save_geometry(tmp_path / "a.npz", MESH)
    assert isinstance(load_geometry(tmp_path / "a.npz"), PointCloud)
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def truncated_file() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **vars(MESH))
    return buffer.getvalue()[:200]


@pytest.mark.parametrize(
    "content",
    [b"", b"not an archive", truncated_file(), pickle.dumps(CLOUD.points)],
    ids=["empty", "text", "half", "pickle"],
)
def test_a_broken_file_is_refused_with_a_message(tmp_path, content):
    (tmp_path / "mesh.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"mesh\.npz contains neither a point cloud nor a mesh"):
        load_geometry(tmp_path / "mesh.npz")


def test_pickled_objects_are_never_unpacked(tmp_path):
    np.savez(tmp_path / "a.npz", points=np.array([{"evil": 1}], object), colors=CLOUD.colors)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        load_geometry(tmp_path / "a.npz")


def test_geometry_is_stored_under_its_field_names_without_compression(tmp_path):
    cloud = PointCloud(np.zeros((9000, 3), np.float32), np.zeros((9000, 3), np.float32))
    save_geometry(tmp_path / "a.npz", cloud)
    assert (tmp_path / "a.npz").stat().st_size > cloud.points.nbytes + cloud.colors.nbytes
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays.files == ["points", "colors"]
    save_geometry(tmp_path / "a.npz", MESH)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays.files == ["vertices", "faces", "colors"]


@pytest.mark.parametrize(
    ("arrays", "cause"),
    [
        ({"points": CLOUD.points}, "missing 1 required positional argument: 'colors'"),
        (vars(CLOUD) | {"faces": MESH.faces}, "unexpected keyword argument 'faces'"),
        ({"vertices": MESH.vertices, "colors": MESH.colors}, "missing 1 required positional argument: 'faces'"),
        (vars(CLOUD) | {"colors": CLOUD.colors[:2]}, r"colors must be \(5, 3\) float32, not \(2, 3\) float32"),
        (vars(MESH) | {"faces": MESH.faces + 3}, "the mesh has 5 vertices"),
    ],
)
def test_arrays_that_are_no_geometry_are_refused_with_the_cause(tmp_path, arrays, cause):
    np.savez(tmp_path / "mesh.npz", **arrays)
    message = rf"^mesh\.npz contains neither a point cloud nor a mesh \(.*{cause}.*\)\. Generate the object again\.$"
    with pytest.raises(ValueError, match=message):
        load_geometry(tmp_path / "mesh.npz")


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_geometry(tmp_path / "mesh.npz")
