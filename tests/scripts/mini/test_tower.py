# SPDX-License-Identifier: GPL-3.0-or-later
"""What the small image tower learns from: pictures that are true to their captions, framed as users' pictures are."""

import numpy as np
import pytest
import torch
from mini import pictures as pictures_command
from mini.captions import caption
from mini.catalogue import is_held_out
from mini.colors import COLORS, tint
from mini.evaluate_tower import shown
from mini.export_tower import shipped_tensors
from mini.painting import HELD, SEEN, painted, painted_views
from mini.pictures import KEYS, PART_ROLES, make_shape
from mini.splat import EMPTY
from mini.targets import Targets
from mini.tower_pictures import normalised, plain, varied
from PIL import Image

from blender_text3d.engine.image.clip_input import clip_pixels
from blender_text3d.engine.image.mini_tower import PREPARED_SIDE, MiniTower, MiniTowerConfig, middle_of
from blender_text3d.engine.image.prepare import prepared_image

CONFIG = MiniTowerConfig(width=24, layers=1, heads=2)


@pytest.fixture(scope="module")
def shapes():
    rng = np.random.default_rng(5)
    drawn = [make_shape(rng) for _ in range(6)]
    return {key: np.stack([shape[key] for shape in drawn]) for key in KEYS}


def test_an_object_is_whole_centred_and_lit_in_every_view(shapes):
    seen = shapes["roles"] != EMPTY
    for view, light in zip(seen.reshape(-1, 128, 128), shapes["light"].reshape(-1, 128, 128), strict=True):
        rows, columns = np.flatnonzero(view.any(1)), np.flatnonzero(view.any(0))
        assert max(np.ptp(rows), np.ptp(columns)) == pytest.approx(0.95 * 128, abs=5)
        assert abs(rows.mean() - 63.5) < 12 and abs(columns.mean() - 63.5) < 12
        assert light[view].min() > 60


def test_every_part_is_painted_in_the_colour_its_caption_tells(shapes):
    rng = np.random.default_rng(1)
    for row in list(range(6)) * 5:
        palette, description = painted(shapes, row, SEEN, rng)
        for role, (word, color) in description.accents.items():
            assert np.abs(palette[PART_ROLES.index(role)] * 255 - tint(color)).max() < 20
            assert word in caption(description, rng) and color in caption(description, rng)
        assert np.abs(palette[0] * 255 - tint(description.hidden_main)).max() < 20


def test_training_never_paints_a_kind_in_a_held_out_colour():
    assert all(not is_held_out(kind, color) for kind, colors in SEEN.items() for color in colors)
    assert all(is_held_out(kind, color) for kind, colors in HELD.items() for color in colors)


def test_a_painted_view_shows_its_main_colour_where_the_main_part_is(shapes):
    pictures, captions, colors = painted_views(shapes, np.arange(6), SEEN, np.random.default_rng(2))
    assert pictures.shape == (6, 4, 64, 64) and len(captions) == 6
    assert (pictures[:, :3] <= pictures[:, 3:] + 1e-6).all()
    for picture, color in zip(pictures, colors, strict=True):
        strength = torch.tensor(list(COLORS.values())[color]).float()
        if strength.max() - strength.min() > 120:
            solid = picture[:3, picture[3] == 1].T
            hue = (solid / solid.amax(1, keepdim=True) - strength / strength.max()).abs().amax(1)
            assert (hue < 0.25).float().mean() > 0.2


def test_training_sees_pictures_as_the_reader_shows_them_to_the_tower(shapes, tmp_path):
    pictures, _, _ = painted_views(shapes, np.arange(6), SEEN, np.random.default_rng(3))
    for picture, expected in zip(pictures, plain(pictures), strict=True):
        shown(picture, np.random.default_rng(4)).save(tmp_path / "picture.png")
        view = middle_of(prepared_image(tmp_path / "picture.png", PREPARED_SIDE).view, 60)
        assert np.abs(view / 255 - expected.permute(1, 2, 0).numpy()).mean() < 0.04


def test_normalised_is_what_clip_pixels_gives():
    view = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    torch.testing.assert_close(normalised(torch.from_numpy(view).permute(2, 0, 1)[None] / 255)[0], clip_pixels(view))


def test_varied_pictures_differ_and_keep_the_object(shapes):
    torch.manual_seed(0)
    picture = painted_views(shapes, np.array([0]), SEEN, np.random.default_rng(3))[0]
    some = varied(picture.expand(16, -1, -1, -1))
    assert some.shape == (16, 3, 60, 60) and 0 <= some.min() and some.max() <= 1
    assert some.std(0).mean() > 0.05
    assert ((some - plain(picture)).abs().mean((1, 2, 3)) < 0.3).all()


def test_targets_are_of_mean_square_one_and_lead_back_to_the_vectors():
    torch.manual_seed(0)
    vectors = torch.cat([torch.randn(300, 1, 128) @ torch.diag(torch.linspace(0.01, 1, 128)) for _ in "ab"], 1).flatten(
        1
    )
    targets = Targets.of(vectors)
    found = targets.coordinates(vectors)
    torch.testing.assert_close(found @ targets.axes + targets.middle, vectors, atol=1e-4, rtol=1e-4)
    assert found[:, :128].square().mean().item() == pytest.approx(1, rel=1e-3)


def test_the_shipped_tower_gives_the_vectors_whose_coordinates_the_trained_one_gives(tmp_path):
    torch.manual_seed(0)
    targets = Targets.of(torch.randn(400, 256))
    targets.save(tmp_path / "targets.pt")
    trained, shipped = MiniTower(CONFIG), MiniTower(CONFIG)
    shipped.load_state_dict(
        {
            name: t.float()
            for name, t in shipped_tensors(trained.state_dict(), Targets.load(tmp_path / "targets.pt")).items()
        }
    )
    pixels = torch.randn(2, 3, 60, 60)
    torch.testing.assert_close(targets.coordinates(shipped.raw(pixels)), trained.raw(pixels), atol=0.05, rtol=0.02)


def test_pictures_are_read_back_as_they_were_made(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures_command, "SHARD", 2)
    pictures_command.make_shard((tmp_path / "00000.npz", 0, 1))
    read = pictures_command.read_pictures(tmp_path)
    rng = np.random.default_rng([1, 0])
    first = make_shape(rng)
    assert len(read["roles"]) == 2
    assert all(np.array_equal(read[key][0], first[key]) for key in KEYS)


def test_a_shown_picture_is_on_a_plain_ground(shapes):
    picture = painted_views(shapes, np.array([1]), SEEN, np.random.default_rng(3))[0][0]
    image = shown(picture, np.random.default_rng(4))
    assert isinstance(image, Image.Image) and len(set(np.asarray(image)[:4].reshape(-1, 3).max(1))) == 1
