# SPDX-License-Identifier: GPL-3.0-or-later
"""Material words of prompts: which ones count, and for what."""

import pytest

from blender_text3d.prompts.materials import SUBSTANCES, MaterialLook, material_look


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("a golden crown", "golden"),
        ("a crown made of gold", "gold"),
        ("ein goldener Stuhl", "golden"),
        ("une chaise en bois", "wooden"),
        ("an oak table", "oak"),
        ("a stone tower with a silver roof", "stone"),
        ("a steel sword with a wooden grip", "steel"),
        ("a glass bottle", "glass"),
        ("a teapot of porcelain", "porcelain"),
        ("a rusty old car", "rusty"),
        ("a metallic blue car", "metallic"),
    ],
)
def test_a_material_gives_the_object_its_look(prompt, word):
    assert material_look(prompt) == SUBSTANCES[word]


@pytest.mark.parametrize(
    "prompt",
    [
        "a red chair",
        "a red chair with golden legs",
        "a car, not metallic",
        "a silver background, a chair",
        "a copper-colored mug",
        "a steel-blue chair",
        "a glossy render of a chair",
        "an ice cream",
        "",
        "gold" * 500,
    ],
)
def test_words_of_parts_of_colors_and_of_pictures_and_denied_ones_do_not(prompt):
    assert material_look(prompt) is None


def test_metals_are_metallic_and_other_materials_are_not():
    metallic = {word for word, look in SUBSTANCES.items() if look.metallic == 1}
    assert {"golden", "silver", "metal", "chrome", "iron"} <= metallic
    assert not metallic & {"wooden", "stone", "glass", "plastic", "rusty"}
    assert all(0 <= value <= 1 for look in SUBSTANCES.values() for value in look)


@pytest.mark.parametrize(
    ("prompt", "look"),
    [
        ("a glossy red car", MaterialLook(0, 0.12, coat=0.5)),
        ("a red car, matte finish", MaterialLook(0, 0.9)),
        ("a matte golden crown", MaterialLook(1, 0.9)),
        ("a shiny silver key", MaterialLook(1, 0.12)),
        ("a satin wooden table", MaterialLook(0, 0.35)),
        ("a car with black wheels, glossy", MaterialLook(0, 0.12, coat=0.5)),
    ],
)
def test_a_finish_sets_the_roughness(prompt, look):
    assert material_look(prompt) == look
