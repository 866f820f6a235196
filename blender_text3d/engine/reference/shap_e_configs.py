# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of the official Shap-E in the form of its package.

Source: the official text_cond_config.yaml, image_cond_config.yaml, diffusion_config.yaml and transmitter_config.yaml
(published SHA-256 f290beee, 4e074560, efcb2cd7, ffe1bcb4).
"""

from typing import Any

Config = dict[str, Any]

DIFFUSION: Config = {"schedule": "exp", "timesteps": 1024, "mean_type": "x_start"}


def prior(
    name: str, *, heads: int, width: int = 1024, layers: int = 24, rows: int = 1024, d_row: int = 1024, **more: bool
) -> Config:
    """Return the configuration of a prior with the transformer `name`; `more` are the transformer's own settings."""
    inner = {
        "name": name,
        "heads": heads,
        "width": width,
        "layers": layers,
        "init_scale": 0.25,
        "pos_emb_init_scale": 0.05,
        "cond_drop_prob": 0.1,
        "time_token_cond": True,
        "use_pos_emb": True,
    }
    return {"name": "SplitVectorDiffusion", "d_latent": rows * d_row, "latent_ctx": rows, "inner": inner | more}


def decoder(*, d_row: int = 1024, d_hidden: int = 256, grid: int = 128) -> Config:
    """Return the configuration of the decoder without the encoder."""
    field: Config = {
        "name": "MLPNeRSTFModel",
        "activation": "swish",
        "d_hidden": d_hidden,
        "density_activation": "relu",
        "direction_dependent_shape": True,
        "insert_direction_at": 4,
        "meta_parameters": True,
        "meta_bias": False,
        "n_hidden_layers": 6,
        "n_meta_layers": 4,
        "posenc_version": "nerf",
        "separate_coarse_channels": True,
        "separate_nerf_channels": True,
        "trainable_meta": False,
        "initial_density_bias": 0.1,
    }
    renderer = {
        "name": "NeRSTFRenderer",
        "grid_size": grid,
        "n_coarse_samples": 64,
        "n_fine_samples": 128,
        "separate_shared_samples": True,
        "nerstf": field,
        "void": {"name": "VoidNeRFModel", "background": [0.0, 0.0, 0.0], "trainable": False},
        "volume": {"name": "BoundingBoxVolume", "bbox_min": [-1.0] * 3, "bbox_max": [1.0] * 3},
    }
    projection = {"name": "channels", "init_scale": 1.0, "learned_scale": 0.0625, "use_ln": True}
    rows = d_hidden * field["n_meta_layers"]
    common = {"params_proj": projection, "renderer": renderer}
    return {"name": "ChannelsDecoder", "d_latent": d_row, "latent_ctx": rows, **common}


TEXT_PRIOR = prior("CLIPImagePointDiffusionTransformer", heads=16, token_cond=True)
IMAGE_PRIOR = prior("CLIPImageGridPointDiffusionTransformer", heads=8)
DECODER = decoder()
