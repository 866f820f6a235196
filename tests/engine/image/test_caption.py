# SPDX-License-Identifier: GPL-3.0-or-later
"""The tower's output becomes a caption of what is certain, and a sentence for the user."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.image.caption import ImageCaption, caption_of
from blender_text3d.engine.image.image_vocabulary import ImageVocabulary
from blender_text3d.engine.image.mini_image_tower import SmallImageTower, SmallImageTowerConfig, TowerOutput
from blender_text3d.engine.weights.loading.load_tensors import BrokenWeights
from blender_text3d.prompts.vocabulary import OBJECTS, read_vocabulary

VOCABULARY = ImageVocabulary(
    categories=("chair", "apple", "car", "lamp"),
    sizes=("", "tall"),
    colors=("red", "orange", "black", "white"),
    roles=("main", "legs", "seat", "back", "wheels"),
    parts={
        "chair": {"legs": ("legs", ()), "seat": ("seat", ("red", "white")), "back": ("back", ())},
        "apple": {},
        "car": {"wheels": ("wheels", ("black",))},
        "lamp": {},
    },
)


def output(category="chair", color="red", size="", doubt=0.0, known=9.0, **parts):
    """Logits; `parts` are role=(color, probability of being visible); `doubt` is that of the category, 0 to 1."""
    visible, colors = torch.full((5,), -9.0), torch.zeros(5, 4)
    for role, (name, probability) in ({"main": (color, 0.99)} | parts).items():
        index = VOCABULARY.roles.index(role)
        visible[index] = torch.tensor(probability).logit()
        colors[index, VOCABULARY.colors.index(name)] = 12
    kind, build = torch.zeros(4), torch.zeros(2)
    kind[VOCABULARY.categories.index(category)] = 12 * (1 - doubt)
    build[VOCABULARY.sizes.index(size)] = 12
    return TowerOutput(kind[None], build[None], visible[None], colors[None], torch.tensor([known]))


@pytest.mark.parametrize(
    ("seen", "caption"),
    [
        (output(), "a red chair"),
        (output("apple", "orange"), "an orange apple"),
        (output(size="tall"), "a tall red chair"),
        (output(legs=("white", 0.95)), "a red chair with white legs"),
        (output(legs=("white", 0.9), seat=("black", 0.95)), "a red chair with black seat and white legs"),
    ],
)
def test_a_caption_describes_the_object(seen, caption):
    image_caption = caption_of(seen, VOCABULARY)
    assert (image_caption.caption, image_caption.notice) == (caption, f"Recognized: {caption}.")


def test_a_kind_is_named_as_people_spell_it():
    pair = ImageCaption("glasses", True, ("glasses", "icecream", "chesspiece"), "black", "", (("lens", "blue"),))
    assert pair.notice == "Recognized: black glasses with blue lens."
    told = replace(pair, category="icecream", is_sure=False).notice
    assert told.startswith("Not sure: it looks like glasses, an ice cream or a chess piece. Using: a black ice cream ")


@pytest.mark.parametrize("kind", read_vocabulary().groups[OBJECTS])
def test_the_words_of_a_caption_are_those_of_the_models(kind):
    image_caption = ImageCaption(kind, True, (kind,), "orange", "tall", (("lens", "blue"),))
    assert read_vocabulary().tokens(image_caption.caption) == ("tall", "orange", kind, "with", "blue", "lens")


def test_a_part_that_is_uncertain_or_has_a_default_color_is_not_mentioned():
    assert caption_of(output(legs=("white", 0.6)), VOCABULARY).parts == ()
    assert caption_of(output(legs=("red", 0.99)), VOCABULARY).parts == ()
    assert caption_of(output("car", wheels=("black", 0.99)), VOCABULARY).parts == ()
    assert caption_of(output("car", wheels=("red", 0.99)), VOCABULARY).parts == (("wheels", "red"),)


def test_a_part_of_another_category_is_not_mentioned():
    assert caption_of(output("car", legs=("white", 0.99)), VOCABULARY).caption == "a red car"


def test_two_parts_are_mentioned_and_unusual_colors_come_first():
    parts = {"legs": ("white", 0.9), "seat": ("white", 0.99), "back": ("black", 0.95)}
    assert caption_of(output(color="orange", **parts), VOCABULARY).parts == (("back", "black"), ("legs", "white"))


def test_an_uncertain_size_is_not_mentioned():
    seen = output(size="tall")
    seen.size[:] = torch.tensor([0.0, 1.0])
    assert caption_of(seen, VOCABULARY).size == ""


def test_an_uncertain_category_gives_a_notice_with_the_alternatives():
    notice = caption_of(output("lamp", doubt=0.95), VOCABULARY).notice
    assert notice.startswith("Not sure: it looks like a lamp, ")
    assert notice.endswith(". Using: a red lamp.")


def test_a_probable_category_is_not_sure_if_the_image_shows_something_else():
    assert caption_of(output("apple", known=0.1), VOCABULARY).notice == "Recognized: a red apple."
    notice = caption_of(output("apple", known=-0.1), VOCABULARY).notice
    assert notice.startswith("Not sure: it looks like an apple, a ")
    assert notice.endswith(". Using: a red apple.")


def test_every_role_has_its_own_part_and_each_output_its_shape():
    torch.manual_seed(0)
    config = SmallImageTowerConfig.of(VOCABULARY, width=24, layers=1, heads=2)
    found = SmallImageTower(config)(torch.randn(2, 3, 60, 60))
    assert [tuple(value.shape) for value in vars(found).values()] == [(2, 4), (2, 2), (2, 5), (2, 5, 4), (2,)]
    assert (found.color[:, 0] - found.color[:, 1]).abs().max() > 1e-3
    assert (found.category[0] - found.category[1]).abs().max() > 1e-3


def test_a_vocabulary_is_read_back_from_a_weights_file(tmp_path):
    save_file({"a": torch.zeros(1)}, tmp_path / "tower.safetensors", metadata=VOCABULARY.metadata())
    assert ImageVocabulary.read(tmp_path / "tower.safetensors") == VOCABULARY


@pytest.mark.parametrize("metadata", [None, {"words": "not JSON"}, {"words": '{"categories": ["chair"]}'}])
def test_a_weights_file_without_a_vocabulary_is_named(tmp_path, metadata):
    save_file({"a": torch.zeros(1)}, tmp_path / "tower.safetensors", metadata=metadata)
    with pytest.raises(BrokenWeights, match="tower.safetensors .* Reinstall the add-on"):
        ImageVocabulary.read(tmp_path / "tower.safetensors")


def test_a_missing_or_corrupt_file_is_named(tmp_path):
    with pytest.raises(BrokenWeights, match="tower.safetensors"):
        ImageVocabulary.read(tmp_path / "tower.safetensors")
    (tmp_path / "tower.safetensors").write_bytes(b"not weights")
    with pytest.raises(BrokenWeights, match="tower.safetensors"):
        ImageVocabulary.read(tmp_path / "tower.safetensors")


def logits_of(probability, count):
    """Logits of which the first has this probability, and the others the same share of the rest."""
    return torch.tensor([probability, *[(1 - probability) / (count - 1)] * (count - 1)]).log()


@pytest.mark.parametrize(("probability", "is_sure"), [(0.76, True), (0.74, False)])
def test_a_category_is_sure_from_sixty_percent_on(probability, is_sure):
    seen = output()
    seen.category[0] = logits_of(probability, 4)
    assert caption_of(seen, VOCABULARY).is_sure is is_sure


@pytest.mark.parametrize(("probability", "size"), [(0.86, "tall"), (0.84, "")])
def test_a_size_is_mentioned_from_85_percent_on(probability, size):
    seen = output()
    seen.size[0] = logits_of(probability, 2).flip(0)
    assert caption_of(seen, VOCABULARY).size == size


@pytest.mark.parametrize(("probability", "parts"), [(0.81, (("legs", "white"),)), (0.79, ())])
def test_a_part_in_a_color_is_mentioned_from_80_percent_on(probability, parts):
    assert caption_of(output(legs=("white", probability)), VOCABULARY).parts == parts
    seen = output(legs=("white", 0.9999))
    seen.color[0, 1] = logits_of(probability, 4).flip(0)
    assert caption_of(seen, VOCABULARY).parts == parts


def test_the_three_most_probable_categories_are_listed_in_their_order():
    seen = output()
    seen.category[0] = torch.tensor([0.1, 0.4, 0.2, 0.3]).log()
    found = caption_of(seen, VOCABULARY)
    assert (found.category, found.nearest) == ("apple", ("apple", "lamp", "car"))
    assert found.notice == ("Not sure: it looks like an apple, a lamp or a car. Using: a red apple.")


def test_a_part_may_have_the_main_color_only_if_that_is_unusual_for_it():
    chair = {"seat": ("red", 0.99)}
    assert caption_of(output(color="red", **chair), VOCABULARY).parts == (("seat", "red"),)
    assert caption_of(output(color="white", **chair), VOCABULARY).parts == ()
    assert caption_of(output(color="black", **chair), VOCABULARY).parts == (("seat", "red"),)


def test_of_three_unusual_parts_the_two_most_probable_are_mentioned():
    parts = {"legs": ("white", 0.9), "seat": ("black", 0.95), "back": ("orange", 0.99)}
    assert caption_of(output(**parts), VOCABULARY).parts == (("back", "orange"), ("seat", "black"))


def test_only_the_first_image_of_a_batch_is_described():
    first, second = output("car"), output("lamp", "white")
    batch = TowerOutput(*(torch.cat(pair) for pair in zip(vars(first).values(), vars(second).values(), strict=True)))
    assert caption_of(batch, VOCABULARY).caption == "a red car"


def test_a_tower_has_the_size_of_its_vocabulary_and_of_the_shipped_one():
    config = SmallImageTowerConfig.of(VOCABULARY)
    assert (config.categories, config.sizes, config.colors, config.roles) == (4, 2, 4, 5)
    visual = config.visual
    assert (visual.image_resolution, visual.patch_size, visual.width, visual.layers, visual.heads) == (
        60,
        12,
        120,
        4,
        4,
    )
    assert visual.embed_dim == 6
    assert SmallImageTowerConfig.of(VOCABULARY, width=24).width == 24
