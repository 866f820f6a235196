# SPDX-License-Identifier: GPL-3.0-or-later
"""Captions of the teacher's runs, their labels, and the caption loss that reads them."""

import numpy as np

from scripts.training.data.captioned_latents import LABELS
from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.data.colors import COLORS, color_class
from scripts.training.data.teacher_runs import SHAP_E, Labels, labels_of, make_shard, random_caption
from scripts.training.train.distilled_shap_e import Runs, student_levels


def random_captions(count=300):
    rng = np.random.default_rng(0)
    return [random_caption(rng) for _ in range(count)]


def test_labels_are_indices_of_what_the_caption_says():
    labels = labels_of("chair", "wooden", {"legs": "golden"})
    assert CATEGORIES[labels.category].name == "chair"
    assert list(COLORS)[labels.color] == color_class("wooden")
    assert [(ROLES[i], list(COLORS)[c]) for i, c in enumerate(labels.part_colors) if c >= 0] == [
        ("legs", color_class("golden"))
    ]


def test_an_empty_caption_has_no_label():
    assert {*(empty := labels_of()).part_colors, empty.category, empty.color} == {-1}


def test_every_labelled_color_is_in_the_caption_and_no_other():
    for text, labels in random_captions():
        said = {color_class(word) for word in words_of_colors(text)}
        numbers = {labels.color, *labels.part_colors} - {-1}
        assert {list(COLORS)[number] for number in numbers} == said, text


def words_of_colors(text):
    words = text.replace(",", " ").replace("-colored", "").split()
    return [word for word in words if color_class_or_none(word)]


def color_class_or_none(word):
    try:
        return color_class(word)
    except KeyError:
        return None


def test_a_student_reads_the_labels_that_its_teacher_wrote(tmp_path):
    class Options:
        batch, device = 3, "cpu"

    make_shard(lambda x, t, condition: x * 0, SHAP_E, tmp_path / "001-0000.npz", np.random.default_rng(5), 3, Options)
    runs = Runs(tmp_path, student_levels())
    rng = np.random.default_rng(5)
    rng.integers(2**62)  # the seed of the noise
    expected = [random_caption(rng)[1] for _ in range(3)]
    assert Labels._fields == LABELS
    assert [column.tolist() for column in runs.labels] == [list(column) for column in zip(*expected, strict=True)]
    assert [len(column) for column in runs.draw(5, "cpu")[2]] == [5, 5, 5]
