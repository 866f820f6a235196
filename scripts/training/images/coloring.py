# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures without colors get colors; what is true of them is known."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..data.captions import Description, describe, fitting, role_colors, role_words
from ..data.catalogue import CATEGORIES, pairs
from ..data.colors import COLORS, color_class
from .image_dataset import PART_ROLES, SIZES
from .splat import EMPTY, MAX_LIGHT

SEEN_PIXELS = 16
"""Of SIDE times SIDE, from how many on a part counts as seen."""
SEEN, HELD = ({category.name: [] for category in CATEGORIES} for _ in range(2))
for _is_held, _colors in ((False, SEEN), (True, HELD)):
    for _name, _color in pairs(_is_held):
        _colors[_name].append(_color)


@dataclass(frozen=True)
class Painted:
    """One shape in new colors.

    Attributes:
        palette: (R + 1, 3) sRGB 0..1 of `PART_ROLES` and, last, of nothing.
        classes: (R,) numbers in `COLORS` of `PART_ROLES`, -1 of those that its category has not.
        description: what a caption tells of it.
    """

    palette: np.ndarray
    classes: np.ndarray
    description: Description


def painted(shapes, row, colors_of, rng):
    """New colors for one shape.

    Args:
        shapes: what `read_pictures` gives.
        row: the shape's number.
        colors_of: category's name -> main colors to choose from, `SEEN` or `HELD`.
        rng: decides.
    """
    category = CATEGORIES[shapes["category"][row]]
    told = describe(category, str(rng.choice(colors_of[category.name])), rng)
    shares = dict(zip(PART_ROLES, shapes["shares"][row], strict=True))
    description = fitting(replace(told, size=SIZES[shapes["size"][row]]), shares)
    words = role_words(description, rng)
    colors = role_colors(words, rng)
    palette = [colors.get(role, np.zeros(3)) for role in PART_ROLES] + [np.zeros(3)]
    classes = [list(COLORS).index(color_class(words[role])) if role in words else -1 for role in PART_ROLES]
    return Painted(np.stack(palette), np.array(classes), description)


def with_colors(roles: Tensor, light: Tensor, palettes: Tensor) -> Tensor:
    """Roles and light (B, S, S) uint8, palettes (B, R + 1, 3) -> (B, 4, S / 2, S / 2) sRGB times alpha, and alpha."""
    nothing = palettes.shape[1] - 1
    number = torch.where(roles == EMPTY, nothing, roles).int()
    number = number + (torch.arange(len(roles)) * palettes.shape[1])[:, None, None]
    rgb = palettes.flatten(0, 1)[number] * (light.float() * (MAX_LIGHT / 255))[..., None]
    rgba = torch.cat([rgb.clamp(max=1), (roles != EMPTY)[..., None]], dim=3)
    return torch.nn.functional.avg_pool2d(rgba.permute(0, 3, 1, 2), 2)


@dataclass(frozen=True)
class PaintedViews:
    """Pictures in new colors and what is true of them.

    Attributes:
        pictures: (B, 4, S / 2, S / 2), sRGB times alpha, and alpha.
        category: (B,) numbers in `CATEGORIES`.
        size: (B,) numbers in `SIZES`.
        color: (B, R) numbers in `COLORS` of `PART_ROLES`, -1 where the part is not seen. The main one always has one:
            all parts share it of which nothing is told, and some things, such as chairs, have no other main part.
        descriptions: what captions tell.
    """

    pictures: Tensor
    category: Tensor
    size: Tensor
    color: Tensor
    descriptions: tuple[Description, ...]


def painted_views(shapes, rows, colors_of, rng):
    """Pictures, any view each, of some shapes in new colors."""
    views = rng.integers(0, shapes["roles"].shape[1], len(rows))
    made = [painted(shapes, row, colors_of, rng) for row in rows]
    roles, light = (torch.from_numpy(shapes[key][rows, views]) for key in ("roles", "light"))
    palettes, classes = (
        torch.from_numpy(np.stack([getattr(one, key) for one in made])) for key in ("palette", "classes")
    )
    category, size = (torch.from_numpy(shapes[key][rows]).long() for key in ("category", "size"))
    color = torch.where(seen_pixels(roles) >= SEEN_PIXELS, classes, -1)
    color[:, 0] = classes[:, 0]
    told = tuple(one.description for one in made)
    return PaintedViews(with_colors(roles, light, palettes.float()), category, size, color, told)


def seen_pixels(roles: Tensor) -> Tensor:
    """Roles (B, S, S) uint8 -> (B, R): pixels that see each of `PART_ROLES`."""
    number = roles.flatten(1).long() + 256 * torch.arange(len(roles))[:, None]
    return torch.bincount(number.flatten(), minlength=256 * len(roles)).view(-1, 256)[:, : len(PART_ROLES)]
