# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes of the Shap-E networks: the official ones and the small ones that ship with the add-on.

Source: the official text_cond_config.yaml and image_cond_config.yaml (published SHA-256 f290beee, 4e074560): 16 heads
for text, 8 for images; transmitter_config.yaml (ffe1bcb4) for the encoder.
"""

from .decoder import DecoderConfig
from .encoder import EncoderConfig
from .encoding.encoder_inputs import PerceiverEncoderConfig
from .prior import PriorConfig

OFFICIAL_TEXT_PRIOR = PriorConfig()
OFFICIAL_IMAGE_PRIOR = PriorConfig(heads=8, condition_channels=1024, condition_grid=True)
OFFICIAL_DECODER = DecoderConfig()
OFFICIAL_ENCODER = PerceiverEncoderConfig()

MINI_DECODER = DecoderConfig(
    d_row=16,
    d_hidden=64,
    n_hidden_layers=4,
    n_meta_layers=2,
    insert_direction_at=None,
    position_octaves=6,
    background_channels=0,
)
MINI_ENCODER = EncoderConfig(tokens=64, d_token=32, width=96, layers=4, heads=4)
MINI_PRIOR = PriorConfig(
    d_latent=2048,
    latent_ctx=32,
    width=192,
    layers=8,
    heads=6,
    condition_channels=128,
    condition_words=True,
    condition_added=True,
    predicts_variance=False,
)
