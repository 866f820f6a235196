# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's field under the transmitter's own tensor names, and volume rendering with given random numbers."""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.field import COARSE_DENSITY, DENSITY, LIGHT, Field
from blender_text3d.engine.shap_e.rendering.nerf import (
    RayLight,
    SampleCounts,
    coarse_samples,
    fine_samples,
    in_all_rays,
)
from blender_text3d.engine.shap_e.rendering.rays import Rays, Span, box_span, camera_rays
from blender_text3d.geometry import Cameras
from scripts.parity.case import Case, ConfigReader
from scripts.parity.decoder import check_state, decoder_config, field_outputs
from scripts.parity.weight_recipe import fill_weights

COARSE_LIGHT = (6, 7, 8)
LEVELS = {"_coarse": COARSE_LIGHT, "": LIGHT}


def transmitter_decoder(case: Case, keys: ConfigReader) -> VectorDecoder:
    """Return the decoder with the recipe's weights, its tensors named as in the transmitter."""
    decoder = VectorDecoder(decoder_config(keys))
    whole = nn.ModuleDict(
        {"encoder": nn.ModuleDict({"params_proj": decoder.params_proj}), "renderer": decoder.renderer}
    )
    check_state(case, {name: list(value.shape) for name, value in whole.state_dict().items()})
    fill_weights(whole, case.seed)
    return decoder.eval()


def field(case: Case) -> dict[str, Tensor]:
    """Return the generated weights and the field's values with and without directions."""
    keys = case.config_reader
    keys.ignore("name")
    decoder = transmitter_decoder(case, keys)
    latent, position, direction = case.inputs["latent"], case.inputs["position"], case.inputs["direction"]
    outputs = {f"nerstf__mlp__{i}__weight": weight for i, weight in enumerate(decoder.params_proj(latent))}
    fields = [Field(decoder, row) for row in latent]
    for suffix, directions in (("", [None] * len(fields)), ("_directed", list(direction))):
        raw = torch.stack(
            [one.channels(places, directions=d) for one, places, d in zip(fields, position, directions, strict=True)]
        )
        outputs |= {with_suffix(name, suffix): values for name, values in field_outputs(raw).items()}
    return outputs


def with_suffix(name: str, suffix: str) -> str:
    """Return a recorded name for values with directions: the quantity stays last."""
    head, _, quantity = name.rpartition("_")
    return f"{head}{suffix}_{quantity}" if head != "signed" else f"{name}{suffix}"


def render(case: Case) -> dict[str, Tensor]:
    """Return the images of both levels, of given weights and given random numbers."""
    size = case.config["size"]
    cameras = official_cameras(case.inputs["cameras"], size, case.config["fov"])
    every = [camera_rays(cameras, index, torch.device("cpu")) for index in range(len(cameras))]
    rays = Rays(torch.cat([one.origins for one in every]), torch.cat([one.directions for one in every]))
    lights = rendered_batches(case, rays)
    spans, is_hit = box_span(rays)
    forward = torch.from_numpy(cameras.model_from_cameras[..., 2]).repeat_interleave(size * size, dim=0)
    background = lights.pop("background")
    outputs = {"rays": torch.stack([rays.origins, rays.directions], dim=1).view(-1, batch_size(case), 2, 3)}
    for suffix, light in lights.items():
        outputs[f"channels{suffix}"] = 255 * (light.color + light.transmittance[:, None] * background)
        outputs[f"transmittance{suffix}"] = light.transmittance[:, None]
        outputs[f"distances{suffix}"] = light.distance[:, None]
    outputs["depth"] = outputs["distances"] * (rays.directions * forward).sum(dim=1, keepdim=True)
    outputs["t0"] = torch.where(is_hit[:, None], spans.near, 0.0)
    outputs["t1"] = torch.where(is_hit[:, None], spans.far, 1.0)
    outputs["intersected"] = is_hit[:, None]
    return {name: v if name == "rays" else v.view(1, -1, size, size, v.shape[-1]) for name, v in outputs.items()}


def batch_size(case: Case) -> int:
    """Return the number of rays that draw their numbers together."""
    return case.config["ray_batch_size"]


def rendered_batches(case: Case, rays: Rays) -> dict[str, RayLight | Tensor]:
    """Return the light of all rays by the suffix of their level, and the color of the background."""
    config = {"d_row": 1, "renderer": case.config["renderer"], "params_proj": {"name": "channels", "use_ln": True}}
    decoder = VectorDecoder(decoder_config(ConfigReader(config, f"The configuration of the case '{case.name}'")))
    whole = fill_weights(nn.ModuleDict({"renderer": decoder.renderer}), case.seed)
    generated = [case.inputs[f"nerstf__mlp__{i}__weight"][0] for i in range(decoder.config.n_meta_layers)]
    given = GivenField(decoder, generated)
    counts = SampleCounts(
        case.config["renderer"]["n_coarse_samples"],
        case.config["renderer"]["n_fine_samples"],
        uses_direction=case.config["render_with_direction"],
    )
    parts = {suffix: [] for suffix in LEVELS}
    for index, start in enumerate(range(0, len(rays), batch_size(case))):
        batch = rays[slice(start, start + batch_size(case))]
        draws = case.inputs["stratified"][index, 0], case.inputs["pmf"][index], case.inputs["jitter"][index, 0]
        for suffix, light in both_levels(given, batch, counts, draws).items():
            parts[suffix].append(light)
    lights = {suffix: joined(lights) for suffix, lights in parts.items()}
    return lights | {"background": whole.state_dict()["renderer.void.background"]}


class GivenField(Field):
    """A field whose first layers have given weights instead of those of a latent."""

    def __init__(self, decoder: VectorDecoder, generated: list[Tensor]):
        """Take the weights (O, I) float32 of the first layers."""
        self._set_weights(decoder, generated)

    def level(self, light: tuple[int, ...], points: Tensor, directions: Tensor | None = None) -> Tensor:
        """Return the same as `medium` with the colors of one level."""
        raw = self.channels(points, (COARSE_DENSITY, DENSITY, *light), directions)
        return torch.cat([torch.relu(raw[:, :2]), torch.sigmoid(raw[:, 2:])], dim=1)


def both_levels(
    given: GivenField, rays: Rays, counts: SampleCounts, draws: tuple[Tensor, Tensor, Tensor]
) -> dict[str, RayLight]:
    """Return the light of one batch of rays by the suffix of its level."""
    span, is_hit = box_span(rays)
    span, hits = Span(span.near[is_hit], span.far[is_hit]), rays[is_hit]
    offsets, picks, jitter = (draw[is_hit] for draw in draws)
    lights = {}
    for suffix, light in LEVELS.items():
        medium = partial(given.level, light)
        passed = coarse_samples(medium, hits, span, counts, offsets)
        if not suffix:
            passed = fine_samples(medium, hits, span, counts, passed, picks, jitter)
        lights[suffix] = in_all_rays(passed.light(), is_hit)
    return lights


def joined(lights: list[RayLight]) -> RayLight:
    """Return the light of several batches as one."""
    return RayLight(*(torch.cat([getattr(light, name) for light in lights]) for name in vars(lights[0])))


def official_cameras(rows: Tensor, size: int, fov: float) -> Cameras:
    """Return cameras of rows right, down, forward and position, (V, 12) float32."""
    axes, places = rows[:, :9].view(-1, 3, 3).numpy(), rows[:, 9:].numpy()
    focal_px = (size - 1) / (2 * np.tan(fov / 2))
    return Cameras(places.copy(), axes.transpose(0, 2, 1).copy(), focal_px, size, size)
