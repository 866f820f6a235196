# SPDX-License-Identifier: GPL-3.0-or-later
"""Each official configuration has exactly the tensors of its checkpoint; nothing is allocated."""

import json
from pathlib import Path

import pytest
import torch

from blender_text3d.engine.glide import configs as glide
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.point_e.configs import OFFICIAL
from blender_text3d.engine.shap_e.configs import (
    OFFICIAL_DECODER,
    OFFICIAL_ENCODER,
    OFFICIAL_IMAGE_PRIOR,
    OFFICIAL_TEXT_PRIOR,
)
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion

MANIFESTS = json.loads(Path(__file__).with_name("manifests.json").read_text(encoding="utf-8"))
SHAP_E = {
    "shap-e/text300M": (SplitVectorDiffusion, OFFICIAL_TEXT_PRIOR),
    "shap-e/image300M": (SplitVectorDiffusion, OFFICIAL_IMAGE_PRIOR),
    "shap-e/transmitter (decoder part)": (VectorDecoder, OFFICIAL_DECODER),
}
NETWORKS = {f"point-e/{name}": entry for name, entry in OFFICIAL.items()} | SHAP_E
GLIDE = {f"glide/{name}": config for name, config in glide.OFFICIAL.items()}


def test_every_checkpoint_has_a_network():
    assert NETWORKS.keys() | GLIDE.keys() == MANIFESTS.keys()


@pytest.mark.parametrize("name", GLIDE)
def test_glides_two_networks_have_exactly_the_checkpoints_tensors_and_none_in_common(name):
    with torch.device("meta"):
        networks = TextTransformer(GLIDE[name]), UNet(GLIDE[name])
    shapes = [(key, list(value.shape)) for network in networks for key, value in network.state_dict().items()]
    assert dict(shapes) == MANIFESTS[name]
    assert len(shapes) == len(MANIFESTS[name])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_has_exactly_its_checkpoints_tensors(name):
    network, config = NETWORKS[name]
    with torch.device("meta"):
        shapes = {key: list(value.shape) for key, value in network(config).state_dict().items()}
    expected = {key.replace("encoder.params_proj.", "params_proj."): shape for key, shape in MANIFESTS[name].items()}
    assert shapes == expected


def test_the_transmitter_has_exactly_its_checkpoints_tensors():
    listed = json.loads(Path(__file__).with_name("encoder_manifests.json").read_text(encoding="utf-8"))
    with torch.device("meta"):
        tensors = Transmitter(OFFICIAL_ENCODER, OFFICIAL_DECODER).state_dict()
    transmitter = listed["shap-e/transmitter"]
    assert {name: list(value.shape) for name, value in tensors.items()} == transmitter["tensors"]
    assert sum(value.numel() for value in tensors.values()) == transmitter["parameters"]
