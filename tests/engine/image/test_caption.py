# SPDX-License-Identifier: GPL-3.0-or-later
"""What is thought of a picture becomes a caption of the sure things, and an honest sentence for the user."""

import pytest
import torch
from safetensors.torch import save_file

from blender_text3d.engine.image.caption import caption_of
from blender_text3d.engine.image.image_vocabulary import PictureWords
from blender_text3d.engine.image.small_tower import Answers, MiniTower, MiniTowerConfig
from blender_text3d.engine.weights.loading.load_tensors import BrokenWeights

WORDS = PictureWords(
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


def answers(category="chair", color="red", size="", doubt=0.0, **parts):
    """Logits; `parts` are role=(colour, chance that it is seen); `doubt` is of the category, 0 to 1."""
    visible, colors = torch.full((5,), -9.0), torch.zeros(5, 4)
    for role, (name, chance) in ({"main": (color, 0.99)} | parts).items():
        number = WORDS.roles.index(role)
        visible[number] = torch.tensor(chance).logit()
        colors[number, WORDS.colors.index(name)] = 12
    kind, build = torch.zeros(4), torch.zeros(2)
    kind[WORDS.categories.index(category)] = 12 * (1 - doubt)
    build[WORDS.sizes.index(size)] = 12
    return Answers(kind[None], build[None], visible[None], colors[None])


@pytest.mark.parametrize(
    ("seen", "caption"),
    [
        (answers(), "a red chair"),
        (answers("apple", "orange"), "an orange apple"),
        (answers(size="tall"), "a tall red chair"),
        (answers(legs=("white", 0.95)), "a red chair with white legs"),
        (answers(legs=("white", 0.9), seat=("black", 0.95)), "a red chair with black seat and white legs"),
    ],
)
def test_a_caption_tells_what_is_seen(seen, caption):
    sight = caption_of(seen, WORDS)
    assert (sight.caption, sight.notice) == (caption, f"Seen in the picture: {caption}.")


def test_a_part_that_is_unsure_or_as_it_would_be_anyway_is_not_told():
    assert caption_of(answers(legs=("white", 0.6)), WORDS).parts == ()
    assert caption_of(answers(legs=("red", 0.99)), WORDS).parts == ()
    assert caption_of(answers("car", wheels=("black", 0.99)), WORDS).parts == ()
    assert caption_of(answers("car", wheels=("red", 0.99)), WORDS).parts == (("wheels", "red"),)


def test_a_part_of_another_category_is_not_told():
    assert caption_of(answers("car", legs=("white", 0.99)), WORDS).caption == "a red car"


def test_two_parts_are_told_and_unusual_colours_come_first():
    parts = {"legs": ("white", 0.9), "seat": ("white", 0.99), "back": ("black", 0.95)}
    assert caption_of(answers(color="orange", **parts), WORDS).parts == (("back", "black"), ("legs", "white"))


def test_an_unsure_size_is_not_told():
    seen = answers(size="tall")
    seen.size[:] = torch.tensor([0.0, 1.0])
    assert caption_of(seen, WORDS).size == ""


def test_doubt_about_the_category_is_said_with_the_nearest_ones():
    notice = caption_of(answers("lamp", doubt=0.95), WORDS).notice
    assert notice.startswith("Not sure what the picture shows; nearest: lamp, ")
    assert notice.endswith("Taken for: a red lamp.")


def test_every_role_reads_its_own_part_and_each_question_has_its_answers():
    torch.manual_seed(0)
    config = MiniTowerConfig.of(WORDS, width=24, layers=1, heads=2)
    found = MiniTower(config)(torch.randn(2, 3, 60, 60))
    assert [tuple(value.shape) for value in vars(found).values()] == [(2, 4), (2, 2), (2, 5), (2, 5, 4)]
    assert (found.color[:, 0] - found.color[:, 1]).abs().max() > 1e-3
    assert (found.category[0] - found.category[1]).abs().max() > 1e-3


def test_words_come_back_from_a_weights_file_as_they_were(tmp_path):
    save_file({"a": torch.zeros(1)}, tmp_path / "tower.safetensors", metadata=WORDS.metadata())
    assert PictureWords.read(tmp_path / "tower.safetensors") == WORDS


@pytest.mark.parametrize("metadata", [None, {"words": "not JSON"}, {"words": '{"categories": ["chair"]}'}])
def test_a_weights_file_without_words_is_named(tmp_path, metadata):
    save_file({"a": torch.zeros(1)}, tmp_path / "tower.safetensors", metadata=metadata)
    with pytest.raises(BrokenWeights, match="tower.safetensors .* Install the add-on again"):
        PictureWords.read(tmp_path / "tower.safetensors")


def test_a_file_that_is_not_there_or_damaged_is_named(tmp_path):
    with pytest.raises(BrokenWeights, match="tower.safetensors"):
        PictureWords.read(tmp_path / "tower.safetensors")
    (tmp_path / "tower.safetensors").write_bytes(b"not weights")
    with pytest.raises(BrokenWeights, match="tower.safetensors"):
        PictureWords.read(tmp_path / "tower.safetensors")
