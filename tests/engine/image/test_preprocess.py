# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file becomes the models' input."""

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.image.clip_preprocess import normalize_pixels, resize_and_crop
from blender_text3d.engine.image.image_file import BadImage
from blender_text3d.engine.image.preprocess import BUSY_BACKGROUND, CUT_OFF, PreparedImage, prepare_image
from tests.engine.image.drawing import RED, busy, mug, seen_box, studio

WHITE = (255, 255, 255)


def view_of(image: Image.Image, folder, name: str = "mug.png", **options) -> np.ndarray:
    image.save(folder / name)
    return prepare_image(folder / name, **options).view


@pytest.fixture
def on_white(tmp_path):
    return view_of(mug(), tmp_path, "white.png")


def test_the_object_is_centered_at_the_size_of_the_training_images(on_white):
    left, top, right, bottom = seen_box(on_white)
    assert on_white.shape == (224, 224, 3)
    assert on_white.dtype == np.uint8
    assert (right - left) / 224 == pytest.approx(50 / 72, abs=0.02)
    assert (left + right) / 2 == pytest.approx(112, abs=1)
    assert (top + bottom) / 2 == pytest.approx(112, abs=1)


@pytest.mark.parametrize(
    "background", [(128, 128, 128, 255), (0, 0, 0, 255), (20, 110, 60, 255), (250, 245, 230, 255), studio()]
)
def test_a_plain_background_of_any_color_becomes_white_without_a_fringe(tmp_path, on_white, background):
    view = view_of(mug(background).convert("RGB"), tmp_path)
    difference = np.abs(view.astype(int) - on_white).max(axis=-1)
    assert difference.mean() < 1.5
    assert (difference > 60).mean() < 0.003
    assert (view[0, 0] == WHITE).all()
    assert (view[112, 100] == RED).all()


def test_the_inside_of_a_handle_becomes_white_too(tmp_path):
    image = mug((90, 90, 90, 255)).convert("RGB")
    image.paste(RED, (100, 185, 255, 195))
    image.paste(RED, (245, 60, 255, 195))
    image.paste(RED, (100, 60, 255, 66))
    view = view_of(image, tmp_path)
    left, top, right, bottom = seen_box(view)
    assert (view[bottom - 25, right - 20] == WHITE).all()


def test_small_patches_of_the_backgrounds_color_inside_the_object_are_kept(tmp_path):
    image = mug((0, 0, 0, 255)).convert("RGB")
    image.paste((0, 0, 0), (140, 100, 148, 108))
    assert (view_of(image, tmp_path).max(axis=-1) < 40).any()


def test_jpeg_noise_is_not_an_object(tmp_path):
    mug((20, 110, 60, 255)).convert("RGB").save(tmp_path / "mug.jpg", quality=40)
    left, top, right, bottom = seen_box(prepare_image(tmp_path / "mug.jpg").view)
    assert (right - left) / 224 == pytest.approx(50 / 72, abs=0.03)


def test_alpha_hides_the_colors_of_transparent_pixels(tmp_path, on_white):
    for hidden in [(0, 0, 0, 0), (0, 255, 0, 0)]:
        view = view_of(mug(hidden), tmp_path)
        assert np.abs(view.astype(int) - on_white).mean() < 1.5


def test_a_tightly_cropped_cutout_is_framed_without_a_note(tmp_path):
    mug((0, 0, 0, 0)).crop((100, 60, 260, 180)).save(tmp_path / "tight.png")
    prepared = prepare_image(tmp_path / "tight.png")
    assert prepared.notes == ()
    assert seen_box(prepared.view)[0] > 20


def test_a_translucent_object_is_composited_over_white(tmp_path):
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    image.paste((255, 0, 0, 128), (50, 50, 150, 150))
    assert np.abs(view_of(image, tmp_path)[112, 112].astype(int) - (255, 127, 127)).max() <= 1


def test_a_busy_background_is_kept_with_a_note(tmp_path):
    image = mug(busy()).convert("RGB")
    image.save(tmp_path / "busy.png")
    prepared = prepare_image(tmp_path / "busy.png")
    assert "background of the image is not plain" in prepared.notes[0]
    assert (prepared.view == resize_and_crop(image)).all()


def test_an_object_cut_off_by_the_images_edge_gets_a_note(tmp_path):
    mug(shift=120).save(tmp_path / "cut.png")
    assert "touches the edge" in prepare_image(tmp_path / "cut.png").notes[0]


def test_a_tiny_object_gets_a_note(tmp_path):
    mug().resize((80, 60)).save(tmp_path / "tiny.png")
    assert "only 41 pixels across" in prepare_image(tmp_path / "tiny.png").notes[0]


@pytest.mark.parametrize("color", [(255, 255, 255, 255), (40, 90, 200, 255), (9, 9, 9, 0)])
def test_an_image_of_background_only_is_refused(tmp_path, color):
    Image.new("RGBA", (64, 64), color).save(tmp_path / "empty.png")
    with pytest.raises(BadImage, match="empty.png shows only background"):
        prepare_image(tmp_path / "empty.png")


