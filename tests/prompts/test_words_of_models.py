# SPDX-License-Identifier: GPL-3.0-or-later
"""Each small model reads a prompt with the words of its own training, and says which other model knows an object."""

import pytest

from blender_text3d.prompts.compared_kinds import kinds_notice
from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import Reading, cached_reading, read_prompt
from blender_text3d.prompts.vocabulary import OBJECTS, Vocabulary, read_vocabulary
from tests.earlier_words import KINDS, STAND_INS, write_vocabulary

pytestmark = pytest.mark.usefixtures("trained_model")

EARLIER, LATEST = "mini/point-e", read_vocabulary()
NEW = LATEST.groups[OBJECTS][KINDS:]
PART_AND_KIND = {"pillow", "bow", "gem", "cheese", "hat"}
"""Kinds that are parts to the earlier model."""
ALL_STAND_INS = STAND_INS | {"pot": "vase"}


def read(prompt: str, model: str) -> Reading:
    reading = read_prompt(prompt, model)
    assert reading is not None
    return reading


def notice(prompt: str, model: str) -> str:
    return prompt_notice(read(prompt, model), read_vocabulary(model)) or ""


def names_of(kind: str) -> list[str]:
    return [kind, *(alias for alias, word in LATEST.aliases.items() if word == kind)]


def test_a_model_without_words_of_its_own_has_those_of_the_latest_training():
    for model in ("mini/shap-e", "mini/three-step", "shap-e/text300M"):
        assert read_vocabulary(model).groups == read_vocabulary().groups
    assert len(LATEST.groups[OBJECTS]) == 122
    assert read_vocabulary(EARLIER).groups[OBJECTS] == LATEST.groups[OBJECTS][:37]
    assert len(NEW) == 85


@pytest.mark.parametrize("kind", LATEST.groups[OBJECTS])
def test_every_name_of_a_kind_is_that_kind_alone_with_a_color_and_in_numbers(kind):
    for name in names_of(kind):
        for prompt in (f"a {name}", f"a red {name}", f"Big {name.upper()}!"):
            assert read(prompt, "mini/shap-e").tokens[-1:] == (kind,), prompt
            assert read(prompt, "mini/shap-e").is_plain, prompt


@pytest.mark.parametrize("kind", NEW)
def test_a_kind_that_an_earlier_model_does_not_know_has_a_stand_in_or_is_told(kind):
    for name in names_of(kind):
        reading, told = read(f"a red {name}", EARLIER), notice(f"a red {name}", EARLIER)
        if meant := ALL_STAND_INS.get(kind) if name not in ("cooking pot", "saucepan") else "":
            assert reading.tokens == ("red", meant)
            assert reading.elsewhere == ()
        else:
            assert reading.main == "", name
            assert reading.elsewhere == (name, kind)
            assert told == f"{EARLIER} does not know '{name}'; mini/shap-e does."


@pytest.mark.parametrize("kind", sorted(PART_AND_KIND))
def test_a_part_of_an_earlier_model_stays_one(kind):
    whole = {"pillow": "bed", "bow": "key", "gem": "crown", "cheese": "burger", "hat": "snowman"}[kind]
    for model in (EARLIER, "mini/shap-e"):
        assert read(f"a {whole} with a red {kind}", model).tokens == (whole, "with", "red", kind)


