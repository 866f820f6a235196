# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's own models, as a user sees them. Their weights are fetched on request; times are of two CPU cores."""

from types import MappingProxyType

from .model_info import OUTPUTS, ModelInfo, Sampling

WORDS = "Everyday things in plain words, such as an avocado armchair. A research model of 2022 or 2023."
PICTURES = "A picture of one object on a plain background."


def point_e(checkpoint: str, label: str, inputs: tuple[str, ...], words: str, typical_s: float) -> ModelInfo:
    """One of the Point-E models."""
    steps = {"draft": (16, 32), "standard": (25, 128), "exact": (64, 32)}
    qualities = {name: Sampling(count, 3.0, grid) for name, (count, grid) in steps.items()}
    return ModelInfo(f"point-e/{checkpoint}", label, inputs, OUTPUTS, MappingProxyType(qualities), words, typical_s)


def shap_e(checkpoint: str, label: str, inputs: tuple[str, ...], guidance: float, words: str) -> ModelInfo:
    """One of the Shap-E models."""
    steps = {"draft": 16, "standard": 25, "exact": 64}
    qualities = {name: Sampling(count, guidance, 128) for name, count in steps.items()}
    of = MappingProxyType(qualities)
    return ModelInfo(f"shap-e/{checkpoint}", label, inputs, OUTPUTS, of, words, typical_s=300.0, has_latent=True)


OFFICIAL = (
    shap_e("text300M", "Shap-E", ("text",), 15.0, WORDS),
    point_e("base40M-textvec", "Point-E", ("text",), WORDS, typical_s=260.0),
    shap_e("image300M", "Shap-E, of a picture", ("image",), 3.0, PICTURES),
    point_e("base40M", "Point-E, of a picture", ("image",), PICTURES, typical_s=470.0),
    point_e("base300M", "Point-E 300M, of a picture", ("image",), PICTURES, typical_s=900.0),
    point_e("base1B", "Point-E 1B, of a picture", ("image",), PICTURES, typical_s=2000.0),
    point_e("base40M-imagevec", "Point-E, of a picture at a glance", ("image",), PICTURES, typical_s=260.0),
    point_e("base40M-uncond", "Point-E, anything", (), "Nothing: every seed is another thing.", typical_s=240.0),
)
