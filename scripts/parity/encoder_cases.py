# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded cases of Shap-E's encoder and of its volume renderer, by the name in their configuration."""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from blender_text3d.engine.diffusion.schedule import inverse_parabola_betas
from blender_text3d.engine.shap_e.encoding.prepare_views import (
    points_of_views,
    prepared_points,
    prepared_views,
    spread_cloud,
)
from blender_text3d.engine.shap_e.rendering.turntable import OFFICIAL
from scripts.parity.case import Case, ConfigReader, InvalidCase
from scripts.parity.encoder import encode, encode_seeded
from scripts.parity.volume import field, render

CAMERA_FOV = 0.7


def encode_either(case: Case) -> dict[str, Tensor]:
    """Return the outputs of an encoding with recorded orders, or with those of a seed."""
    return encode(case) if "name" in case.config else encode_seeded(case)


def prepare(case: Case) -> dict[str, Tensor]:
    """Return views and points as the encoder takes them."""
    keys = case.config_reader
    keys.ignore("name")
    keys.expect("black", "alpha_removal")
    keys.expect(2.0, "pc_scale")
    color_scale, size = keys.require("color_scale"), keys.require("image_size")
    keys.finish()
    rgba, depth, cameras = (case.inputs[name].numpy() for name in ("rgba", "depth", "cameras"))
    views = prepared_views(rgba, depth, cameras, size)
    clouds = case.inputs["points"].numpy().transpose(0, 2, 1)
    points = np.stack([prepared_points(cloud[:, :3], cloud[:, 3:] * np.float32(color_scale)) for cloud in clouds])
    arrays = views.images, views.alphas, views.depths, views.cameras, points
    names = "views", "view_alphas", "depths", "out_cameras", "out_points"
    return {name: torch.from_numpy(array) for name, array in zip(names, arrays, strict=True)}


def cloud(case: Case) -> dict[str, Tensor]:
    """Return the points of all pixels, and the farthest ones among them."""
    rgb, alpha, depth, cameras = (case.inputs[name].numpy() for name in ("rgb", "alpha", "depth", "cameras"))
    coords, colors = points_of_views(np.concatenate([rgb, alpha[..., None]], axis=3), depth, cameras)
    sampled, mean = spread_cloud(coords, colors, case.config["point_count"], case.config["init_idx"])
    arrays = {"coords": coords, "colors": colors, "sampled_coords": sampled, "sampled_colors": mean * np.float32(255)}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def bottleneck(case: Case) -> dict[str, Tensor]:
    """Return a latent without and with the noise of training.

    Raises:
        InvalidCase: the bottleneck is of another kind.
    """
    keys = ConfigReader(case.config["latent_bottleneck"], f"The bottleneck of the case '{case.name}'")
    keys.expect("clamp_diffusion_noise", "name")
    probability, diffusion = keys.require("diffusion_prob"), keys.section("diffusion")
    diffusion.expect("inv_parabola", "schedule")
    power = diffusion.require("schedule_args")["power"]
    signals = np.cumprod(1 - inverse_parabola_betas(diffusion.require("timesteps"), power))
    x, t, uniform, noise = (case.inputs[name] for name in ("x", "t", "uniform", "noise"))
    kept = torch.where(uniform < probability, t, 0).long()
    signal = torch.from_numpy(signals)[kept][:, None]
    noisy = signal.sqrt().float() * torch.tanh(x) + (1 - signal).sqrt().float() * noise
    return {
        "quiet": torch.tanh(x),
        "noisy": noisy,
        "alphas_cumprod": torch.from_numpy(signals),
    }


def pan_cameras(case: Case) -> dict[str, Tensor]:
    """Return the cameras of the official turntable.

    Raises:
        InvalidCase: there is no such turntable.
    """
    if case.expected["cameras"].shape[0] != OFFICIAL.views or OFFICIAL.fov_rad != CAMERA_FOV:
        raise InvalidCase(f"The case '{case.name}' has another number of cameras than the official turntable.")
    cameras = OFFICIAL.cameras()
    axes = cameras.model_from_cameras.transpose(0, 2, 1).reshape(-1, 9)
    return {"cameras": torch.from_numpy(np.concatenate([axes, cameras.places_in_model], axis=1))}


ENCODER_KINDS: MappingProxyType[str, Callable[[Case], dict[str, Tensor]]] = MappingProxyType(
    {
        "shap_e_prepare": prepare,
        "shap_e_point_cloud": cloud,
        "shap_e_encoder": encode_either,
        "shap_e_bottleneck": bottleneck,
        "shap_e_field": field,
        "shap_e_nerf": render,
        "shap_e_pan_cameras": pan_cameras,
    }
)
