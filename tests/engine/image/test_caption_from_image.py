# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped image tower captions images."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from blender_text3d.engine.image import caption_from_image
from blender_text3d.engine.image.caption_from_image import caption_image, load_image_tower
from blender_text3d.engine.image.image_file import BadImage
from blender_text3d.engine.mini.files import IMAGE_TOWER_WEIGHTS, VOCABULARY
from blender_text3d.engine.weights.loading.load_tensors import BrokenWeights
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.catalogue import is_held_out
from scripts.training.images.tower_cases import simulate_user_image
from tests.engine.image.catalogue_images import rgba_of
from tests.engine.image.other_things import (
    KINDS_IN_BLACK,
    KINDS_IN_COLORS,
    OTHER_THINGS,
    SILHOUETTES,
    picture,
)

CPU = torch.device("cpu")
OBJECTS = (
    ("mug", "red"), ("car", "yellow"), ("tree", "green"), ("snowman", "white"), ("table", "brown"),
    ("banana", "yellow"), ("elephant", "gray"), ("guitar", "red"), ("helicopter", "blue"), ("shoe", "red"),
)  # fmt: skip
UNSEEN = (
    ("table", "orange", "top", "red"),
    ("table", "cyan", "top", "brown"),
    ("table", "gray", "top", "black"),
    ("table", "yellow", "top", "blue"),
    ("stool", "brown", "seat", "gray"),
    ("stool", "black", "seat", "cyan"),
    ("stool", "brown", "seat", "orange"),
    ("stool", "black", "seat", "pink"),
)
"""Categories in main colors that they never had in training, with their largest part in another color."""


@pytest.fixture
def captioned(tmp_path):
    """Caption an image."""

    def read(image):
        image.save(tmp_path / "image.png")
        return caption_image(tmp_path / "image.png", CPU)

    return read


def test_the_tower_is_half_precision_and_small_on_disk():
    assert IMAGE_TOWER_WEIGHTS.stat().st_size < 2.5e6
    with safe_open(IMAGE_TOWER_WEIGHTS, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118


def test_its_vocabulary_is_that_of_the_prompts():
    words, groups = load_image_tower(IMAGE_TOWER_WEIGHTS, CPU)[1], Vocabulary.read(VOCABULARY).groups
    assert words.categories == groups["objects"]
    assert words.colors == groups["colors"]
    assert set(words.sizes) <= {"", *groups["sizes"]}


@pytest.mark.parametrize("manner", ["white", "plain", "transparent", "jpeg"])
@pytest.mark.parametrize(("kind", "color"), OBJECTS)
def test_category_and_color_are_recognized_on_any_plain_background(captioned, kind, color, manner):
    image_caption = captioned(simulate_user_image(rgba_of(kind, color), manner, np.random.default_rng(3))).image_caption
    assert (image_caption.category, image_caption.color) == (kind, color)


@pytest.mark.parametrize("manner", ["white", "plain", "transparent", "jpeg"])
def test_nearly_all_objects_of_known_kinds_are_stated_as_sure(captioned, manner):
    images = [simulate_user_image(rgba_of(*each), manner, np.random.default_rng(3)) for each in OBJECTS]
    assert sum(captioned(image).image_caption.is_sure for image in images) >= 0.9 * len(OBJECTS)


def as_gray(image):
    return image.convert("RGB").convert("L")


def as_cmyk(image):
    return image.convert("RGB").convert("CMYK")


def as_palette(image):
    return image.convert("RGB").quantize(64)


def as_gray_with_alpha(image):
    return image.convert("LA")


def as_16_bit_gray(image):
    return Image.fromarray(np.asarray(as_gray(image)).astype(np.uint16) * 257)


def as_webp_with_green_under_alpha(image):
    pixels = np.asarray(image).copy()
    pixels[pixels[..., 3] == 0] = (0, 255, 0, 0)
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    ("change", "name", "color"),
    [
        (as_cmyk, "cmyk.jpg", "red"), (as_palette, "palette.png", "red"), (as_gray, "gray.png", "gray"),
        (as_gray_with_alpha, "gray_alpha.png", "gray"), (as_16_bit_gray, "gray_16.png", "gray"),
        (as_webp_with_green_under_alpha, "alpha.webp", "red"), (as_webp_with_green_under_alpha, "alpha.png", "red"),
        (as_palette, "Übergröße mit Blank.png", "red"), (as_cmyk, "named.png.jpg", "red"),
    ],
)  # fmt: skip
def test_every_kind_of_picture_shows_the_same_mug(tmp_path, change, name, color):
    manner = "transparent" if "alpha" in name else "white"
    image = simulate_user_image(rgba_of("mug", "red"), manner, np.random.default_rng(3)).convert("RGBA")
    change(image).save(tmp_path / name, **({"exact": True, "lossless": True} if name.endswith("webp") else {}))
    found = caption_image(tmp_path / name, CPU).image_caption
    assert (found.category, found.color) == ("mug", color)
    assert found.is_sure or color == "gray"


