# SPDX-License-Identifier: GPL-3.0-or-later
"""The classifier of colored point clouds: what it is trained with, and what its accuracies count."""

import numpy as np
import pytest
import torch

from scripts.training.data.catalogue import CATEGORIES, ROLES
from scripts.training.data.dataset import make
from scripts.training.evaluate.classifier import (
    POINTS,
    PointCloudClassifier,
    accuracy,
    classification_loss,
    deformed,
    draw,
    load,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes")
    make(folder, 12, 4, "seen", 1)
    return load(folder)


def labels(count):
    return torch.zeros(count, dtype=torch.long), torch.zeros(count, dtype=torch.long)


def test_captioned_parts_are_those_that_the_captions_name(data):
    told = data["captioned"] >= 0
    assert told.any()
    assert (data["part_colors"][told] == data["captioned"][told]).all()
    assert told.sum() < (data["part_colors"] >= 0).sum()


def test_shapes_are_deformed_within_the_bounds_of_model_space(data):
    torch.manual_seed(0)
    points, colors = data["points"][:4].float(), data["colors"][:4].float() / 255
    moved, paler = deformed(points, colors)
    size = moved.amax(1) - moved.amin(1)
    torch.testing.assert_close(size.amax(1), torch.full((4,), 1.8))
    assert 0.005 < (moved - points).norm(dim=2).mean() < 0.15
    assert 0.005 < (paler - colors).abs().mean() < 0.15


def test_a_batch_has_whole_shapes_with_their_labels(data):
    cloud, colors, category, color, parts, captioned = draw(data, 5, "cpu")
    assert cloud.shape == colors.shape == (5, POINTS, 3)
    assert parts.shape == captioned.shape == (5, len(ROLES))
    known = {(int(a), int(b)) for a, b in zip(data["category"], data["color"], strict=True)}
    assert {(int(a), int(b)) for a, b in zip(category, color, strict=True)} <= known


def test_captioned_parts_count_more_than_others():
    def unsure(cloud, colors):
        return torch.zeros(1, len(CATEGORIES)), torch.zeros(1, 12), torch.zeros(1, len(ROLES), 12)

    none, one = torch.full((1, len(ROLES)), -1), torch.full((1, len(ROLES)), -1)
    one[0, 3] = 2
    base, part, captioned = (
        classification_loss(unsure, None, None, *labels(1), *parts) for parts in ((none, none), (one, none), (one, one))
    )
    assert base.item() == pytest.approx(np.log(len(CATEGORIES)) + np.log(12), rel=1e-5)
    assert (part - base).item() == pytest.approx(0.5 * np.log(12), rel=1e-4)
    assert (captioned - part).item() == pytest.approx(2 * np.log(12), rel=1e-4)


def test_it_learns_a_few_shapes_and_the_accuracies_say_so(data):
    torch.manual_seed(0)
    classifier = PointCloudClassifier()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=2e-3)
    before = accuracy(classifier, data)
    for _ in range(60):
        optimizer.zero_grad()
        classification_loss(classifier, *draw(data, 12, "cpu")).mean().backward()
        optimizer.step()
    after = accuracy(classifier.eval(), data)
    assert len(after) == 5
    assert after[2] <= min(after[:2])
    assert after[2] > 0.6 > before[2]
    assert after[4] > 0.4
