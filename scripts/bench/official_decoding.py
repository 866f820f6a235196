# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's decoder with a real surface: the field's layers are fitted to a known shape.

The generated weights are those of the fitted layers for any latent, since the projections are zero and their biases are
the weights. Both engines get the same decoder.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from blender_text3d.engine.nn.embedding import positional_encoding
from blender_text3d.engine.shap_e.configs import OFFICIAL_DECODER
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.surface import connected_surface, vertex_colors
from blender_text3d.engine.weights.loading.assign import empty_network

STEPS, POINTS, D_ROW, OCTAVES_USED = 150, 512, 1024, 3
Once = Callable[[], object]


def shape(points: Tensor) -> Tensor:
    """Return the distance (M,) float32 of points (M, 3) float32 to a ring and a ball, positive inside."""
    x, y, z = points.unbind(1)
    ring = 0.18 - ((x**2 + y**2).sqrt() - 0.6).square().add(z**2).sqrt()
    return torch.maximum(ring, 0.35 - (x**2 + y**2 + (z - 0.3) ** 2).sqrt())


@torch.enable_grad()
def fitted_layers() -> list[nn.Linear]:
    """Return the field's layers, whose first output is 5 times the distance to the shape."""
    torch.manual_seed(0)
    config = OFFICIAL_DECODER
    outputs = [config.d_hidden] * config.n_hidden_layers + [12]
    layers = [nn.Linear(i, o) for i, o in zip(config.layer_inputs(), outputs, strict=True)]
    with torch.no_grad():
        layers[0].weight[:, 3 + 6 * OCTAVES_USED :] = 0  # high frequencies would make a briefly fitted surface wavy
    optimizer = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=1e-3)
    for _ in range(STEPS):
        points = torch.rand(POINTS, 3) * 2 - 1
        h = positional_encoding(points, config.position_octaves)
        h = torch.cat([h[:, : 3 + 6 * OCTAVES_USED], torch.zeros_like(h[:, 3 + 6 * OCTAVES_USED :])], dim=1)
        for index, layer in enumerate(layers):
            h = nn.functional.linear(h, layer.weight[:, : h.shape[1]], layer.bias)
            h = nn.functional.silu(h) if index < len(layers) - 1 else h
        loss = (h[:, 0] - 5 * shape(points)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return layers


def fitted_tensors() -> dict[str, Tensor]:
    """Return a decoder's tensors by the official names."""
    layers, config = fitted_layers(), OFFICIAL_DECODER
    found = {"renderer.void.background": torch.zeros(3)}
    for index, layer in enumerate(layers):
        found[f"renderer.nerstf.mlp.{index}.weight"] = layer.weight.detach()
        found[f"renderer.nerstf.mlp.{index}.bias"] = layer.bias.detach()
        if index < config.n_meta_layers:
            weight = layer.weight.detach()
            start = f"params_proj.projections.nerstf__mlp__{index}__weight"
            found[f"{start}.proj.weight"] = torch.zeros(weight.numel(), D_ROW)
            found[f"{start}.proj.bias"] = weight.flatten()
            found[f"{start}.norm.weight"] = torch.zeros(weight.shape[1])
            found[f"{start}.norm.bias"] = torch.zeros(weight.shape[1])
    return found


def with_fitted_field(decoder: nn.Module) -> nn.Module:
    """Load the fitted field into a decoder; tensors that only one of the two has are left unchanged."""
    result = decoder.load_state_dict(fitted_tensors(), strict=False, assign=True)
    unmatched = [name for name in (*result.missing_keys, *result.unexpected_keys) if "void" not in name]
    if unmatched:
        raise SystemExit(f"The decoder's tensors have other names: {unmatched[:3]}.")
    return decoder.eval().requires_grad_(False)


def ours(grid: int = 128) -> Once:
    """Prepare sparse sampling, marching cubes, cleaning and colors."""
    decoder, latent = (
        with_fitted_field(empty_network(lambda: VectorDecoder(OFFICIAL_DECODER))),
        torch.zeros(1024 * 1024),
    )

    def once() -> dict:
        field = Field(decoder, latent)
        vertices, faces, _ = connected_surface(field.signed_distance, grid=grid, levels=(0.0,))
        vertex_colors(field.color, vertices)
        return {"vertices": len(vertices), "faces": len(faces)}

    return once


def official() -> Once:
    """Prepare the official decoding with the 20 images of 2 x 2 pixels that its helper renders and discards."""
    from blender_text3d.engine.reference.shap_e import mesh_of, network
    from blender_text3d.engine.reference.shap_e_configs import DECODER

    decoder, latent = with_fitted_field(network(DECODER, torch.device("cpu"))), torch.zeros(1024 * 1024)

    def once() -> dict:
        mesh = mesh_of(decoder, latent, 128, views=20)
        return {"vertices": len(mesh.vertices), "faces": len(mesh.faces)}

    return once


DECODERS = {"ours": ours, "official": official, "preview": lambda: ours(32)}