def test_a_large_image_gives_the_same_view_as_a_small_one(tmp_path, on_white):
    view = view_of(mug((128, 128, 128, 255)).resize((1600, 1200)), tmp_path)
    assert np.abs(view.astype(int) - on_white).mean() < 2


def test_as_is_an_image_is_only_composited_over_white_and_center_cropped(tmp_path):
    image = mug((90, 160, 250, 255))
    assert (view_of(image, tmp_path, as_is=True) == resize_and_crop(image.convert("RGB"))).all()
    assert (view_of(mug((0, 255, 0, 0)), tmp_path, as_is=True)[0, 0] == WHITE).all()


def test_a_smaller_tower_gets_a_smaller_view(tmp_path):
    assert view_of(mug(), tmp_path, size=64).shape == (64, 64, 3)


def test_the_view_can_be_saved_and_read_back(tmp_path):
    mug().save(tmp_path / "mug.png")
    prepared = prepare_image(tmp_path / "mug.png")
    prepared.save(tmp_path / "seen.png")
    assert (np.asarray(Image.open(tmp_path / "seen.png")) == prepared.view).all()
    assert prepared.pixels.shape == (1, 3, 224, 224)
    assert (prepared.pixels[0] == normalize_pixels(prepared.view)).all()


def cutout(size, box, color=(200, 40, 30, 255)):
    """A transparent image with an opaque rectangle: left, top, right, bottom."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste(color, box)
    return image


def notes_of(image, folder):
    image.save(folder / "a.png")
    return prepare_image(folder / "a.png").notes


@pytest.mark.parametrize(("side", "is_small"), [(99, True), (100, False)])
@pytest.mark.parametrize("is_wide", [True, False])
def test_an_object_of_fewer_than_100_pixels_is_small(tmp_path, side, is_small, is_wide):
    width, height = (side, 20) if is_wide else (20, side)
    notes = notes_of(cutout((300, 300), (50, 60, 50 + width, 60 + height)), tmp_path)
    expected = f"The object is only {side} pixels across; a larger image shows more detail."
    assert notes == ((expected,) if is_small else ())


@pytest.mark.parametrize(
    ("box", "touches"),
    [((0, 60, 150, 180), True), ((60, 0, 180, 150), True), ((150, 60, 300, 180), True), ((60, 150, 180, 300), True),
     ((40, 40, 260, 260), False)],
)  # fmt: skip
def test_an_object_at_any_edge_of_a_plain_image_is_cut_off(tmp_path, box, touches):
    image = Image.new("RGB", (300, 300), (255, 255, 255))
    image.paste((200, 40, 30), box)
    assert notes_of(image, tmp_path) == ((CUT_OFF,) if touches else ())


@pytest.mark.parametrize(("count", "is_outline"), [(10, True), (9, False)])
def test_a_thousandth_of_transparent_pixels_is_an_outline(tmp_path, count, is_outline):
    image = Image.fromarray(busy((100, 100))).convert("RGBA")
    alpha = np.full((100, 100), 128, np.uint8)
    alpha.reshape(-1)[5000 : 5000 + count] = 127
    image.putalpha(Image.fromarray(alpha))
    assert (BUSY_BACKGROUND in notes_of(image, tmp_path)) is not is_outline


def test_notes_on_the_file_come_first_then_advice_on_the_background_and_on_the_size(tmp_path):
    image = Image.new("RGB", (300, 300), (255, 255, 255))
    image.paste((200, 40, 30), (0, 60, 50, 110))
    image.save(tmp_path / "a.png", save_all=True, append_images=[Image.new("RGB", (300, 300))])
    notes = prepare_image(tmp_path / "a.png").notes
    assert [note.split(" ")[:2] for note in notes] == [["a.png", "is"], ["The", "object"], ["The", "object"]]
    assert notes[1] == CUT_OFF
    assert prepare_image(tmp_path / "a.png", as_is=True).notes == notes[:1]


@pytest.mark.parametrize(("width", "is_reduced"), [(1024, False), (2048, True)])
def test_an_image_is_reduced_to_1024_pixels(tmp_path, width, is_reduced):
    notes = notes_of(cutout((width, 512), (600, 100, 780, 120)), tmp_path)
    assert [note[:33] for note in notes] == (["The object is only 90 pixels acro"] if is_reduced else [])


def test_a_prepared_image_has_no_notes_by_default():
    assert PreparedImage(np.zeros((2, 2, 3), np.uint8)).notes == ()


@pytest.mark.parametrize(("side", "is_small"), [(35, True), (36, False)])
def test_a_smaller_input_needs_fewer_pixels_of_the_object(tmp_path, side, is_small):
    cutout((64, 64), (10, 10, 10 + side, 30)).save(tmp_path / "a.png")
    assert bool(prepare_image(tmp_path / "a.png", 80).notes) == is_small
