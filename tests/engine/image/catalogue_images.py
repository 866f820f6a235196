# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of catalogue objects outside the training data, in any colors."""

import numpy as np
import torch

from scripts.training.data.captions import Description, proportions_of, role_colors, role_words
from scripts.training.data.catalogue import CATEGORIES
from scripts.training.data.point_sampling import Solid
from scripts.training.images.coloring import apply_colors
from scripts.training.images.image_dataset import PART_ROLES
from scripts.training.images.splat import EMPTY, Shot, dots_of, render_dots


def rgba_of(kind: str, color: str, seed: int = 0, **parts: str) -> torch.Tensor:
    """Return `(4, H, W) float32` sRGB times alpha, and alpha, in three-quarter view; `parts` are colors by role."""
    rng = np.random.default_rng([99, seed])
    (category,) = (category for category in CATEGORIES if category.name == kind)
    built = category.build(rng, proportions_of("", rng))
    dots = dots_of(Solid(built, dict.fromkeys({part.role for part in built}, np.zeros(3)), rng), rng)
    seen, light = render_dots(dots, Shot(28, 20, (-0.45, -0.45, 0.77), 0.7, 0.45))
    roles = np.append([PART_ROLES.index(part.role) for part in built], [EMPTY] * (256 - len(built)))[seen]
    description = Description(category, color, color, {role: (role, shade) for role, shade in parts.items()}, "")
    colors = role_colors(role_words(description, rng), rng)
    palette = torch.tensor(np.stack([colors.get(role, np.zeros(3)) for role in (*PART_ROLES, "nothing")])).float()
    return apply_colors(torch.from_numpy(roles)[None], torch.from_numpy(light)[None], palette[None])[0]
