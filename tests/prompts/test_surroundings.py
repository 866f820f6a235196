# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents and surroundings leave an object's color and material alone; the substance it is made of sets them."""

import pytest

from blender_text3d.prompts.materials import material_look
from blender_text3d.prompts.notices import prompt_notice
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary


def notice(prompt: str, model: str = "") -> str:
    return prompt_notice(read_prompt(prompt, model), read_vocabulary(model)) or ""


@pytest.mark.parametrize(
    ("prompt", "tokens", "unused"),
    [
        ("a bag of gold", "bag", "gold"), ("a red bag of silver", "red bag", "silver"),
        ("a bag of rocks", "bag", "rocks"), ("a bag of cement", "bag", "cement"),
        ("a backpack of wood", "backpack", "wood"), ("a chest of gold", "chest", "gold"),
        ("a treasure chest of gold", "chest", "gold"), ("a pot of gold", "pot", "gold"),
        ("a box of gold", "box", "gold"), ("a box of metals", "box", "metals"),
        ("a barrel of rocks", "barrel", "rocks"),
        ("a truck of rocks", "truck", "rocks"), ("a bag of gold and silver", "bag", "gold and silver"),
        ("a bag of gold with a red handle", "bag with red handle", "gold"),
        ("a cup of chocolate", "cup", "chocolate"), ("a mug of cream", "mug", "cream"),
        ("a bottle of lime", "bottle", "lime"), ("a bowl of oranges", "bowl", "oranges"),
        ("a vase of lilacs", "vase", "lilacs"), ("a crate of limes", "crate", "limes"),
        ("a chest full of gold", "chest", "gold"), ("a chest filled with gold", "chest", "gold"),
        ("a boat full of gold", "boat", "gold"), ("a truck loaded with wood", "truck", "wood"),
        ("a bowl filled with oranges", "bowl", "oranges"), ("a robot holding gold", "robot", "gold"),
        ("a dragon on gold", "dragon", "gold"), ("a dragon on a pile of gold", "dragon", "gold"),
        ("a dragon sitting on silver", "dragon", "silver"), ("a cat on white", "cat", "white"),
        ("a lighthouse on rocks", "lighthouse", "rocks"), ("a sword in a boat of gold", "sword", "a boat of gold"),
        ("a bowl of red and green apples", "bowl", "red and green apples"),
        ("a bag with red and gold coins", "bag", "red and gold coins"),
    ],
)  # fmt: skip
def test_what_is_in_or_under_an_object_does_not_paint_it(prompt, tokens, unused):
    assert " ".join(read_prompt(prompt).tokens) == tokens
    assert notice(prompt) == f"Only one object is made, the {read_prompt(prompt).main}; not used: {unused}."
    assert material_look(prompt) is None


@pytest.mark.parametrize(
    ("prompt", "tokens", "told"),
    [
        ("a bag of rice", "bag", "Not used, since the model knows nothing like it: rice."),
        ("a bag of leather", "bag", "Not used, since the model knows nothing like it: leather."),
        ("a box of chocolates", "box", "'box of chocolates' is read as box."), ("a cup of tea", "cup tea", ""),
        ("a basket of oranges", "basket orange apple", "'oranges' is read as orange apple."),
        ("a dragon guarding gold", "dragon",
         "Not used, since the model knows nothing like it: guarding. Only one object is made, the dragon; "
         "not used: gold."),
    ],
)  # fmt: skip
def test_a_thing_that_an_object_holds_is_told(prompt, tokens, told):
    assert (" ".join(read_prompt(prompt).tokens), notice(prompt)) == (tokens, told)


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [
        ("a crown of gold", "crown golden"), ("a statue of a dog of gold", "dog golden"),
        ("a heart of stone", "heart stone"), ("a ball of chocolate", "ball brown"), ("a cup of gold", "cup golden"),
        ("a bowl of silver", "bowl silver"), ("a vase of marble", "vase white"), ("a pot of copper", "pot orange"),
        ("a pot of brass", "pot golden"), ("a box of wood", "box wooden"), ("a chest of oak", "chest wooden"),
        ("a basket of wicker", "basket wooden"), ("a house of rocks", "house stone"), ("a boat of gold", "boat golden"),
        ("a bag made of gold", "bag golden"), ("a chest carved out of gold", "chest golden"),
        ("a bag in gold", "bag golden"), ("a dog turned into gold", "dog golden"),
        ("a bag with a handle of gold", "bag with handle golden"),
        ("a lamp on a base of gold", "lamp base golden"), ("a bag of red", "bag red"),
        ("a chest with gold coins", "chest with golden coin"), ("a chest full of gold coins", "chest golden coin"),
        ("a robot holding a sword, golden", "robot golden"), ("a car in the color of gold", "car golden"),
    ],
)  # fmt: skip
def test_what_an_object_consists_of_paints_it(prompt, tokens):
    assert " ".join(read_prompt(prompt).tokens) == tokens


@pytest.mark.parametrize(
    ("prompt", "tokens"),
    [("a bottle of gold", "bottle"), ("a bowl of limes", "bowl"), ("a bowl of stone", "bowl stone"),
     ("a rocket on gold", "rocket")],
)  # fmt: skip
def test_models_of_the_first_training_read_contents_in_the_same_way(trained_model, prompt, tokens):
    assert " ".join(read_prompt(prompt, "mini/point-e").tokens) == tokens
