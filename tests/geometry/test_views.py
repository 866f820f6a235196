# SPDX-License-Identifier: GPL-3.0-or-later
"""View files: round trips of images and cameras, and broken files refused with a message."""

import numpy as np
import pytest

from blender_text3d.geometry import Cameras, Views, load_views, save_views

ROTATIONS = np.array([np.eye(3), [[0, -1, 0], [1, 0, 0], [0, 0, 1]]], np.float32)
CAMERAS = Cameras(np.array([[0, 0, -4], [1, 2, 3]], np.float32), ROTATIONS, 86.3, 5, 4)
IMAGES = np.random.default_rng(1).integers(0, 256, (2, 4, 5, 4), np.uint8)


def test_saved_and_loaded_values_are_equal(tmp_path):
    save_views(tmp_path / "views.npz", Views(IMAGES, CAMERAS))
    loaded = load_views(tmp_path / "views.npz")
    np.testing.assert_array_equal(loaded.images, IMAGES)
    for name, value in vars(CAMERAS).items():
        np.testing.assert_array_equal(getattr(loaded.cameras, name), value)


def test_no_array_of_the_file_is_a_pickle(tmp_path):
    save_views(tmp_path / "views.npz", Views(IMAGES, CAMERAS))
    with np.load(tmp_path / "views.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize("images", [IMAGES[:1], IMAGES[..., :3], IMAGES.astype(np.float32), IMAGES[:, :3]])
def test_images_that_do_not_match_their_cameras_are_refused(images):
    with pytest.raises(ValueError, match=r"images must be \(2, 4, 5, 4\) uint8, not"):
        Views(images, CAMERAS)


@pytest.mark.parametrize("content", [b"", b"not an archive", None], ids=["empty", "text", "other arrays"])
def test_a_broken_file_is_refused_with_a_message(tmp_path, content):
    path = tmp_path / "views.npz"
    np.savez(path, latent=np.zeros(3)) if content is None else path.write_bytes(content)
    with pytest.raises(ValueError, match=r"views\.npz does not contain views \(.*\)\. Render the object again\."):
        load_views(path)


def test_the_background_shows_where_the_object_covers_nothing():
    images = np.zeros((1, 1, 3, 4), np.uint8)
    images[0, 0] = [[200, 100, 0, 255], [200, 100, 0, 0], [200, 100, 0, 51]]
    views = Views(images, Cameras(CAMERAS.places_in_model[:1], ROTATIONS[:1], 2.0, 3, 1))
    assert views.over((0.0, 1.0, 0.0)).tolist() == [[[[200, 100, 0], [0, 255, 0], [40, 224, 0]]]]
