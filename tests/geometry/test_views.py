# SPDX-License-Identifier: GPL-3.0-or-later
"""View files: round trips of images and cameras, and broken files refused with a message."""

import numpy as np
import pytest

from blender_text3d.geometry import Cameras, Views, load_views, save_views
from blender_text3d.geometry import views as views_module

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


def test_views_keep_their_images_and_count_them():
    views = Views(IMAGES, CAMERAS)
    assert views.images is IMAGES
    assert len(views) == 2


def test_a_list_of_images_is_refused():
    with pytest.raises(ValueError, match=r"^images must be a \(2, 4, 5, 4\) uint8 array, not list$"):
        Views(IMAGES.tolist(), CAMERAS)


def test_images_have_rows_before_columns():
    with pytest.raises(ValueError, match=r"^images must be \(2, 4, 5, 4\) uint8, not \(2, 5, 4, 4\) uint8$"):
        Views(IMAGES.swapaxes(1, 2), CAMERAS)


def test_colors_over_a_background_are_rounded_and_stay_in_range():
    images = np.zeros((1, 1, 3, 4), np.uint8)
    images[0, 0] = [[255, 255, 255, 254], [3, 3, 3, 128], [0, 0, 0, 0]]
    views = Views(images, Cameras(CAMERAS.places_in_model[:1], ROTATIONS[:1], 2.0, 3, 1))
    over = views.over((0.0, 2.0, -1.0))
    assert (over.shape, over.dtype) == ((1, 1, 3, 3), np.uint8)
    assert over.tolist() == [[[[254, 255, 253], [2, 255, 0], [0, 255, 0]]]]


def test_the_file_has_named_arrays_and_is_compressed(tmp_path):
    cameras = Cameras(CAMERAS.places_in_model, ROTATIONS, 86.3, 100, 100)
    save_views(tmp_path / "views.npz", Views(np.zeros((2, 100, 100, 4), np.uint8), cameras))
    assert (tmp_path / "views.npz").stat().st_size < 10_000
    with np.load(tmp_path / "views.npz", allow_pickle=False) as arrays:
        assert set(arrays.files) == {"images", "places_in_model", "model_from_cameras", "focal_px"}
        assert (arrays["focal_px"].dtype, float(arrays["focal_px"])) == (np.float64, 86.3)


def test_loaded_cameras_have_plain_numbers(tmp_path):
    save_views(tmp_path / "views.npz", Views(IMAGES, CAMERAS))
    cameras = load_views(tmp_path / "views.npz").cameras
    assert [type(value) for value in (cameras.focal_px, cameras.width_px, cameras.height_px)] == [float, int, int]


def test_a_save_that_fails_keeps_the_old_file(tmp_path):
    save_views(tmp_path / "views.npz", Views(IMAGES, CAMERAS))
    (tmp_path / "views.npz.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save_views(tmp_path / "views.npz", Views(IMAGES[::-1], CAMERAS))
    np.testing.assert_array_equal(load_views(tmp_path / "views.npz").images, IMAGES)


VALID = {
    "images": IMAGES,
    "places_in_model": CAMERAS.places_in_model,
    "model_from_cameras": ROTATIONS,
    "focal_px": 86.3,
}


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"images": IMAGES[0, 0]}, "tuple index out of range"),
        ({"images": IMAGES[:1]}, "images must be"),
        ({"focal_px": np.array([1.0, 2.0])}, "only .* can be converted"),
        ({"focal_px": 0.0}, "is not a valid image"),
        ({"focal_px": "far"}, "could not convert"),
        ({"model_from_cameras": ROTATIONS * 2}, "not a rotation"),
        ({"places_in_model": None}, "object"),
    ],
    ids=str,
)
def test_arrays_that_are_no_views_are_refused_with_the_cause(tmp_path, changes, cause):
    np.savez(tmp_path / "views.npz", **VALID | changes)
    with pytest.raises(ValueError, match=rf"^views\.npz does not contain views \(.*{cause}"):
        load_views(tmp_path / "views.npz")


@pytest.mark.parametrize("missing", VALID)
def test_a_file_without_one_of_the_arrays_is_refused(tmp_path, missing):
    np.savez(tmp_path / "views.npz", **{name: value for name, value in VALID.items() if name != missing})
    with pytest.raises(ValueError, match=rf"^views\.npz does not contain views \('{missing}'\)"):
        load_views(tmp_path / "views.npz")


def test_the_limit_holds_the_most_and_largest_views_of_a_request(tmp_path):
    assert views_module.MAX_BYTES > 360 * 1024 * 1024 * 4
    with (tmp_path / "views.npz").open("wb") as file:
        file.truncate(1_600_000_001)
    with pytest.raises(ValueError, match="more than the limit of 1,600,000,000"):
        load_views(tmp_path / "views.npz")


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_views(tmp_path / "views.npz")
