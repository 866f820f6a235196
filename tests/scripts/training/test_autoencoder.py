# SPDX-License-Identifier: GPL-3.0-or-later
"""The loss of the small Shap-E's encoder and decoder: small parts of another color count."""

from argparse import Namespace

import pytest
import torch

from scripts.training.train.autoencoder import MAX_RARITY, batch_of, measure, rarity, surface_loss_of

RED, BLUE = (200, 0, 0), (0, 0, 200)


def shapes_of(*numbers, total=1024):
    """Return shapes, red but for some blue points, whose points tell their own colors by their place."""
    colors = torch.tensor([[BLUE] * number + [RED] * (total - number) for number in numbers], dtype=torch.uint8)
    points = torch.rand(len(numbers), total, 3)
    points[..., 0] = (colors[..., 2] > 0).float()
    return {
        "points": points.half(),
        "colors": colors,
        "queries": torch.rand(len(numbers), 2048, 3).half(),
        "distances": torch.rand(len(numbers), 2048).half() - 0.5,
        "query_colors": torch.zeros(len(numbers), 2048, 3, dtype=torch.uint8),
    }


@pytest.mark.parametrize(("number", "weight"), [(256, 2.0), (64, 4.0), (4, MAX_RARITY)])
def test_a_color_weighs_by_how_rare_it_is_in_its_shape(number, weight):
    weights = rarity(shapes_of(number, 512)["colors"])
    torch.testing.assert_close(weights[0, :number], torch.full((number,), weight))
    torch.testing.assert_close(weights[0, number:], torch.full((1024 - number,), (1024 / (1024 - number)) ** 0.5))
    torch.testing.assert_close(weights[1], torch.full((1024,), 2**0.5))


def test_shades_of_a_color_are_the_same_color():
    colors = shapes_of(512)["colors"]
    colors[0, :256] += torch.tensor([0, 3, 7], dtype=torch.uint8)
    torch.testing.assert_close(rarity(colors), torch.full((1, 1024), 2**0.5))


def test_a_small_part_in_a_wrong_color_costs_more_than_as_many_other_points():
    data = shapes_of(16)
    colors, weights = data["colors"] / 255, rarity(data["colors"])

    def loss(wrong):
        logits = torch.logit(colors.clamp(0.01, 0.99)).clone()
        logits[:, wrong] = logits[:, wrong].flip(-1)
        channels = torch.cat([torch.zeros(1, 1024, 3), logits, torch.zeros(1, 1024, 6)], dim=-1)
        return surface_loss_of(channels, colors, weights) - right

    right = 0.0
    right = loss(slice(0, 0))
    assert loss(slice(0, 16)) > 4 * loss(slice(16, 32)) > 0


def test_the_field_does_not_count_at_points_of_the_surface():
    """It would become flat there, with ridges on the surface."""
    channels, colors, weights = torch.randn(2, 50, 12), torch.rand(2, 50, 3), torch.ones(2, 50)
    other = torch.cat([torch.randn(2, 50, 3), channels[..., 3:]], dim=-1)
    assert torch.equal(surface_loss_of(channels, colors, weights), surface_loss_of(other, colors, weights))


def test_the_encoder_sees_other_points_than_the_decoder_is_asked_for():
    data = shapes_of(100, 200, 300)
    rows = torch.tensor([2, 0])
    arguments = Namespace(points=600, surface=400, queries=700, device="cpu")
    cloud, surface, queries = batch_of(data, rows, arguments)
    assert [part.shape for part in cloud] == [(2, 600, 3)] * 2
    assert [part.shape for part in surface] == [(2, 400, 3), (2, 400, 3), (2, 400)]
    assert [part.shape for part in queries] == [(2, 700, 3), (2, 700), (2, 700, 3)]
    for row, seen, asked in zip(rows, cloud[0], surface[0], strict=True):
        known = {tuple(point) for point in data["points"][row].float().tolist()}
        seen, asked = ({tuple(point) for point in points.tolist()} for points in (seen, asked))
        assert seen | asked <= known
        assert not seen & asked
    for points, colors in (cloud, surface[:2]):
        assert torch.equal(colors[..., 2] > 0.5, points[..., 0] > 0.5)
        assert colors.max() == 200 / 255
    is_blue = surface[1][..., 2] > 0.5
    expected = torch.where(is_blue, (1024 / torch.tensor([[300.0], [100.0]])).sqrt(), surface[2])
    torch.testing.assert_close(surface[2], expected)


def test_the_share_of_wrong_rare_colors_is_that_of_small_parts():
    """The decoder paints the large part right, and the small one right where y is below a quarter."""
    data = shapes_of(40, 40)

    def decoder(latents, points):
        is_blue = (points[..., 0] > 0.5) & (points[..., 1] < 0.25)
        colors = torch.where(is_blue[..., None], torch.tensor(BLUE) / 255.0, torch.tensor(RED) / 255.0)
        sides = torch.ones(*points.shape[:2], 1)
        return torch.cat([sides, sides, sides, torch.logit(colors.clamp(0.001, 0.999)), *[sides] * 6], dim=-1)

    iou, error, wrong = measure(lambda cloud, colors: cloud[:, 0], decoder, data, "cpu")
    blue = data["points"][:, :40, 1].float()
    assert wrong == pytest.approx((blue >= 0.25).float().mean().item())
    assert error == pytest.approx(wrong * 40 / 1024 * (400 / 3 / 255), abs=0.002)
    inside = data["distances"][:, 1024:] < 0
    assert iou == pytest.approx(inside.float().mean().item())
