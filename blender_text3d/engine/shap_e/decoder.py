# SPDX-License-Identifier: GPL-3.0-or-later
"""Latent to the weights of a field, and the field's values at points.

Attribute names are exactly those of the official checkpoints.
Source: Jun and Nichol 2023 (Shap-E), sections 3.1 and 4.1; layer shapes of the released checkpoint.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..nn.embedding import positional_encoding


@dataclass(frozen=True)
class DecoderConfig:
    """Size of a decoder; the defaults are those of the official one.

    Attributes:
        d_row: length of a latent row; a latent has `rows` rows, one per row of the generated weight matrices.
        d_hidden: width of the field's layers.
        n_hidden_layers: number of hidden layers; one more linear layer gives the channels.
        n_meta_layers: number of first layers whose weights are generated from the latent.
        insert_direction_at: the layer that also takes the encoded view direction, or None.
        position_octaves: octaves of the positional encoding.
        direction_octaves: octaves of the view direction's encoding.
        background_channels: channels of the background color, 0 if the checkpoint has none.
    """

    d_row: int = 1024
    d_hidden: int = 256
    n_hidden_layers: int = 6
    n_meta_layers: int = 4
    insert_direction_at: int | None = 4
    position_octaves: int = 15
    direction_octaves: int = 8
    background_channels: int = 3

    @property
    def rows(self) -> int:
        """Rows in a latent."""
        return self.d_hidden * self.n_meta_layers

    @property
    def direction_channels(self) -> int:
        """Number of inputs that the encoded direction adds to its layer."""
        return 3 + 6 * self.direction_octaves

    def layer_inputs(self) -> list[int]:
        """Return the input width of each linear layer, in order."""
        widths = [3 + 6 * self.position_octaves] + [self.d_hidden] * self.n_hidden_layers
        if self.insert_direction_at is not None:
            widths[self.insert_direction_at] += self.direction_channels
        return widths


N_CHANNELS = 12
"""Channels of the field: sdf, coarse density, fine density, stf rgb, coarse nerf rgb, fine nerf rgb."""


class ChannelsProj(nn.Module):
    """Maps each latent row by its own matrix to one row of a weight matrix, then applies layer norm and a bias."""

    def __init__(self, vectors: int, channels: int, d_latent: int):
        super().__init__()
        self.proj = nn.Linear(d_latent, vectors * channels)
        self.norm = nn.LayerNorm(channels)
        self.vectors, self.channels = vectors, channels

    def forward(self, rows: Tensor) -> Tensor:
        """Project (B, vectors, d_latent) float32 to (B, vectors, channels) float32; the bias comes after the norm."""
        weight = self.proj.weight.view(self.vectors, self.channels, -1)
        generated = torch.matmul(weight, rows[..., None]).squeeze(-1)
        return self.norm(generated) + self.proj.bias.view(self.vectors, self.channels)


class ParamsProj(nn.Module):
    """The projections of all generated layers, keyed like the field's own weights with `__` for dots."""

    def __init__(self, config: DecoderConfig):
        super().__init__()
        self.d_hidden, self.d_row = config.d_hidden, config.d_row
        widths = config.layer_inputs()[: config.n_meta_layers]
        self.projections = nn.ModuleDict(
            {
                f"nerstf__mlp__{layer}__weight": ChannelsProj(config.d_hidden, width, config.d_row)
                for layer, width in enumerate(widths)
            }
        )

    def forward(self, latent: Tensor) -> list[Tensor]:
        """Generate the weights of each layer, (B, d_hidden, inputs) float32, from latents (B, rows * d_row) float32."""
        rows = latent.view(latent.shape[0], -1, self.d_row).split(self.d_hidden, dim=1)
        return [project(part) for project, part in zip(self.projections.values(), rows, strict=True)]


class MLPNeRSTFModel(nn.Module):
    """The field's layers: signed distance, color and density at a point, given the generated weights."""

    def __init__(self, config: DecoderConfig):
        super().__init__()
        self.config = config
        outputs = [config.d_hidden] * config.n_hidden_layers + [N_CHANNELS]
        self.mlp = nn.ModuleList(nn.Linear(i, o) for i, o in zip(config.layer_inputs(), outputs, strict=True))

    @property
    def layers(self) -> list[nn.Linear]:
        """The linear layers, first to last."""
        return [cast(nn.Linear, layer) for layer in self.mlp]

    def forward(self, position: Tensor, generated: list[Tensor]) -> Tensor:
        """Return raw channels, before their activations, without a view direction.

        Args:
            position: (B, M, 3) float32 in model space.
            generated: weights of the first layers, (B, d_hidden, inputs) float32 each.

        Returns:
            (B, M, 12) float32, see `N_CHANNELS`.
        """
        h = positional_encoding(position, self.config.position_octaves)
        layers = self.layers
        for index, layer in enumerate(layers):
            if index < len(generated):
                h = torch.baddbmm(layer.bias[None, None], h, generated[index].transpose(1, 2))
            else:
                h = F.linear(h, layer.weight[:, : h.shape[-1]], layer.bias)  # no direction: its columns are left out
            h = F.silu(h) if index < len(layers) - 1 else h
        return h


class VoidNeRFModel(nn.Module):
    """The color of a ray that hits nothing."""

    def __init__(self, channels: int):
        super().__init__()
        self.register_buffer("background", torch.ones(channels))


class VectorDecoder(nn.Module):
    """Latent to field: `params_proj` generates weights for `renderer.nerstf`; `renderer.void` is the background."""

    def __init__(self, config: DecoderConfig):
        super().__init__()
        self.config = config
        self.params_proj = ParamsProj(config)
        self.renderer = nn.ModuleDict({"nerstf": MLPNeRSTFModel(config)})
        if config.background_channels:
            self.renderer["void"] = VoidNeRFModel(config.background_channels)

    @property
    def field_layers(self) -> MLPNeRSTFModel:
        """The field's layers."""
        return cast(MLPNeRSTFModel, self.renderer["nerstf"])

    def forward(self, latent: Tensor, position: Tensor) -> Tensor:
        """Return raw channels (B, M, 12) float32 of latents (B, rows * d_row) at positions (B, M, 3) in model space."""
        return self.field_layers(position, self.params_proj(latent))
