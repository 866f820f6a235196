# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendered views in a mesh's file: added and read again, and invalid ones refused."""

import numpy as np
import pytest

from blender_text3d.geometry.object_cameras import camera_rows, sphere_cameras
from blender_text3d.geometry.rendered_views import RenderedViews, add_rendered_views, stored_depths
from blender_text3d.geometry.textured_mesh import TexturedMesh, load_with_views, save_textured_mesh

SIDE, COUNT = 16, 3
TRIANGLE = TexturedMesh(
    np.eye(3, dtype=np.float32), np.array([[0, 1, 2]], np.int32), np.ones((1, 3, 3), np.float32),
    np.zeros((1, 3, 2), np.float32), np.array([-1], np.int32),
)  # fmt: skip


def arrays():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (COUNT, SIDE, SIDE, 4), dtype=np.uint8)
    angles = rng.integers(0, 256, (COUNT, SIDE, SIDE), dtype=np.uint8)
    depths = rng.integers(0, 2**16, (COUNT, SIDE, SIDE), dtype=np.uint16)
    cameras = camera_rows(sphere_cameras(COUNT, SIDE, 1))
    return {"images": images, "angles": angles, "depths": depths, "cameras": cameras}


def test_views_are_added_to_a_mesh_and_read_with_it(tmp_path):
    path = tmp_path / "mesh.npz"
    save_textured_mesh(path, TRIANGLE)
    assert load_with_views(path, decode=None)[1] is None
    add_rendered_views(path, RenderedViews(**arrays()))
    mesh, views = load_with_views(path, decode=None)
    assert np.array_equal(mesh.vertices, TRIANGLE.vertices)
    for name, value in arrays().items():
        assert np.array_equal(getattr(views, name), value)
    assert [item.name for item in tmp_path.iterdir()] == ["mesh.npz"]


def test_depths_are_kept_to_a_few_parts_in_a_hundred_thousand_and_none_is_infinite():
    depths = np.linspace(1.1, 2.9, COUNT * SIDE * SIDE, dtype=np.float32).reshape(COUNT, SIDE, SIDE)
    depths[0, 0, :4] = np.inf, np.nan, -1.0, 5.0
    images = np.full((COUNT, SIDE, SIDE, 4), 255, np.uint8)
    read = RenderedViews(**arrays() | {"images": images, "depths": stored_depths(depths)}).depths_in_units()
    assert np.isinf(read[0, 0, :4]).all()
    kept = np.isfinite(read)
    assert np.abs(read[kept] - depths[kept]).max() < 3.1e-5


@pytest.mark.parametrize(
    "change",
    [
        {"images": arrays()["images"][..., :3]},
        {"images": arrays()["images"][:0]},
        {"images": np.zeros((1, 4, 4, 4), np.uint8)},
        {"angles": arrays()["angles"].astype(np.float32)},
        {"depths": arrays()["depths"][:2]},
        {"cameras": np.full((COUNT, 14), np.nan, np.float32)},
        {"cameras": np.zeros((COUNT, 14), np.float32)},
    ],
)
def test_invalid_views_are_refused(change):
    with pytest.raises(ValueError, match="must be|finite|too few"):
        RenderedViews(**arrays() | change)


def test_a_file_with_some_arrays_of_views_is_refused(tmp_path):
    path = tmp_path / "mesh.npz"
    values = {name: value for name, value in vars(TRIANGLE).items() if name != "textures"}
    np.savez(path, **values, view_images=arrays()["images"])
    with pytest.raises(ValueError, match="incomplete views"):
        load_with_views(path, decode=None)
