# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights that earlier versions included: an object that they made is not made again by those of this version."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

MINI_SHAP_E_OF_37_KINDS = "a Mini Shap-E of an earlier version, which knew 37 kinds"
MINI_SHAP_E_TRAINED_LESS = "a Mini Shap-E of an earlier version, which was trained less"
MINI_SHAP_E_WITH_OTHER_PARTS = "a Mini Shap-E of an earlier version, which had the colors of fewer parts right"
MINI_SHAP_E_OF_LESS_VARIETY = "a Mini Shap-E of an earlier version, whose objects of a prompt differed less"
MINI_POINT_E_OF_37_KINDS = "a Mini Point-E of an earlier version, which knew 37 kinds"
MINI_GLIDE_OF_37_KINDS = "a Mini GLIDE of an earlier version, which knew 37 kinds"
EARLIER_WEIGHTS: Mapping[str, str] = MappingProxyType({
    "717bd63e8bea53d83e4d5088487faf7ae49800a4a770c7e038dc134e6ea80075": MINI_SHAP_E_OF_37_KINDS,
    "7a849d4df3b688b15191352a6bdfdd00ce5f29938be245a42b7e951cfe4845bd": MINI_SHAP_E_OF_37_KINDS,
    "306a998437e2ca1f88bccc3016f5b9b23c0f8b4595d0a0a82324081a29cb05d7": MINI_SHAP_E_TRAINED_LESS,
    "522ea1f584e46744ed00f9d61aca8e888e3bc842d24c1e0bc213e92cb65d747e": MINI_SHAP_E_TRAINED_LESS,
    "b9f3747bc2aeb3f218108f8644971a77045142fcf797b903e25c7cbeea4d9ce7": MINI_SHAP_E_WITH_OTHER_PARTS,
    "ad33a487880b2621f28ac9a844ed0cc1b071acfc389e84bbfd8bd3d6a6a37473": MINI_SHAP_E_WITH_OTHER_PARTS,
    "f56805de4352ba7aa81cdd607fb635b886a2faa9f5a5ce1ba9bdf2138b4910d2": MINI_SHAP_E_OF_LESS_VARIETY,
    "7dbdc703ce1b10dc0f408fb6fd594444bda21e8297972c8206615803a3e813e2": MINI_SHAP_E_OF_LESS_VARIETY,
    "6ba87e4a9e7e45732b6337a832a729b4751c06a9a02148d5be765fd114fbde80": MINI_SHAP_E_OF_LESS_VARIETY,
    "7c16479c3951afd296ddd34c98d50d5cafdb8a2d95beff2115dbd6f336de8d8b": MINI_SHAP_E_OF_LESS_VARIETY,
    "7915c93bfa29e4f92563a7914ee573d957be7629231e437553ab2fa8d42b8035": MINI_POINT_E_OF_37_KINDS,
    "e467c41b04aea77e270e6a8c149618e2596dbbe39e9c68c3ccefb501fac7afda": MINI_GLIDE_OF_37_KINDS,
})  # fmt: skip
"""SHA-256 of a weights file that recipes may name -> its model; of Shap-E, with full or distilled weights."""


def weights_of(recipe: Mapping[str, Any]) -> tuple[str, str]:
    """Return the hashes of the weights that made a recipe's object and its view; "" for one that it does not name."""
    return str(recipe.get("weights_sha256", "")), str(recipe.get("image_weights_sha256", ""))


def earlier_weights_notice(*weights_sha256: str) -> str:
    """Return a sentence about a recipe of whose weights some are only in an earlier version, or ""."""
    if model := next((EARLIER_WEIGHTS[sha256] for sha256 in weights_sha256 if sha256 in EARLIER_WEIGHTS), ""):
        return (
            f"The object was made by {model}; this version does not include it and makes another object of the recipe. "
            "For the same object, use the version that made it."
        )
    return ""


def changed_weights_notice(before: Sequence[str], now: Sequence[str]) -> str:
    """Return what is told of a recipe that was made again, or "" if that took the weights that it names.

    Args:
        before: `weights_of` the recipe.
        now: `weights_of` the recipe of the result.
    """
    changed = [sha256 for sha256, other in zip(before, now, strict=True) if sha256 and sha256 != other]
    if not changed:
        return ""
    differs = "The model weights have changed since the object was generated, so the result may differ."
    return earlier_weights_notice(*changed) or differs
