# SPDX-License-Identifier: GPL-3.0-or-later
"""Variations of an object: its noise with a share of another seed's. No bpy."""

import random
from collections.abc import Mapping
from typing import Any

from ...protocol.request import SEEDS

SUBTLE, STRONG, CUSTOM = "SUBTLE", "STRONG", "CUSTOM"
STRENGTHS = {SUBTLE: 0.15, STRONG: 0.6}
"""Share of the other noise by preset."""
SAMPLED_ANEW: dict[str, Any] = {"latent": "", "step": 0}
"""A refined object's recipe names a latent to decode, which would give the same shape again."""

NOT_BLENDED: dict[str, Any] = {"blend_prompt": "", "blend_strength": 0.0}
"""Settings of an object of one prompt, for one whose words are changed."""


def variation_changes(recipe: Mapping[str, Any], strength: float) -> dict[str, Any]:
    """Return the settings of a variation of an object, which may be a variation itself."""
    earlier = [str(recipe.get("earlier_variations", ""))]
    if last := recipe.get("variation_strength"):
        earlier.append(f"{recipe.get('variation_seed')}:{strength_text(last)}")
    return SAMPLED_ANEW | {
        "earlier_variations": ",".join(filter(None, earlier)),
        "variation_seed": random.randrange(SEEDS),
        "variation_strength": strength,
    }


def strength_text(strength: Any) -> str:
    """Return a strength as the list of earlier variations has it, without an exponent."""
    return f"{strength:.6f}".rstrip("0").rstrip(".") if isinstance(strength, int | float) else str(strength)