def test_a_part_in_another_color_is_mentioned(captioned):
    read = captioned(
        simulate_user_image(rgba_of("chair", "red", seed=1, legs="white"), "white", np.random.default_rng(3))
    )
    assert ("legs", "white") in read.image_caption.parts
    assert read.notice.startswith("Recognized: a ")
    assert "white legs" in read.notice


def test_a_main_color_unseen_in_training_is_not_confused_with_that_of_a_large_part(captioned):
    assert all(is_held_out(kind, color) for kind, color, *_ in UNSEEN)
    right = 0
    for kind, color, role, other in UNSEEN:
        for seed in (0, 1):
            image_caption = captioned(
                simulate_user_image(rgba_of(kind, color, seed, **{role: other}), "white", np.random.default_rng(3))
            ).image_caption
            right += (image_caption.category, image_caption.color) == (kind, color)
    assert right >= 9  # of 16; a tower that considers unseen pairs unlikely has 2


@pytest.mark.parametrize("name", ["face", "lettering", "sketch", "cloud", "ladder", "snail"])
def test_a_picture_of_something_else_is_uncertain(captioned, name):
    read = captioned(picture(name))
    assert not read.image_caption.is_sure, read.notice
    assert read.notice.startswith("Not sure: it looks like ")


def test_hardly_any_drawing_of_something_else_passes_for_an_object(captioned):
    sure = [name for name in OTHER_THINGS if captioned(picture(name)).image_caption.is_sure]
    assert len(sure) <= 1, sure  # softmax alone is sure of half of them


@pytest.mark.parametrize("name", SILHOUETTES)
def test_a_silhouette_of_something_else_is_uncertain(captioned, name):
    read = captioned(picture(name))
    assert not read.image_caption.is_sure, read.notice


@pytest.mark.parametrize("kinds", [KINDS_IN_BLACK, KINDS_IN_COLORS], ids=["silhouettes", "drawings"])
def test_hardly_any_flat_picture_of_a_kind_passes_for_another(captioned, kinds):
    read = {kind: captioned(picture(kind)).image_caption for kind in kinds}
    wrong = [(kind, found.category) for kind, found in read.items() if found.is_sure and found.category != kind]
    assert len(wrong) <= 1, wrong


def test_an_image_of_no_object_is_uncertain(captioned):
    rng = np.random.default_rng(0)
    blots = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8).repeat(25, 0).repeat(25, 1)
    blots[rng.random((8, 8)).repeat(25, 0).repeat(25, 1) < 0.5] = 255
    blots[:20], blots[-20:], blots[:, :20], blots[:, -20:] = 255, 255, 255, 255
    assert captioned(Image.fromarray(blots)).notice.startswith("Not sure: it looks like ")


def test_an_image_of_background_only_is_refused(captioned):
    with pytest.raises(BadImage, match="shows only background"):
        captioned(Image.new("RGB", (200, 200), (120, 160, 90)))


def test_advice_on_the_image_reaches_the_user(captioned):
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert "The background of the image is not plain" in captioned(Image.fromarray(noise)).notice


def test_a_file_that_is_not_an_image_is_named(tmp_path):
    (tmp_path / "chair.png").write_bytes(b"not an image")
    with pytest.raises(BadImage, match="chair.png"):
        caption_image(tmp_path / "chair.png", CPU)


def test_a_broken_tower_is_named(captioned, tmp_path, monkeypatch):
    broken = tmp_path / "image_tower.safetensors"
    broken.write_bytes(IMAGE_TOWER_WEIGHTS.read_bytes()[:-100])
    monkeypatch.setattr(caption_from_image, "IMAGE_TOWER_WEIGHTS", broken)
    with pytest.raises(BrokenWeights, match="image_tower.safetensors .* Reinstall the add-on"):
        captioned(Image.new("RGB", (200, 200)))
