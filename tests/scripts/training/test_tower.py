# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the small image tower: labeled images, framed like the images of users."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import one_hot

from blender_text3d.engine.image.caption_from_image import PREPARED_SIDE, load_image_tower
from blender_text3d.engine.image.clip_preprocess import normalize_pixels
from blender_text3d.engine.image.mini_image_tower import SmallImageTower, SmallImageTowerConfig, TowerOutput
from blender_text3d.engine.image.preprocess import prepare_image
from blender_text3d.engine.image.view_ensemble import center_crop
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.prompts.vocabulary import Vocabulary
from scripts.training.data.catalogue import CATEGORIES, is_held_out
from scripts.training.data.colors import COLORS, tint
from scripts.training.images import image_dataset
from scripts.training.images.coloring import HELD_OUT_COLORS, TRAINING_COLORS, color_shape, color_views
from scripts.training.images.image_dataset import KEYS, PART_ROLES, SIZES, make_shape
from scripts.training.images.splat import EMPTY
from scripts.training.images.tower_cases import IMAGE_STYLES, cases, simulate_user_image
from scripts.training.images.tower_images import augment, frame_on_white, normalize, scramble
from scripts.training.images.tower_words import VISIBLE_SIZE_INDEX, VISIBLE_SIZES, image_vocabulary
from scripts.training.train.export_tower import export
from scripts.training.train.tower import PAIR_PROBABILITIES, ROLES_OF_KINDS, initialize, loss_of, pair_loss

CONFIG = SmallImageTowerConfig.of(image_vocabulary())


@pytest.fixture(scope="module")
def shapes():
    rng = np.random.default_rng(5)
    drawn = [make_shape(rng) for _ in range(6)]
    return {key: np.stack([shape[key] for shape in drawn]) for key in KEYS}


@pytest.fixture
def views(shapes):
    return color_views(shapes, np.arange(6), TRAINING_COLORS, np.random.default_rng(2))


def test_an_object_is_uncropped_centered_and_lit_in_every_view(shapes):
    seen = shapes["roles"] != EMPTY
    for view, light in zip(seen.reshape(-1, 128, 128), shapes["light"].reshape(-1, 128, 128), strict=True):
        rows, columns = np.flatnonzero(view.any(1)), np.flatnonzero(view.any(0))
        assert max(np.ptp(rows), np.ptp(columns)) == pytest.approx(0.95 * 128, abs=5)
        assert abs(rows.mean() - 63.5) < 12
        assert abs(columns.mean() - 63.5) < 12
        assert light[view].min() > 60


def test_every_part_has_the_color_of_its_caption_and_label(shapes):
    rng = np.random.default_rng(1)
    for row in list(range(6)) * 5:
        one = color_shape(shapes, row, TRAINING_COLORS, rng)
        captioned = {role: color for role, (_, color) in one.description.accents.items()}
        for role, color in (captioned | {"main": one.description.hidden_main}).items():
            number = PART_ROLES.index(role)
            assert np.abs(one.palette[number] * 255 - tint(color)).max() < 20
            assert np.abs(one.palette[number] * 255 - COLORS[list(COLORS)[one.classes[number]]]).max() < 60


def test_training_never_uses_a_held_out_pair_of_kind_and_color(shapes):
    assert all(not is_held_out(kind, color) for kind, colors in TRAINING_COLORS.items() for color in colors)
    assert all(is_held_out(kind, color) for kind, colors in HELD_OUT_COLORS.items() for color in colors)
    descriptions = color_views(
        shapes, np.tile(np.arange(6), 20), TRAINING_COLORS, np.random.default_rng(0)
    ).descriptions
    assert not any(is_held_out(one.category.name, one.color_class) for one in descriptions)


def test_a_part_without_pixels_has_no_color_label(shapes, views):
    rng = np.random.default_rng(2)
    roles = torch.from_numpy(shapes["roles"][np.arange(6), rng.integers(0, 5, 6)])
    for row, numbers in enumerate(roles):
        found = {number for number in numbers.unique().tolist() if (numbers == number).sum() >= 16} - {EMPTY}
        assert {role for role, color in enumerate(views.color[row].tolist()) if color >= 0} == found | {0}


def test_the_main_part_of_a_view_has_the_main_color(views):
    assert views.images.shape == (6, 4, 64, 64)
    assert (views.images[:, :3] <= views.images[:, 3:] + 1e-6).all()
    for image, color in zip(views.images, views.color[:, 0], strict=True):
        strength = torch.tensor(list(COLORS.values())[color]).float()
        if strength.max() - strength.min() > 120:
            solid = image[:3, image[3] == 1].T
            hue = (solid / solid.amax(1, keepdim=True) - strength / strength.max()).abs().amax(1)
            assert (hue < 0.25).float().mean() > 0.2


