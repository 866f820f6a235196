# SPDX-License-Identifier: GPL-3.0-or-later
"""The network that denoises latents. Attribute names are exactly those of the official checkpoints.

Source: Jun and Nichol 2023 (Shap-E), section 4.2.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from ..nn.point_transformer import (
    CaptionPointDiffusionTransformer,
    CLIPImageGridPointDiffusionTransformer,
    CLIPImagePointDiffusionTransformer,
    PointTransformer,
    PointTransformerConfig,
)


@dataclass(frozen=True)
class PriorConfig:
    """Size of a latent prior.

    Attributes:
        d_latent: length of a latent (official: 1024 rows of 1024).
        latent_ctx: number of tokens that a latent is split into.
        condition_channels: number of channels K of the condition; 768 for CLIP ViT-L/14's vectors, 1024 for the cells
            of its image grid.
        condition_grid: True if conditioned on an image grid (B, K, cells) instead of one vector (B, K).
        condition_words: True if conditioned on a caption's vector and words (B, K, 1 + words), like the small model.
        condition_added: see `PointTransformerConfig`.
        predicts_variance: True for the official networks, which also output a variance that the solvers do not use.
    """

    d_latent: int = 1024 * 1024
    latent_ctx: int = 1024
    width: int = 1024
    layers: int = 24
    heads: int = 16
    condition_channels: int = 768
    condition_grid: bool = False
    condition_words: bool = False
    condition_added: bool = False
    predicts_variance: bool = True

    def transformer(self) -> PointTransformerConfig:
        """Return the configuration of the wrapped transformer."""
        channels = self.d_latent // self.latent_ctx
        return PointTransformerConfig(
            input_channels=channels,
            output_channels=channels * (2 if self.predicts_variance else 1),
            n_ctx=self.latent_ctx,
            width=self.width,
            layers=self.layers,
            heads=self.heads,
            condition_channels=self.condition_channels,
            condition_added=self.condition_added,
            use_pos_emb=True,
        )


def wrapped_class(config: PriorConfig) -> type[PointTransformer]:
    """Return the transformer class for the kind of condition."""
    if config.condition_words:
        return CaptionPointDiffusionTransformer
    return CLIPImageGridPointDiffusionTransformer if config.condition_grid else CLIPImagePointDiffusionTransformer


class SplitVectorDiffusion(nn.Module):
    """Splits a flat latent into tokens, runs the wrapped transformer and flattens the result."""

    def __init__(self, config: PriorConfig):
        super().__init__()
        self.config = config
        self.wrapped = wrapped_class(config)(config.transformer())

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """Evaluate the network.

        Args:
            x: (B, d_latent) float, noisy latent scaled to unit variance.
            t: (B,) int64 timesteps, 0 to 1023.
            condition: (B, K) text or image vector, (B, K, cells) image grid, or (B, K, 1 + words) caption, float;
                zeros for no condition.

        Returns:
            (B, d_latent) float or, followed by variances, (B, 2 d_latent) float.
        """
        tokens = x.view(x.shape[0], self.config.latent_ctx, -1).transpose(1, 2)
        out = self.wrapped(tokens, t, condition).transpose(1, 2)
        if not self.config.predicts_variance:
            return out.flatten(1)
        return out.unflatten(-1, (2, -1)).transpose(1, 2).flatten(1)  # all means, then all variances
