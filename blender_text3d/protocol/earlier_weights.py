# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights that earlier versions included: an object that they made is not made again by those of this version."""

from collections.abc import Mapping
from types import MappingProxyType

MINI_SHAP_E_OF_37_KINDS = "a Mini Shap-E of an earlier version, which knew 37 kinds"
MINI_SHAP_E_TRAINED_LESS = "a Mini Shap-E of an earlier version, which was trained less"
EARLIER_WEIGHTS: Mapping[str, str] = MappingProxyType({
    "717bd63e8bea53d83e4d5088487faf7ae49800a4a770c7e038dc134e6ea80075": MINI_SHAP_E_OF_37_KINDS,
    "7a849d4df3b688b15191352a6bdfdd00ce5f29938be245a42b7e951cfe4845bd": MINI_SHAP_E_OF_37_KINDS,
    "306a998437e2ca1f88bccc3016f5b9b23c0f8b4595d0a0a82324081a29cb05d7": MINI_SHAP_E_TRAINED_LESS,
    "522ea1f584e46744ed00f9d61aca8e888e3bc842d24c1e0bc213e92cb65d747e": MINI_SHAP_E_TRAINED_LESS,
})  # fmt: skip
"""SHA-256 of a weights file that recipes may name -> its model; every second file has distilled weights."""


def earlier_weights_notice(weights_sha256: str) -> str:
    """Return a sentence about a recipe whose weights only an earlier version includes, or ""."""
    if model := EARLIER_WEIGHTS.get(weights_sha256):
        return (
            f"The object was made by {model}; this version does not include it and makes another object of the recipe. "
            "For the same object, use the version that made it."
        )
    return ""


def changed_weights_notice(weights_sha256: str) -> str:
    """Return what is told when a recipe was made again with other weights than it names."""
    changed = "The model weights have changed since the object was generated, so the result may differ."
    return earlier_weights_notice(weights_sha256) or changed