@pytest.mark.parametrize("style", [style for style in IMAGE_STYLES if style != "lit"])
def test_training_images_match_the_preprocessed_images_of_users(views, style, tmp_path):
    for image, expected in zip(views.images, frame_on_white(views.images), strict=True):
        simulate_user_image(image, style, np.random.default_rng(4)).save(tmp_path / "image.png")
        view = center_crop(prepare_image(tmp_path / "image.png", PREPARED_SIDE).view, CONFIG.image_resolution)
        assert np.abs(view / 255 - expected.permute(1, 2, 0).numpy()).mean() < 0.05


def test_normalization_is_that_of_clip():
    view = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    torch.testing.assert_close(
        normalize(torch.from_numpy(view).permute(2, 0, 1)[None] / 255)[0], normalize_pixels(view)
    )


def test_augmented_images_differ_and_keep_the_object(views):
    torch.manual_seed(0)
    image = views.images[:1]
    some = augment(image.expand(16, -1, -1, -1))
    assert some.shape == (16, 3, 60, 60)
    assert some.min() >= 0
    assert some.max() <= 1
    assert some.std(0).mean() > 0.05
    assert ((some - frame_on_white(image)).abs().mean((1, 2, 3)) < 0.3).all()


def test_scrambled_images_are_permutations_of_their_pixels(views):
    torch.manual_seed(0)
    rgb = frame_on_white(views.images)
    puzzle = scramble(rgb)
    assert torch.equal(puzzle.flatten().sort().values, rgb.flatten().sort().values)
    assert ((puzzle - rgb).abs().mean((1, 2, 3)) > 0.1).all()


def test_every_output_of_the_tower_is_in_the_vocabulary():
    words, vocabulary = image_vocabulary(), Vocabulary.read(VOCABULARY)
    for category in words.categories:
        for role, (part, default) in words.parts[category].items():
            assert role in words.roles
            assert set(default) <= set(words.colors)
            tokens = vocabulary.tokens(f"a tall red {category} with blue {part}")
            assert len(tokens) == 6
            assert tokens[:5] == ("tall", "red", category, "with", "blue")
    assert words.roles == PART_ROLES
    assert words.categories == tuple(category.name for category in CATEGORIES)


def test_visually_equal_sizes_share_one_label():
    assert VISIBLE_SIZES[0] == ""
    assert {VISIBLE_SIZES[VISIBLE_SIZE_INDEX[SIZES.index(size)]] for size in ("wide", "long")} == {"wide"}
    assert VISIBLE_SIZE_INDEX[SIZES.index("tall")] == VISIBLE_SIZES.index("tall")


def test_true_labels_have_a_small_loss_and_those_of_other_images_a_large_one(shapes):
    torch.manual_seed(0)
    views = color_views(shapes, np.tile(np.arange(6), 3), TRAINING_COLORS, np.random.default_rng(2))
    size = torch.tensor(VISIBLE_SIZE_INDEX)[views.size]
    true = TowerOutput(
        category=20.0 * one_hot(views.category, CONFIG.categories),
        size=20.0 * one_hot(size, CONFIG.sizes),
        visible=torch.where(views.color >= 0, 20.0, -20.0),
        color=20.0 * one_hot(views.color.clamp(min=0), CONFIG.colors),
        known=torch.full([len(views.size)], 20.0),
    )
    # Confident outputs are wrong for scrambled images: a loss of 0.3 of about 20, for a third of the images.
    spent = loss_of(outputs_of(true), views)
    assert spent == pytest.approx(0.3 * 20 * (1 - 1 / CONFIG.categories) * 6 / 18, rel=0.01)
    shifted = TowerOutput(*(values.roll(1, 0) for values in vars(true).values()))
    assert loss_of(outputs_of(shifted), views) > 5 * spent


def outputs_of(output):
    """Return the network that has an output for all roles, as `loss_of` takes it: with the roles asked for."""
    rows = torch.arange(len(output.size))[:, None]
    return lambda pixels, roles: replace(output, visible=output.visible[rows, roles], color=output.color[rows, roles])


def test_the_roles_asked_for_get_the_output_that_they_have_among_all_roles():
    tower, pixels = SmallImageTower(CONFIG), torch.randn(3, 3, 60, 60)
    roles = torch.tensor([[0, 5], [7, 0], [2, 2]])
    every, some = tower(pixels), tower(pixels, roles)
    for name in ("visible", "color"):
        chosen = torch.stack([row[index] for row, index in zip(getattr(every, name), roles, strict=True)])
        assert torch.allclose(getattr(some, name), chosen, atol=1e-5)


def test_the_roles_of_a_kind_are_its_main_part_and_its_own_parts():
    for kind, roles in zip(CATEGORIES, ROLES_OF_KINDS.tolist(), strict=True):
        assert roles[0] == 0
        assert {PART_ROLES[role] for role in roles} - {"main"} == {*kind.accents} - {"main"}


