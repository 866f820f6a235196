# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences on how a prompt was read."""

import pytest

from blender_text3d.prompts.notices import MAX_NAMED, prompt_notice
from blender_text3d.prompts.reader import read_prompt
from blender_text3d.prompts.vocabulary import read_vocabulary

NO_OBJECT = (
    "No object that this model can make is named. Name one, such as chair, castle, fish, knife, banana, crystal, "
)


def notice(prompt: str) -> str | None:
    return prompt_notice(read_prompt(prompt), read_vocabulary())


@pytest.mark.parametrize("prompt", ["a red chair", "wooden shelves with red books", "a tall lamp", "one ship"])
def test_a_prompt_that_is_used_as_written_has_no_notice(prompt):
    assert notice(prompt) is None


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a high quality chair", "Words on style and rendering have no effect: high quality."),
        ("a red car on a white background", "Words on style and rendering have no effect: white background."),
        ("a light green chair", "'light green' is read as green."),
        ("a teak nightstand", "'teak' is read as wooden, 'nightstand' as table."),
        ("a robot dog", "Only one object is made, the dog; not used: robot."),
        ("a mug on a red table", "Only one object is made, the mug; not used: a red table."),
        ("three apples", "Only one apple is made; not used: three."),
        ("a chair with three legs", "The number of legs cannot be chosen; not used: three."),
        ("a chair without arms", "A prompt cannot exclude anything; not used: without arms."),
        ("ein roter Stuhl", "Read as German: red chair."),
        ("a chair with a cloud", "Not used, since the model knows nothing like it: cloud."),
        ("a chair with a dragon", "Only one object is made, the chair; not used: a dragon."),
        ("a red chiar", f"{NO_OBJECT}windmill. Unknown words: chiar (similar: chair)."),
        ("a rock", f"{NO_OBJECT}windmill. 'rock' alone is only a material."),
        ("a red beak", f"{NO_OBJECT}windmill. 'beak' alone is only a part."),
        ("three ice creams", "Only one ice cream is made; not used: three."),
        ("two mugs and a red boat", "Only one object is made, the mug; not used: two, a red boat."),
        ("a 30 cm tall vase", "The size has its own setting; not used: 30 cm tall."),
        ("a happy, sad dog", "Not used, since the model knows nothing like them: happy, sad."),
        ("a bank", f"{NO_OBJECT}windmill. 'bank' is not used; for something like it, write 'house'."),
        ("three hot dogs", "Only one hot dog is made; not used: three."),
        ("a loveseat, low poly, without legs",
         "'loveseat' is read as sofa. A prompt cannot exclude anything; not used: without legs. Words on style and "
         "rendering have no effect: low poly."),
    ],
)  # fmt: skip
def test_each_thing_that_was_not_used_has_a_sentence(prompt, expected):
    assert notice(prompt) == expected


def test_all_unknown_words_are_named_up_to_a_number():
    words = [f"zorg{letter}" for letter in "abcdefghijklmno"]
    named = ", ".join(words[:MAX_NAMED])
    assert f"Unknown words: {named} and {len(words) - MAX_NAMED} more." in notice(" ".join(words))
    assert f"Unknown words: {', '.join(words[:8])}." in notice(" ".join(words[:8]))


def test_what_is_beyond_the_twelfth_word_is_named():
    prompt = "a blue chair with red legs and a green seat and yellow armrests and a white backrest and a black cushion"
    assert notice(prompt) == "Only the first 12 known words are used; not used: cushion."
