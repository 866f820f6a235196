# SPDX-License-Identifier: GPL-3.0-or-later
"""The small image tower that ships: it says what pictures show."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from blender_text3d.engine.image import caption_from_image
from blender_text3d.engine.image.caption_from_image import mini_tower, read_picture_in_words
from blender_text3d.engine.image.image_file import BadImage
from blender_text3d.engine.mini.files import IMAGE_TOWER_WEIGHTS, VOCABULARY
from blender_text3d.engine.text.vocabulary import Vocabulary
from blender_text3d.engine.weights.loading.load_tensors import BrokenWeights
from scripts.training.data.catalogue import is_held_out
from scripts.training.images.tower_cases import shown
from tests.engine.image.catalogue_images import rgba_of

CPU = torch.device("cpu")
THINGS = (("mug", "red"), ("car", "yellow"), ("tree", "green"), ("snowman", "white"), ("table", "brown"))
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
"""Kinds in main colours that they never had in training, and their largest part in another."""


@pytest.fixture
def said(tmp_path):
    """What is read in a picture."""

    def read(picture):
        picture.save(tmp_path / "picture.png")
        return read_picture_in_words(tmp_path / "picture.png", CPU)

    return read


def test_the_tower_is_half_precision_and_small_on_disk():
    assert IMAGE_TOWER_WEIGHTS.stat().st_size < 2.5e6
    with safe_open(IMAGE_TOWER_WEIGHTS, "pt") as file:
        assert {file.get_slice(name).get_dtype() for name in file.keys()} == {"F16"}  # noqa: SIM118, not a dict


def test_the_words_it_may_say_are_those_of_the_vocabulary():
    words, groups = mini_tower(IMAGE_TOWER_WEIGHTS, CPU)[1], Vocabulary.read(VOCABULARY).groups
    assert words.categories == groups["objects"] and words.colors == groups["colors"]
    assert set(words.sizes) <= {"", *groups["sizes"]}


@pytest.mark.parametrize("manner", ["white", "plain", "transparent", "jpeg"])
@pytest.mark.parametrize(("kind", "color"), THINGS)
def test_kind_and_colour_are_seen_on_any_plain_ground(said, kind, color, manner):
    sight = said(shown(rgba_of(kind, color), manner, np.random.default_rng(3))).sight
    assert (sight.category, sight.color, sight.is_sure) == (kind, color, True)


def test_a_part_in_another_colour_is_told(said):
    read = said(shown(rgba_of("chair", "red", seed=1, legs="white"), "white", np.random.default_rng(3)))
    assert ("legs", "white") in read.sight.parts
    assert read.notice.startswith("Seen in the picture: a ") and "white legs" in read.notice


def test_a_main_colour_that_training_never_showed_on_the_kind_is_told_from_that_of_a_large_part(said):
    assert all(is_held_out(kind, color) for kind, color, *_ in UNSEEN)
    right = 0
    for kind, color, role, other in UNSEEN:
        for seed in (0, 1):
            sight = said(shown(rgba_of(kind, color, seed, **{role: other}), "white", np.random.default_rng(3))).sight
            right += (sight.category, sight.color) == (kind, color)
    assert right >= 9  # of 16; a tower that takes pairs never shown for unlikely has 2


def test_what_is_no_thing_leaves_the_tower_in_doubt(said):
    rng = np.random.default_rng(0)
    blots = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8).repeat(25, 0).repeat(25, 1)
    blots[rng.random((8, 8)).repeat(25, 0).repeat(25, 1) < 0.5] = 255
    blots[:20], blots[-20:], blots[:, :20], blots[:, -20:] = 255, 255, 255, 255
    assert said(Image.fromarray(blots)).notice.startswith("Not sure what the picture shows; nearest: ")


def test_a_picture_of_nothing_is_refused(said):
    with pytest.raises(BadImage, match="nothing but its background"):
        said(Image.new("RGB", (200, 200), (120, 160, 90)))


def test_advice_on_the_picture_reaches_the_user(said):
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    assert "The background of the picture is not plain" in said(Image.fromarray(noise)).notice


def test_a_file_that_is_no_picture_is_named(tmp_path):
    (tmp_path / "chair.png").write_bytes(b"not a picture")
    with pytest.raises(BadImage, match="chair.png"):
        read_picture_in_words(tmp_path / "chair.png", CPU)


def test_a_broken_tower_is_named(said, tmp_path, monkeypatch):
    broken = tmp_path / "image_tower.safetensors"
    broken.write_bytes(IMAGE_TOWER_WEIGHTS.read_bytes()[:-100])
    monkeypatch.setattr(caption_from_image, "IMAGE_TOWER_WEIGHTS", broken)
    with pytest.raises(BrokenWeights, match="image_tower.safetensors .* Install the add-on again"):
        said(Image.new("RGB", (200, 200)))