def test_sampling_weights_are_zero_for_held_out_pairs_and_uniform_for_the_others():
    for kind, log_probabilities in zip(CATEGORIES, PAIR_PROBABILITIES, strict=True):
        held = torch.tensor([is_held_out(kind.name, color) for color in COLORS])
        assert torch.equal(log_probabilities == 0, held)
        assert log_probabilities[~held].unique().numel() == 1
        assert log_probabilities.sum() == pytest.approx(1)


def held_out_pair():
    """Return indices: (kind, another kind, color trained only with the second, color trained with both)."""
    is_seen = PAIR_PROBABILITIES > 0
    kind, other = 0, next(n for n in range(1, len(CATEGORIES)) if (is_seen[n] & ~is_seen[0]).any())
    return (
        kind,
        other,
        int((is_seen[other] & ~is_seen[kind]).int().argmax()),
        int(is_seen[[kind, other]].all(0).int().argmax()),
    )


@pytest.mark.parametrize("strength", [-30.0, 30.0])
def test_predicting_a_held_out_pair_adds_no_loss(strength):
    kind, other, unseen, common = held_out_pair()
    category, color = torch.zeros(1, CONFIG.categories), torch.zeros(1, CONFIG.colors)
    plain_cost = pair_loss(category, color, torch.tensor([kind]), torch.tensor([common]))
    color[0, unseen] = strength
    assert pair_loss(category, color, torch.tensor([kind]), torch.tensor([common])) == plain_cost
    category[0, kind], color[0, unseen] = strength, 0.0
    assert pair_loss(category, color, torch.tensor([other]), torch.tensor([unseen])) == pytest.approx(
        pair_loss(0 * category, color, torch.tensor([other]), torch.tensor([unseen])).item()
    )


def test_predicting_a_wrong_training_pair_has_a_large_loss():
    kind, other, _, common = held_out_pair()
    wrong = int((PAIR_PROBABILITIES[kind] > 0).nonzero()[-1])
    category, color = torch.zeros(1, CONFIG.categories), torch.zeros(1, CONFIG.colors)
    color[0, wrong] = 30.0
    assert wrong != common
    assert pair_loss(category, color, torch.tensor([kind]), torch.tensor([common])) > 25
    category[0, other], color[0, wrong] = 30.0, 0.0
    assert pair_loss(category, color, torch.tensor([kind]), torch.tensor([common])) > 25


def test_initialization_copies_the_trunk_but_not_the_heads(tmp_path):
    torch.manual_seed(0)
    first, second = SmallImageTower(CONFIG), SmallImageTower(CONFIG)
    torch.save({"averages": {"tower": first.state_dict()}}, tmp_path / "first.pt")
    initialize(second, tmp_path / "first.pt")
    is_new = {name: not torch.equal(tensor, first.state_dict()[name]) for name, tensor in second.state_dict().items()}
    assert not is_new["visual.conv1.weight"]
    assert not is_new["visual.transformer.resblocks.2.mlp.c_fc.weight"]
    assert is_new["visual.transformer.resblocks.3.mlp.c_fc.weight"]
    assert is_new["visual.proj"]
    assert is_new["parts.c_q.weight"]
    assert is_new["parts.mlp.2.weight"]


def test_the_exported_file_has_the_tower_in_half_precision_and_its_vocabulary(tmp_path):
    torch.manual_seed(0)
    tower = SmallImageTower(CONFIG)
    export(tower.state_dict(), tmp_path / "tower.safetensors")
    shipped, words = load_image_tower(tmp_path / "tower.safetensors", torch.device("cpu"))
    assert words == image_vocabulary()
    assert (tmp_path / "tower.safetensors").stat().st_size < 2.5e6
    pixels = torch.randn(2, 3, 60, 60)
    for name in ("category", "size", "visible", "color"):
        given, kept = getattr(tower(pixels), name), getattr(shipped(pixels), name)
        torch.testing.assert_close(kept, given, atol=0.02, rtol=0.02)


def test_cases_have_the_painted_labels_and_a_third_is_held_out(shapes):
    for case in cases(shapes, 6, np.random.default_rng(0)):
        assert case.task.category == case.image_caption.category
        assert case.task.color == case.image_caption.color
        assert all(case.is_true(*part) for part in case.image_caption.parts)
        assert all(sum(case.is_true(word, color) for color in COLORS) == 1 for word, _ in case.image_caption.parts)
    held = [
        is_held_out(case.image_caption.category, case.image_caption.color)
        for case in cases(shapes, 6, np.random.default_rng(0))
    ]
    assert sum(held) == 2


def test_images_are_equal_after_a_round_trip(tmp_path):
    image_dataset.make_shard((tmp_path / "00000.npz", 0, 1, 2))
    read = image_dataset.read_images(tmp_path)
    first = make_shape(np.random.default_rng([1, 0]))
    assert len(read["roles"]) == 2
    assert all(np.array_equal(read[key][0], first[key]) for key in KEYS)
