# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's decoder: the weights it makes of a latent, and the field that they make at points."""

from itertools import product

import torch
from torch import Tensor

from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from scripts.parity.case import BadCase, Case, Keys
from scripts.parity.weight_recipe import filled

DENSITY = {"coarse": slice(1, 2), "fine": slice(2, 3)}
CHANNELS = {
    ("stf", "coarse"): slice(3, 6),
    ("stf", "fine"): slice(3, 6),
    ("nerf", "coarse"): slice(6, 9),
    ("nerf", "fine"): slice(9, 12),
}
RENDERING = ("grid_size", "n_coarse_samples", "n_fine_samples", "separate_shared_samples", "volume", "device")


def decoded(case: Case) -> dict[str, Tensor]:
    """What a decoder makes of a latent, by the recorded names."""
    latent, position = case.given("latent", "position")
    decoder = VectorDecoder(decoder_config(case.keys))
    halves = filled(decoder.params_proj, case.seed), filled(decoder.renderer, case.seed)
    check_state(case, {name: list(v.shape) for half in halves for name, v in half.state_dict().items()})
    made = {f"nerstf__mlp__{i}__weight": weight for i, weight in enumerate(decoder.params_proj(latent))}
    return made | answers(decoder(latent, position))


def answers(raw: Tensor) -> dict[str, Tensor]:
    """What the official field calls the channels [B, M, 12], through their activations."""
    found = {"signed_distance": torch.tanh(raw[..., 0:1])}
    for mode, level in product(("stf", "nerf"), DENSITY):
        found[f"{mode}_{level}_density"] = torch.relu(raw[..., DENSITY[level]])
        found[f"{mode}_{level}_channels"] = torch.sigmoid(raw[..., CHANNELS[mode, level]])
    return found


def check_state(case: Case, ours: dict[str, list[int]]) -> None:
    """The network's tensors must be those listed.

    Raises:
        BadCase: they are not.
    """
    listed = {name: list(shape) for name, shape in case.state.items()} if case.state is not None else ours
    if listed != ours:
        odd = sorted(name for name in listed.keys() | ours.keys() if listed.get(name) != ours.get(name))
        raise BadCase(f"The case '{case.name}' lists other tensors than the network has: {', '.join(odd)}.")


def decoder_config(keys: Keys) -> DecoderConfig:
    """The decoder of a configuration.

    Raises:
        BadCase: a key or a value that is not known.
    """
    renderer, projection = keys.part("renderer"), keys.part("params_proj")
    projection.expect("channels", "name")
    projection.expect(True, "use_ln")
    projection.ignore("init_scale", "learned_scale")
    projection.finish()
    renderer.expect("NeRSTFRenderer", "name")
    renderer.ignore(*RENDERING)
    void = renderer.part("void")
    void.expect("VoidNeRFModel", "name")
    void.ignore("trainable")
    background = void.need("background")
    void.finish()
    field = renderer.part("nerstf")
    renderer.finish()
    config = field_config(field, keys.need("d_row"), len(background))
    keys.expect(config.rows, "rows", default=config.rows)
    keys.finish()
    return config


def field_config(keys: Keys, d_row: int, background_channels: int) -> DecoderConfig:
    """The field's layers; the kinds of the released checkpoints alone."""
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
        n_meta_layers=keys.need("n_meta_layers"),
        insert_direction_at=keys.take("insert_direction_at"),
        background_channels=background_channels,
    )
    keys.finish()
    return config
