# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file becomes what the models expect to see."""

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.image.clip_preprocess import clip_pixels, clip_view
from blender_text3d.engine.image.image_file import BadImage
from blender_text3d.engine.image.preprocess import prepared_image
from tests.engine.image.drawing import RED, busy, mug, seen_box, studio

WHITE = (255, 255, 255)


def view_of(picture: Image.Image, folder, name: str = "mug.png", **options) -> np.ndarray:
    picture.save(folder / name)
    return prepared_image(folder / name, **options).view


@pytest.fixture
def on_white(tmp_path):
    return view_of(mug(), tmp_path, "white.png")


def test_the_object_stands_in_the_middle_and_spans_what_the_training_cameras_showed(on_white):
    left, top, right, bottom = seen_box(on_white)
    assert on_white.shape == (224, 224, 3) and on_white.dtype == np.uint8
    assert (right - left) / 224 == pytest.approx(50 / 72, abs=0.02)
    assert (left + right) / 2 == pytest.approx(112, abs=1) and (top + bottom) / 2 == pytest.approx(112, abs=1)


@pytest.mark.parametrize(
    "background", [(128, 128, 128, 255), (0, 0, 0, 255), (20, 110, 60, 255), (250, 245, 230, 255), studio()]
)
def test_a_plain_background_of_any_colour_becomes_white_and_leaves_no_rim(tmp_path, on_white, background):
    view = view_of(mug(background).convert("RGB"), tmp_path)
    difference = np.abs(view.astype(int) - on_white).max(axis=-1)
    assert difference.mean() < 1.5 and (difference > 60).mean() < 0.003
    assert (view[0, 0] == WHITE).all() and (view[112, 100] == RED).all()


def test_what_a_handle_encloses_becomes_white_too(tmp_path):
    picture = mug((90, 90, 90, 255)).convert("RGB")
    picture.paste(RED, (100, 185, 255, 195))
    picture.paste(RED, (245, 60, 255, 195))
    picture.paste(RED, (100, 60, 255, 66))
    view = view_of(picture, tmp_path)
    left, top, right, bottom = seen_box(view)
    assert (view[bottom - 25, right - 20] == WHITE).all()


def test_small_patches_of_the_backgrounds_colour_inside_the_object_stay(tmp_path):
    picture = mug((0, 0, 0, 255)).convert("RGB")
    picture.paste((0, 0, 0), (140, 100, 148, 108))
    assert (view_of(picture, tmp_path).max(axis=-1) < 40).any()


def test_jpeg_noise_is_no_object(tmp_path):
    mug((20, 110, 60, 255)).convert("RGB").save(tmp_path / "mug.jpg", quality=40)
    left, top, right, bottom = seen_box(prepared_image(tmp_path / "mug.jpg").view)
    assert (right - left) / 224 == pytest.approx(50 / 72, abs=0.03)


def test_alpha_is_respected_whatever_colour_lies_beneath_it(tmp_path, on_white):
    for hidden in [(0, 0, 0, 0), (0, 255, 0, 0)]:
        view = view_of(mug(hidden), tmp_path)
        assert np.abs(view.astype(int) - on_white).mean() < 1.5


def test_an_object_cut_out_to_its_edge_is_framed_without_complaint(tmp_path):
    mug((0, 0, 0, 0)).crop((100, 60, 260, 180)).save(tmp_path / "tight.png")
    prepared = prepared_image(tmp_path / "tight.png")
    assert prepared.notes == ()
    assert seen_box(prepared.view)[0] > 20


def test_a_translucent_object_is_seen_against_white(tmp_path):
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 128), (50, 50, 150, 150))
    assert np.abs(view_of(picture, tmp_path)[112, 112].astype(int) - (255, 127, 127)).max() <= 1


def test_a_busy_background_stays_and_the_user_is_told(tmp_path):
    picture = mug(busy()).convert("RGB")
    picture.save(tmp_path / "busy.png")
    prepared = prepared_image(tmp_path / "busy.png")
    assert "background of the picture is not plain" in prepared.notes[0]
    assert (prepared.view == clip_view(picture)).all()


def test_an_object_cut_off_by_the_pictures_edge_is_mentioned(tmp_path):
    mug(shift=120).save(tmp_path / "cut.png")
    assert "touches the edge" in prepared_image(tmp_path / "cut.png").notes[0]


def test_a_tiny_object_is_mentioned(tmp_path):
    mug().resize((80, 60)).save(tmp_path / "tiny.png")
    assert "only 41 pixels across" in prepared_image(tmp_path / "tiny.png").notes[0]


@pytest.mark.parametrize("color", [(255, 255, 255, 255), (40, 90, 200, 255), (9, 9, 9, 0)])
def test_a_picture_of_nothing_is_refused(tmp_path, color):
    Image.new("RGBA", (64, 64), color).save(tmp_path / "empty.png")
    with pytest.raises(BadImage, match="empty.png shows nothing but its background"):
        prepared_image(tmp_path / "empty.png")


def test_a_large_picture_and_the_same_made_small_look_alike(tmp_path, on_white):
    view = view_of(mug((128, 128, 128, 255)).resize((1600, 1200)), tmp_path)
    assert np.abs(view.astype(int) - on_white).mean() < 2


def test_as_it_is_a_picture_is_only_laid_on_white_and_cropped_to_its_middle(tmp_path):
    picture = mug((90, 160, 250, 255))
    assert (view_of(picture, tmp_path, as_is=True) == clip_view(picture.convert("RGB"))).all()
    assert (view_of(mug((0, 255, 0, 0)), tmp_path, as_is=True)[0, 0] == WHITE).all()


def test_a_smaller_tower_gets_a_smaller_view(tmp_path):
    assert view_of(mug(), tmp_path, size=64).shape == (64, 64, 3)


def test_what_the_model_sees_can_be_saved_and_read_back(tmp_path):
    mug().save(tmp_path / "mug.png")
    prepared = prepared_image(tmp_path / "mug.png")
    prepared.save(tmp_path / "seen.png")
    assert (np.asarray(Image.open(tmp_path / "seen.png")) == prepared.view).all()
    assert prepared.pixels.shape == (1, 3, 224, 224)
    assert (prepared.pixels[0] == clip_pixels(prepared.view)).all()
