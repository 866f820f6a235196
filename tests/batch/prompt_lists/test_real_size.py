# SPDX-License-Identifier: GPL-3.0-or-later
"""--size auto from the terminal and in lists: each prompt gets the size of its kind."""

import argparse

import pytest

from blender_text3d.batch.prompt_lists.prompt_list import PromptRow
from blender_text3d.batch.prompt_lists.row_values import values_of
from blender_text3d.protocol.errors import BadRequest
from scripts import batch_generate, generate
from scripts.cli.batch_manifest import orders_of


def sizes_of(rows, *flags: str) -> list[float]:
    options = batch_generate.options_from(["--out", "x", *flags])
    orders, refused = orders_of(rows, options)
    assert not refused
    return [order.request.size_m for order in orders]


ROWS = [PromptRow("1", "a red mug", {}), PromptRow("2", "a house", {}), PromptRow("3", "zorg", {})]


def test_each_prompt_of_a_batch_gets_its_own_size():
    assert sizes_of(ROWS, "--size", "auto") == [0.1, 8.0, 1.0]
    assert sizes_of(ROWS, "--size", "2") == [2.0, 2.0, 2.0]
    assert sizes_of(ROWS) == [1.0, 1.0, 1.0]


def test_an_entry_of_a_list_may_ask_for_it(tmp_path):
    _, values = values_of({"prompt": "a tiny house", "size": "auto"}, tmp_path)
    assert sizes_of([PromptRow("1", "a tiny house", values), ROWS[0]]) == [4.0, 1.0]
    with pytest.raises(BadRequest, match="Write a number"):
        values_of({"prompt": "a house", "size": "automatic"}, tmp_path)


def test_a_prompt_that_becomes_a_view_has_the_size_by_the_words_of_the_image_model(trained_model):
    rows = [PromptRow("1", "a sofa", {}), PromptRow("2", "a goblet", {}), PromptRow("3", "a dragon", {})]
    small, large = ("--model", "mini/three-step"), ("--model", "shap-e/three-step")
    assert sizes_of(rows, "--size", "auto", *small) == [2.1, 0.1, 8.0]
    assert sizes_of(rows, "--size", "auto", *large, "--image-model", "mini/glide") == [2.1, 0.1, 8.0]
    for flags in ((*small, "--image-model", "glide"), large):
        assert sizes_of(rows, "--size", "auto", *flags) == [2.1, 1.0, 8.0]  # a goblet may be drawn
    assert sizes_of(rows, "--size", "auto", "--model", "mini/point-e") == [0.95, 0.1, 1.0]


def test_an_image_says_nothing_of_a_size(tmp_path):
    image = tmp_path / "a mug.png"
    image.write_bytes(b"x")
    assert sizes_of([PromptRow("1", "", {"image": str(image)})], "--size", "auto") == [1.0]


def test_another_word_as_size_is_refused(capsys):
    with pytest.raises(SystemExit):
        batch_generate.options_from(["--out", "x", "--size", "large"])
    assert "invalid size value: 'large'" in capsys.readouterr().err


def test_the_terminal_takes_it_for_a_single_prompt():
    options = argparse.Namespace(**vars(generate.options_from(["a big mug", "--size", "auto"])))
    (request,) = generate.requests_of(PromptRow("1", "a big mug", {}), options)
    assert request.size_m == pytest.approx(0.14)
