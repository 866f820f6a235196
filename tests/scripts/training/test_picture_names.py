# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture and model names that identify a kind of the catalog."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from blender_text3d.engine.image.caption import ImageCaption
from scripts.training.evaluate.catalog_files import textured
from scripts.training.evaluate.tower_others import furniture_figures, kind_of, picture_of
from scripts.training.images.picture_names import names_a_kind
from scripts.training.train.known_objects import other_features


@pytest.mark.parametrize("name", ["cat_01.png", "three-dogs.png", "pizza_slice.png", "hot_dog.svg.png", "AIRPLANE.png"])
def test_a_file_named_like_a_kind_shows_one(name):
    assert names_a_kind(Path("animals") / name)


@pytest.mark.parametrize("name", ["scissors.png", "catalog.png", "zebra_with_stripes.png", "0042.png"])
def test_a_file_with_another_name_shows_something_else(name):
    assert not names_a_kind(Path("cats") / name)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Oak chair", "chair"),
        ("Table with tablecloth", "table"),
        ("Hot dog", "hotdog"),
        ("Couch", "sofa"),
        ("Shelves", "shelf"),
        ("Table fan", ""),
        ("Radiator", ""),
    ],
)
def test_a_model_is_of_the_kind_that_its_name_ends_with(name, kind):
    assert kind_of(name) == kind


def test_a_render_of_a_model_has_the_colors_of_its_faces():
    vertices = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
    faces = np.array([[0, 4, 1], [4, 5, 1]])  # the side towards -Y
    red = np.tile(np.array([0.9, 0.1, 0.1], np.float32), (8, 1))
    pixels = np.asarray(picture_of(textured(vertices, faces, red)), float)
    is_red = (pixels[..., 0] > 120) & (pixels[..., 0] > 2 * pixels[..., 1])
    assert pixels.shape == (256, 256, 3)
    assert is_red.mean() > 0.1


def caption(category, is_sure, nearest=()):
    return ImageCaption(category, is_sure, (category, *nearest), "red", "", ())


def test_figures_of_models_tell_known_kinds_from_other_things():
    readings = [
        ("Oak chair", "chair", caption("chair", True)),
        ("Stool", "stool", caption("table", False, ("stool",))),
        ("Sofa", "sofa", caption("bed", True)),
        ("Radiator", "", caption("fence", False)),
        ("Oven", "", caption("box", True)),
    ]
    assert furniture_figures(readings) == {
        "models": 5,
        "of_known_kinds": 3,
        "correct_kind": pytest.approx(1 / 3, abs=1e-3),
        "among_the_nearest_three": pytest.approx(2 / 3, abs=1e-3),
        "sure": 2,
        "correct_if_sure": 0.5,
        "others": 2,
        "others_not_sure": 0.5,
    }


def test_pictures_of_other_things_leave_out_those_named_like_a_kind(tmp_path, monkeypatch):
    for name in ("cat.png", "scissors.png", "anvil.png"):
        (tmp_path / name).touch()
    seen = []

    def features_of(tower, path):
        seen.append(path.name)
        return SimpleNamespace()

    monkeypatch.setattr("scripts.training.train.known_objects.features_of", features_of)
    monkeypatch.setattr("scripts.training.train.known_objects.torch.stack", list)
    assert len(other_features(None, tmp_path, 10, np.random.default_rng(0))) == 2
    assert sorted(seen) == ["anvil.png", "scissors.png"]
