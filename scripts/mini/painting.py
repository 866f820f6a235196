# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures without colours get colours, and the caption that tells them."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from .captions import caption, describe, fitting, role_colors, role_words
from .catalogue import CATEGORIES, pairs
from .colors import COLORS
from .pictures import PART_ROLES, SIZES
from .splat import EMPTY, MOST_LIGHT

SEEN, HELD = ({category.name: [] for category in CATEGORIES} for _ in range(2))
for _is_held, _colors in ((False, SEEN), (True, HELD)):
    for _name, _color in pairs(_is_held):
        _colors[_name].append(_color)


def painted(shapes, row, colors_of, rng):
    """New colours for one shape.

    Args:
        shapes: what `read_pictures` gives.
        row: the shape's number.
        colors_of: category's name -> main colours to choose from, `SEEN` or `HELD`.
        rng: decides.

    Returns:
        palette [R + 1, 3] sRGB 0..1 of `PART_ROLES` and, last, of nothing; its description.
    """
    category = CATEGORIES[shapes["category"][row]]
    told = describe(category, str(rng.choice(colors_of[category.name])), rng)
    shares = dict(zip(PART_ROLES, shapes["shares"][row], strict=True))
    description = fitting(replace(told, size=SIZES[shapes["size"][row]]), shares)
    colors = role_colors(role_words(description, rng), rng)
    return np.stack([colors.get(role, np.zeros(3)) for role in PART_ROLES] + [np.zeros(3)]), description


def with_colors(roles: Tensor, light: Tensor, palettes: Tensor) -> Tensor:
    """Roles and light [B, S, S] uint8, palettes [B, R + 1, 3] -> [B, 4, S / 2, S / 2] sRGB times alpha, and alpha."""
    nothing = palettes.shape[1] - 1
    number = torch.where(roles == EMPTY, nothing, roles).int()
    number = number + (torch.arange(len(roles)) * palettes.shape[1])[:, None, None]
    rgb = palettes.flatten(0, 1)[number] * (light.float() * (MOST_LIGHT / 255))[..., None]
    rgba = torch.cat([rgb.clamp(max=1), (roles != EMPTY)[..., None]], dim=3)
    return torch.nn.functional.avg_pool2d(rgba.permute(0, 3, 1, 2), 2)


def painted_views(shapes, rows, colors_of, rng):
    """Pictures [B, 4, S / 2, S / 2], any view each, of some shapes in new colours; captions; main colours' numbers."""
    views = rng.integers(0, shapes["roles"].shape[1], len(rows))
    palettes, told = zip(*(painted(shapes, row, colors_of, rng) for row in rows), strict=True)
    roles, light = (torch.from_numpy(shapes[key][rows, views]) for key in ("roles", "light"))
    pictures = with_colors(roles, light, torch.from_numpy(np.stack(palettes)).float())
    captions = np.array([caption(description, rng) for description in told])
    return pictures, captions, np.array([list(COLORS).index(description.color_class) for description in told])