@pytest.mark.parametrize(
    ("prompt", "tokens", "told"),
    [
        ("a cup", ("mug",), ""),
        ("a sofa", ("armchair",), "'sofa' is read as armchair."),
        ("two yachts", ("boat",), "Only one boat is made; not used: two."),
        ("eine blaue Tasse", ("blue", "mug"), "Read as German: blue mug."),
        ("ein Drache", (), "mini/point-e does not know 'drache' (dragon); mini/shap-e does."),
        ("a racehorse", (), "mini/point-e does not know 'racehorse' (horse); mini/shap-e does."),
        ("kittens", (), "mini/point-e does not know 'kittens'; mini/shap-e does."),
        ("a red dragon and a chair", ("chair",), "mini/point-e does not know 'dragon'; mini/shap-e does."),
        ("a chair and a dragon", ("chair",), "Not used, since the model knows nothing like it: dragon."),
        ("a dragon with a bicycle", (), "mini/point-e does not know 'dragon'; mini/shap-e does. Not used"),
        ("a cushion", ("cushion",), "mini/point-e does not know 'cushion' (pillow); mini/shap-e does."),
        ("a hat", ("hat",), "mini/point-e does not know 'hat'; mini/shap-e does."),
        ("a pot", ("vase",), "'pot' is read as vase."),
        ("a spacecraft", ("rocket",), "'spacecraft' is read as rocket."),
        ("a rocket", ("rocket",), ""),
    ],
)
def test_a_prompt_for_an_earlier_model_is_read_with_its_words(prompt, tokens, told):
    assert read(prompt, "mini/point-e").tokens == tokens
    assert told in notice(prompt, "mini/point-e")
    assert "does not know" not in notice(prompt, "mini/shap-e")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a red chair", ""), ("zorg", ""), ("", ""), ("a chair with a dragon", ""),
        ("a cup", "mini/point-e makes a mug of this prompt and mini/shap-e a cup."),
        ("a saucepan", "mini/point-e does not know 'saucepan'; mini/shap-e does, so only its object is of that kind."),
        ("a dragon", "mini/point-e does not know 'dragon'; mini/shap-e does, so only its object is of that kind."),
        ("a dragon and a chair", "mini/point-e makes a chair of this prompt and mini/shap-e a dragon."),
    ],
)  # fmt: skip
def test_a_comparison_of_two_kinds_is_told(prompt, expected):
    assert kinds_notice(prompt, ("mini/point-e", "mini/shap-e")) == expected
    assert kinds_notice(prompt, ("point-e/base40M-textvec", "shap-e/text300M")) == ""


def test_a_vocabulary_without_earlier_models_has_its_words_for_all(tmp_path):
    (tmp_path / "words.json").write_text('{"groups": {"objects": ["chair"]}, "aliases": {}, "ignored": []}')
    assert Vocabulary.read(tmp_path / "words.json", "mini/point-e").groups == {"objects": ("chair",)}


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a well made chair", ("chair",)), ("a well-lit red lamp", ("red", "lamp")),
        ("a stone well", ("stone", "well")),
        ("a present", ("gift",)), ("a mustard sofa", ("yellow", "sofa")), ("an olive armchair", ("green", "armchair")),
        ("a hot dog with mustard", ("hotdog", "with", "mustard")), ("a leather sofa", ("sofa",)),
        ("a crystal vase", ("vase",)), ("a crystal", ("crystal",)), ("a glass", ("cup",)),
        ("a star-shaped pillow", ("pillow",)), ("a heart-shaped box", ("box",)), ("a black bear", ("black", "bear")),
        ("a castle with red turrets", ("castle", "with", "red", "turret")), ("a turret", ("tower",)),
        ("a wooden chest of drawers", ("wooden", "wardrobe")), ("a chess knight", ("chesspiece",)),
        ("a white chess piece", ("white", "chesspiece")), ("a bow and arrow", ("bow",)), ("a bow tie", ("bow tie",)),
        ("a jack-o'-lantern", ("pumpkin",)), ("a fish bowl", ()), ("a teddy bear with a red bow tie",
         ("bear", "with", "red", "bow tie")), ("a man with brown hair", ("person", "with", "brown", "hair")),
    ],
)  # fmt: skip
def test_words_with_several_meanings_are_read_as_people_mean_them(prompt, tokens):
    assert read(prompt, "mini/shap-e").tokens == tokens


def test_all_models_that_know_an_object_are_named(tmp_path):
    models = ["mini/shap-e", "mini/three-step"]
    words = Vocabulary.read(write_vocabulary(tmp_path / "words.json", latest=models, earlier=[EARLIER]), EARLIER)
    told = prompt_notice(cached_reading("a dragon", words), words)
    assert told == f"{EARLIER} does not know 'dragon'; mini/shap-e and mini/three-step do."


def test_a_comparison_of_models_that_both_do_not_know_the_kind_names_none_that_does(untrained_model):
    models = (EARLIER, untrained_model)
    assert kinds_notice("a dragon", models) == kinds_notice("a cup", models) == ""
