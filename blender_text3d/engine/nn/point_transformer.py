# SPDX-License-Identifier: GPL-3.0-or-later
"""The diffusion transformer of both models. Attribute names are the official checkpoints', letter for letter.

Source: Nichol et al. 2022 (Point-E), section 4.2 and appendix A; Jun and Nichol 2023 (Shap-E), section 4.2.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .embedding import timestep_embedding
from .transformer import MLP, Transformer


@dataclass(frozen=True)
class PointTransformerConfig:
    """Size and conditioning of one diffusion transformer.

    Attributes:
        input_channels: C of the noisy input.
        output_channels: 2 C where the network also predicts a variance, else C.
        n_ctx: number of tokens; needed for learned positions.
        condition_channels: D of the condition vector (CLIP ViT-L/14: 768).
        condition_added: also add the time and condition vectors to every token. The official networks do not;
            the small ones learn several times faster with it.
        use_pos_emb: learned positions (Shap-E), none in Point-E, whose points have no order.
    """

    input_channels: int
    output_channels: int
    n_ctx: int
    width: int
    layers: int
    heads: int
    condition_channels: int = 768
    condition_added: bool = False
    use_pos_emb: bool = False


class CLIPImagePointDiffusionTransformer(nn.Module):
    """Tokens in, tokens out, conditioned on one vector and the timestep, each a token before the data's."""

    def __init__(self, config: PointTransformerConfig):
        super().__init__()
        width = config.width
        self.config = config
        self.time_embed = MLP(width)
        self.ln_pre = nn.LayerNorm(width)
        self.backbone = Transformer(width, config.layers, config.heads)
        self.ln_post = nn.LayerNorm(width)
        self.input_proj = nn.Linear(config.input_channels, width)
        self.output_proj = nn.Linear(width, config.output_channels)
        self.clip_embed = nn.Linear(config.condition_channels, width)
        if config.use_pos_emb:
            self.pos_emb = nn.Parameter(torch.zeros(config.n_ctx, width))

    def forward(self, x: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """One evaluation.

        Args:
            x: [B, C, T] noisy input, scaled to unit variance.
            t: [B] timestep, 0 to 1023.
            condition: [B, K] unit-length text or image vector; zeros for no condition.

        Returns:
            [B, output_channels, T].
        """
        time = self.time_embed(timestep_embedding(t, self.config.width))
        clip = self.clip_embed(condition * math.sqrt(condition.shape[-1]))
        h = self.input_proj(x.transpose(1, 2))
        if self.config.use_pos_emb:
            h = h + self.pos_emb
        if self.config.condition_added:
            h = h + (time + clip)[:, None]
        h = self.ln_pre(torch.cat([clip[:, None], time[:, None], h], dim=1))
        h = self.ln_post(self.backbone(h))[:, 2:]
        return self.output_proj(h).transpose(1, 2)
