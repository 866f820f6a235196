# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoder with small random weights. Exact numbers are in tests/parity."""

from dataclasses import replace

import pytest
import torch

from blender_text3d.engine.shap_e.encoding.random_order import RandomOrder, convolution_inputs
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.system.run_steps import run_steps
from tests.engine.shap_e.encoding.small_encoder import CONFIG, objects, transmitter


@pytest.fixture(autouse=True)
def without_gradients():
    with torch.inference_mode():
        yield


def encoded(inputs, seed=0):
    return transmitter().encoder(inputs, RandomOrder.from_seed(seed, inputs, CONFIG))


def test_a_seed_always_gives_the_same_latent_and_another_one_gives_another():
    inputs = objects()
    first = encoded(inputs)
    assert first.shape == (1, CONFIG.rows * CONFIG.d_latent)
    assert first.abs().max() < 1
    assert torch.equal(first, encoded(inputs))
    assert not torch.allclose(first, encoded(inputs, seed=1), atol=1e-3)


def test_the_order_of_the_neighbors_alone_moves_the_latent():
    inputs = objects()
    order = RandomOrder.from_seed(0, inputs, CONFIG)
    same_data = replace(order, neighbors=RandomOrder.from_seed(1, inputs, CONFIG).neighbors)
    latents = [transmitter().encoder(inputs, each) for each in (order, same_data)]
    assert (latents[0] - latents[1]).square().mean().sqrt() > 1e-3


def test_an_object_is_encoded_alike_alone_and_in_a_batch():
    two = objects(batch=2)
    order = RandomOrder.from_seed(0, two, CONFIG)
    both = transmitter().encoder(two, order)
    alone = torch.tanh(run_steps(transmitter().encoder.encode(two, order, 1)))
    assert torch.equal(both[1], alone)
    assert not torch.allclose(both[0], both[1], atol=1e-3)


def test_of_more_points_and_views_only_the_first_of_the_order_are_attended_to():
    more = objects(points=60, views=4)
    order = RandomOrder.from_seed(0, more, CONFIG)
    before = transmitter().encoder(more, order)
    left_out = order.views[0, CONFIG.views :]
    more.images[:, left_out] = 255 - more.images[:, left_out]
    assert torch.equal(before, transmitter().encoder(more, order))
    used = order.views[0, 0]
    more.images[:, used] = 255 - more.images[:, used]
    assert not torch.equal(before, transmitter().encoder(more, order))


def test_hidden_colors_of_the_background_do_not_matter():
    inputs = objects()
    before = encoded(inputs)
    inputs.images[inputs.alphas == 0] = 200
    assert torch.equal(before, encoded(inputs))


def test_each_view_is_a_step():
    inputs = objects()
    steps = list(transmitter().encoder.encode(inputs, RandomOrder.from_seed(0, inputs, CONFIG)))
    assert steps == [1, 2, 3, 4]


@pytest.mark.parametrize("inputs", [objects(points=47), objects(views=1), objects(size=12)])
def test_too_few_points_or_views_or_another_image_size_are_refused(inputs):
    with pytest.raises(ValueError, match="the encoder"):
        encoded(inputs)


def test_a_latent_is_decoded_by_the_transmitters_own_decoder():
    decoder = transmitter().decoder
    names = {f"encoder.{n}" if n.startswith("params_proj") else n for n in decoder.state_dict()}
    assert names < transmitter().state_dict().keys()
    field = Field(decoder, encoded(objects())[0])
    assert field.signed_distance(torch.zeros(5, 3)).shape == (5,)
    decoder.state_dict()["renderer.nerstf.mlp.6.bias"] += 0  # the decoder's tensors are the transmitter's
    assert decoder.field_layers is transmitter().renderer["nerstf"]


def test_convolutions_take_what_the_ones_before_them_give():
    assert convolution_inputs(CONFIG, points=48) == [(19, 8), (16, 5)]
    assert convolution_inputs(CONFIG, points=6) == [(19, 6), (16, 4)]
