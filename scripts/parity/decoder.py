# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's decoder: the weights it generates from a latent, and the field's values at points."""

from itertools import product

import torch
from torch import Tensor

from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from scripts.parity.case import Case, ConfigReader, InvalidCase
from scripts.parity.weight_recipe import fill_weights

DENSITY = {"coarse": slice(1, 2), "fine": slice(2, 3)}
CHANNELS = {
    ("stf", "coarse"): slice(3, 6),
    ("stf", "fine"): slice(3, 6),
    ("nerf", "coarse"): slice(6, 9),
    ("nerf", "fine"): slice(9, 12),
}
RENDERING = ("grid_size", "n_coarse_samples", "n_fine_samples", "separate_shared_samples", "volume", "device")


def decode(case: Case) -> dict[str, Tensor]:
    """Return a decoder's outputs for a latent by their recorded names."""
    latent, position = case.select_inputs("latent", "position")
    decoder = VectorDecoder(decoder_config(case.config_reader))
    halves = fill_weights(decoder.params_proj, case.seed), fill_weights(decoder.renderer, case.seed)
    check_state(case, {name: list(v.shape) for half in halves for name, v in half.state_dict().items()})
    generated = {f"nerstf__mlp__{i}__weight": weight for i, weight in enumerate(decoder.params_proj(latent))}
    return generated | field_outputs(decoder(latent, position))


def field_outputs(raw: Tensor) -> dict[str, Tensor]:
    """Return the activated channels of (B, M, 12) float32 by their official names."""
    outputs = {"signed_distance": torch.tanh(raw[..., 0:1])}
    for mode, level in product(("stf", "nerf"), DENSITY):
        outputs[f"{mode}_{level}_density"] = torch.relu(raw[..., DENSITY[level]])
        outputs[f"{mode}_{level}_channels"] = torch.sigmoid(raw[..., CHANNELS[mode, level]])
    return outputs


def check_state(case: Case, shapes: dict[str, list[int]]) -> None:
    """Require that the network's tensors are those listed.

    Raises:
        InvalidCase: they differ.
    """
    listed = {name: list(shape) for name, shape in case.state.items()} if case.state is not None else shapes
    if listed != shapes:
        names = sorted(name for name in listed.keys() | shapes.keys() if listed.get(name) != shapes.get(name))
        raise InvalidCase(f"The case '{case.name}' lists other tensors than the network has: {', '.join(names)}.")


def decoder_config(keys: ConfigReader) -> DecoderConfig:
    """Return the decoder's configuration.

    Raises:
        InvalidCase: a key or a value is unknown.
    """
    renderer, projection = keys.section("renderer"), keys.section("params_proj")
    projection.expect("channels", "name")
    projection.expect(True, "use_ln")
    projection.ignore("init_scale", "learned_scale")
    projection.finish()
    renderer.expect("NeRSTFRenderer", "name")
    renderer.ignore(*RENDERING)
    void = renderer.section("void")
    void.expect("VoidNeRFModel", "name")
    void.ignore("trainable")
    background = void.require("background")
    void.finish()
    field = renderer.section("nerstf")
    renderer.finish()
    config = field_config(field, keys.require("d_row"), len(background))
    keys.expect(config.rows, "rows", default=config.rows)
    keys.finish()
    return config


def field_config(keys: ConfigReader, d_row: int, background_channels: int) -> DecoderConfig:
    """Return the configuration of the field's layers; only those of the released checkpoints are supported."""
    keys.expect("MLPNeRSTFModel", "name")
    keys.expect("swish", "activation")
    keys.expect("relu", "density_activation")
    keys.expect("nerf", "posenc_version")
    keys.expect(True, "meta_parameters", "separate_coarse_channels", "separate_nerf_channels")
    keys.expect(True, "direction_dependent_shape", default=True)
    keys.expect(False, "meta_bias")
    keys.ignore("trainable_meta", "init", "init_scale", "initial_density_bias", "initial_sdf_bias")
    config = DecoderConfig(
        d_row=d_row,
        d_hidden=keys.take("d_hidden", 256),
        n_hidden_layers=keys.take("n_hidden_layers", 4),
        n_meta_layers=keys.require("n_meta_layers"),
        insert_direction_at=keys.take("insert_direction_at"),
        background_channels=background_channels,
    )
    keys.finish()
    return config
