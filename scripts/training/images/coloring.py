# SPDX-License-Identifier: GPL-3.0-or-later
"""Coloring of uncolored images, with labels."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ..data.captions import Description, describe, remove_hidden_details, role_colors, role_words
from ..data.catalogue import CATEGORIES, pairs
from ..data.colors import COLORS, color_class
from .image_dataset import PART_ROLES, SIZES
from .splat import EMPTY, MAX_LIGHT

MIN_VISIBLE_PIXELS = 16
"""Minimum number of pixels, of SIDE x SIDE, of a visible part."""
TRAINING_COLORS, HELD_OUT_COLORS = ({category.name: [] for category in CATEGORIES} for _ in range(2))
for _is_held, _colors in ((False, TRAINING_COLORS), (True, HELD_OUT_COLORS)):
    for _name, _color in pairs(_is_held):
        _colors[_name].append(_color)


@dataclass(frozen=True)
class ColoredShape:
    """A shape in random colors.

    Attributes:
        palette: (R + 1, 3) sRGB 0..1 of `PART_ROLES` and, last, the background.
        classes: (R,) indices into `COLORS` for `PART_ROLES`, -1 for parts that its category lacks.
        description: captioned details.
    """

    palette: np.ndarray
    classes: np.ndarray
    description: Description


def color_shape(shapes, row, colors_of, rng):
    """Choose random colors for one shape.

    Args:
        shapes: columns from `read_images`.
        row: index of the shape.
        colors_of: category name -> allowed main colors, `TRAINING_COLORS` or `HELD_OUT_COLORS`.
        rng: source of the choices.
    """
    category = CATEGORIES[shapes["category"][row]]
    described = describe(category, str(rng.choice(colors_of[category.name])), rng)
    shares = dict(zip(PART_ROLES, shapes["shares"][row], strict=True))
    description = remove_hidden_details(replace(described, size=SIZES[shapes["size"][row]]), shares)
    words = role_words(description, rng)
    colors = role_colors(words, rng)
    palette, classes = np.zeros((len(PART_ROLES) + 1, 3)), np.full(len(PART_ROLES), -1)
    for role, word in words.items():
        index = PART_ROLES.index(role)
        palette[index], classes[index] = colors[role], list(COLORS).index(color_class(word))
    return ColoredShape(palette, classes, description)


def apply_colors(roles: Tensor, light: Tensor, palettes: Tensor) -> Tensor:
    """Color roles and light (B, S, S) uint8 by palettes (B, R + 1, 3): premultiplied RGBA (B, 4, S / 2, S / 2)."""
    nothing = palettes.shape[1] - 1
    number = torch.where(roles == EMPTY, nothing, roles).int()
    number = number + (torch.arange(len(roles)) * palettes.shape[1])[:, None, None]
    rgb = palettes.flatten(0, 1)[number] * (light.float() * (MAX_LIGHT / 255))[..., None]
    rgba = torch.cat([rgb.clamp(max=1), (roles != EMPTY)[..., None]], dim=3)
    return torch.nn.functional.avg_pool2d(rgba.permute(0, 3, 1, 2), 2)


@dataclass(frozen=True)
class ColoredViews:
    """Images in random colors with labels.

    Attributes:
        images: (B, 4, S / 2, S / 2), sRGB times alpha, and alpha.
        category: (B,) indices into `CATEGORIES`.
        size: (B,) indices into `SIZES`.
        color: (B, R) indices into `COLORS` for `PART_ROLES`, -1 for invisible parts. The main color is always present:
            uncaptioned parts share it, and some objects, such as chairs, have no separate main part.
        descriptions: captioned details.
    """

    images: Tensor
    category: Tensor
    size: Tensor
    color: Tensor
    descriptions: tuple[Description, ...]


def color_views(shapes, rows, colors_of, rng):
    """Return a random view of each of some shapes in random colors."""
    views = rng.integers(0, shapes["roles"].shape[1], len(rows))
    made = [color_shape(shapes, row, colors_of, rng) for row in rows]
    roles, light = (torch.from_numpy(shapes[key][rows, views]) for key in ("roles", "light"))
    palettes, classes = (
        torch.from_numpy(np.stack([getattr(one, key) for one in made])) for key in ("palette", "classes")
    )
    category, size = (torch.from_numpy(shapes[key][rows]).long() for key in ("category", "size"))
    color = torch.where(count_pixels(roles) >= MIN_VISIBLE_PIXELS, classes, -1)
    color[:, 0] = classes[:, 0]
    described = tuple(one.description for one in made)
    return ColoredViews(apply_colors(roles, light, palettes.float()), category, size, color, described)


def count_pixels(roles: Tensor) -> Tensor:
    """Count the pixels of each of `PART_ROLES` in roles (B, S, S) uint8: (B, R)."""
    number = roles.flatten(1).long() + 256 * torch.arange(len(roles))[:, None]
    return torch.bincount(number.flatten(), minlength=256 * len(roles)).view(-1, 256)[:, : len(PART_ROLES)]
