# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from blender_text3d.engine.shap_e.rendering import rasterize as rasterize_module
from blender_text3d.engine.shap_e.rendering.rasterize import rasterize
from blender_text3d.engine.shap_e.rendering.stf import STFSettings, render_mesh_view
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.geometry import Mesh
from tests.engine.shap_e.rendering.recorded_decoder import recorded

AS_OFFICIAL = STFSettings(is_smooth=False, supersampling=1)
CAMERAS = Turntable(size_px=40, is_closed=True).cameras()
VIEWS = (0, 4, 13)
SQUARE = np.array([[2.0, 1, 4], [8, 1, 4], [8, 7, 4], [2, 7, 4]])


@pytest.fixture(scope="module")
def official():
    return recorded("official_stf.npz")


@pytest.fixture(scope="module")
def mesh(official):
    return Mesh(official["vertices"], official["faces"], official["colors"])


@pytest.mark.parametrize("view", range(3))
def test_a_view_matches_the_official_ray_caster_without_its_parallelograms(official, mesh, view):
    ours, theirs = render_mesh_view(mesh, CAMERAS, VIEWS[view], AS_OFFICIAL), official["stf/triangles"][view]
    np.testing.assert_array_equal(ours[..., 3] > 0, theirs[..., 3] > 0)
    np.testing.assert_allclose(ours[..., :3] / 255, theirs[..., :3], atol=0.6 / 255)


@pytest.mark.parametrize("view", range(3))
def test_the_official_parallelograms_cover_the_triangles_and_a_bit_more(official, mesh, view):
    ours = render_mesh_view(mesh, CAMERAS, VIEWS[view], AS_OFFICIAL)[..., 3] > 0
    theirs = official["stf/official"][view][..., 3] > 0
    assert theirs[ours].all()
    assert 1.0 < theirs.sum() / ours.sum() < 1.12


def test_two_triangles_of_a_square_cover_every_pixel_once():
    hits = rasterize(SQUARE[[[0, 1, 2], [0, 2, 3]]], 9, 10)
    rows, columns = np.divmod(hits.pixel, 10)
    assert sorted(zip(rows, columns, strict=True)) == [(row, column) for row in range(1, 7) for column in range(2, 8)]


def test_the_nearer_triangle_is_visible_in_any_order():
    near, far = SQUARE[:3] - (0, 0, 1), SQUARE[:3]
    for order, nearest in (([near, far], 0), ([far, near], 1)):
        assert (rasterize(np.stack(order), 9, 10).face == nearest).all()


def test_weights_are_perspective_correct():
    # Seen from the origin with focal length 10: an edge from distance 1 to distance 3, whose middle is at 2.
    ends = np.array([[-1.0, 0, 1], [3.0, 0, 3], [3.0, 3, 3]])
    corners = np.stack([20 + 10 * ends[:, 0] / ends[:, 2], 0.5 + 10 * ends[:, 1] / ends[:, 2], ends[:, 2]], axis=1)
    hits = rasterize(corners[None], 1, 40)
    (at,) = np.flatnonzero(hits.pixel == 25)  # its center, 0.55 to the right at distance 1
    share = 1.55 / (4 - 2 * 0.55)
    np.testing.assert_allclose(hits.weights[at], [1 - share, share, 0], atol=1e-6)


def test_batches_of_pixels_change_nothing(mesh, monkeypatch):
    whole = render_mesh_view(mesh, CAMERAS, 4, STFSettings())
    monkeypatch.setattr(rasterize_module, "MAX_PAIRS", 50)
    np.testing.assert_array_equal(render_mesh_view(mesh, CAMERAS, 4, STFSettings()), whole)


def test_parts_beyond_the_image_s_edges_are_clipped(mesh):
    close = Turntable(views=1, size_px=16, distance=2.0, fov_rad=0.2).cameras()
    assert (render_mesh_view(mesh, close, 0, AS_OFFICIAL)[..., 3] == 255).all()


def test_a_mesh_without_faces_gives_a_transparent_image():
    empty = np.zeros((0, 3), np.float32)
    view = render_mesh_view(Mesh(empty, np.zeros((0, 3), np.int32), empty), CAMERAS, 0, STFSettings())
    assert view.shape == (40, 40, 4)
    assert not view.any()


def test_supersampling_covers_edge_pixels_partly_and_inner_ones_fully(mesh):
    hard, soft = (render_mesh_view(mesh, CAMERAS, 0, STFSettings(supersampling=side))[..., 3] / 255 for side in (1, 4))
    assert set(np.unique(hard)) == {0, 1}
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 20
    assert soft.sum() == pytest.approx(hard.sum(), rel=0.05)


def test_smooth_shading_has_no_jumps_on_a_ball(mesh):
    ball = Mesh(mesh.vertices, mesh.faces[:1280], np.full_like(mesh.colors, 0.8))  # the recorded mesh's first part
    flat, smooth = (
        render_mesh_view(ball, CAMERAS, 0, STFSettings(is_smooth=is_smooth, supersampling=1))
        for is_smooth in (False, True)
    )
    inner = (flat[..., 3] > 0) & (np.roll(flat[..., 3], 1, axis=1) > 0)
    jumps = [np.abs(np.diff(v[..., 0].astype(int), axis=1, prepend=0))[inner].std() for v in (flat, smooth)]
    assert jumps[1] < 0.75 * jumps[0]
