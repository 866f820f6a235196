# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark against the official packages measures both sides on the same weights."""

import pytest
import torch
from torch import nn

import scripts.bench.official_runners as runners


def assert_same(ours: nn.Module, official: nn.Module) -> None:
    ours, official = ours.state_dict(), official.state_dict()
    assert ours.keys() == official.keys()
    assert len(ours) > 50
    assert all(torch.equal(value, official[name]) for name, value in ours.items())


@pytest.mark.parametrize("name", ["base40M-textvec", "upsample", "sdf"])
def test_point_e_has_the_same_weights_on_both_sides(name):
    assert_same(runners.own_network(name), runners.official_network(name))


def test_shap_e_has_the_same_weights_on_both_sides():
    from blender_text3d.engine.reference.shap_e import network
    from blender_text3d.engine.reference.shap_e_configs import TEXT_PRIOR

    ours = runners.with_random_weights(
        runners.empty_network(lambda: runners.SplitVectorDiffusion(runners.OFFICIAL_TEXT_PRIOR))
    )
    assert_same(ours, runners.with_random_weights(network(TEXT_PRIOR, runners.CPU)))
