# SPDX-License-Identifier: GPL-3.0-or-later
"""The models a request may name, and what each quality means for them."""

from collections.abc import Mapping
from types import MappingProxyType

from .model_info import OUTPUTS, ModelInfo, Sampling
from .official import OFFICIAL
from .reference import REFERENCE

__all__ = ["DEFAULT_MODEL", "DEFAULT_QUALITY", "MODELS", "OUTPUTS", "VIEW_MODES", "ModelInfo", "Sampling"]

VIEW_MODES = ("stf", "nerf")
DEFAULT_MODEL = "mini/shap-e"
DEFAULT_QUALITY = "standard"
MINI_WORDS = 'Everyday things with a colour and a coloured part, such as "a tall red chair with black legs".'

MINI_SHAP_E = ModelInfo(
    name="mini/shap-e",
    label="Mini Shap-E",
    inputs=("text", "image"),
    outputs=OUTPUTS,
    qualities=MappingProxyType(
        {
            "draft": Sampling(steps=12, guidance=2.5, grid=64),
            "standard": Sampling(steps=20, guidance=2.5, grid=128),
            "exact": Sampling(steps=64, guidance=2.5, grid=128),
        }
    ),
    words=MINI_WORDS,
    typical_s=3.0,
    has_latent=True,
)

MINI_POINT_E = ModelInfo(
    name="mini/point-e",
    label="Mini Point-E",
    inputs=("text", "image"),
    outputs=OUTPUTS,
    qualities=MappingProxyType(
        {
            "draft": Sampling(steps=10, guidance=1.5, grid=64),
            "standard": Sampling(steps=16, guidance=1.5, grid=128),
            "exact": Sampling(steps=64, guidance=1.5, grid=128),
        }
    ),
    words=MINI_WORDS,
    typical_s=3.0,
)

MODELS: Mapping[str, ModelInfo] = MappingProxyType(
    {model.name: model for model in (MINI_SHAP_E, MINI_POINT_E, *OFFICIAL, *REFERENCE)}
)
