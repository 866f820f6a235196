# SPDX-License-Identifier: GPL-3.0-or-later
"""Training augmentation of the image tower: random positions, sizes, lights and backgrounds."""

import torch
from torch import Tensor
from torch.nn import functional as F

from blender_text3d.engine.image.caption_from_image import PREPARED_SIDE
from blender_text3d.engine.image.clip_preprocess import MEAN, STD
from blender_text3d.engine.image.framing import OBJECT_SHARE
from blender_text3d.engine.image.mini_image_tower import SmallImageTowerConfig

from .splat import REACH
from .tower_words import image_vocabulary

SIDE = SmallImageTowerConfig.of(image_vocabulary()).image_resolution
ZOOM = REACH / (OBJECT_SHARE * PREPARED_SIDE / SIDE)
"""Size of the object in the stored image relative to its size in the tower input."""


def normalize(rgb: Tensor) -> Tensor:
    """Normalize (B, 3, S, S) sRGB 0..1 as `clip_pixels` does."""
    return (rgb - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def frame_on_white(images: Tensor) -> Tensor:
    """Composite (B, 4, S, S) premultiplied RGBA on white: (B, 3, side, side) 0..1, framed like the images of users."""
    moved = _moved(images, torch.eye(2).expand(len(images), 2, 2) * ZOOM, torch.zeros(len(images), 2))
    return (moved[:, :3] + 1 - moved[:, 3:]).clamp(0, 1)


def augment(images: Tensor) -> Tensor:
    """Augment each image randomly: mirroring, position, size, light and, sometimes, a ground with a shadow."""
    count = len(images)
    tilt, size = 0.06 * torch.randn(count), ZOOM * (1 + 0.05 * torch.randn(count))
    flip = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    turn = torch.stack([tilt.cos() * flip, -tilt.sin(), tilt.sin() * flip, tilt.cos()], 1).view(-1, 2, 2)
    shift, reach = 0.04 * torch.randn(count, 2), _reach(count)
    turn = turn * (size * (1 + 0.35 * reach.abs() * torch.rand(count)))[:, None, None]
    shift[:, 0] += 0.3 * reach * torch.rand(count)  # background removal may keep a shadow as a part of the object
    moved, shadow = _moved(images, turn, shift), _shadow(images, turn, shift, reach)
    return _noisy(_lit(moved[:, :3]) + (1 - moved[:, 3:]) * (1 - shadow) * _ground(count))


def _reach(count: int) -> Tensor:
    """Return the (B,) lateral length of shadows for an object of height 1; 0 for no shadow."""
    side = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    return side * (0.2 + 0.8 * torch.rand(count)) * (torch.rand(count) < 0.4)


def _shadow(images: Tensor, turn: Tensor, shift: Tensor, reach: Tensor) -> Tensor:
    """Return (B, 1, side, side) shadows on the ground: the object flattened and sheared to the side."""
    rows = torch.linspace(-1, 1, images.shape[2])
    floor = torch.where(images[:, 3].amax(2) > 0.5, rows, -1.0).amax(1) - 0.05
    flat = (0.1 + 0.35 * torch.rand(len(images))) * torch.where(torch.rand(len(images)) < 0.75, 1.0, -1.0)
    zero, one = torch.zeros_like(flat), torch.ones_like(flat)
    laid = torch.stack([one, reach / flat, zero, 1 / flat], 1).view(-1, 2, 2)
    start = torch.stack([-reach / flat * floor, floor - floor / flat], 1)
    there = (laid @ shift[..., None])[..., 0] + start
    strength = (0.15 + 0.45 * torch.rand(len(images))) * (reach != 0)
    fallen = _moved(images[:, 3:], laid @ turn, there)
    return F.avg_pool2d(fallen, 5, stride=1, padding=2) * strength[:, None, None, None]


def _moved(images: Tensor, turn: Tensor, shift: Tensor) -> Tensor:
    """Resample (B, C, S, S) to (B, C, side, side): output p from input turn p + shift, in coordinates -1 to 1."""
    size = (*images.shape[:2], SIDE, SIDE)
    grid = F.affine_grid(torch.cat([turn, shift[..., None]], 2), size, align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def _lit(rgb: Tensor) -> Tensor:
    """Change brightness and, slightly, the color temperature."""
    gain = (1 + 0.12 * torch.randn(len(rgb), 1, 1, 1)) * (1 + 0.03 * torch.randn(len(rgb), 3, 1, 1))
    return rgb * gain.clamp(0.65, 1.3)


def _ground(count: int) -> Tensor:
    """Return (B, 3, side, side) backgrounds: white, a light color, or with a soft shadow at the bottom."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIDE), torch.linspace(-1, 1, SIDE), indexing="ij")
    place = torch.rand(count, 4, 1, 1)
    across, down = x - (place[:, 0] - 0.5) * 0.6, y - (0.55 + 0.4 * place[:, 1])
    shade = torch.exp(-((across / (0.3 + 0.5 * place[:, 2])) ** 2) - (down / (0.08 + 0.2 * place[:, 3])) ** 2)
    strength = torch.rand(count, 1, 1) * 0.45 * (torch.rand(count, 1, 1) < 0.2)
    is_tinted = torch.rand(count, 1, 1, 1) < 0.12
    tint = torch.where(is_tinted, 0.55 + 0.45 * torch.rand(count, 3, 1, 1), 1.0)
    return tint * (1 - strength * shade)[:, None]


def _noisy(rgb: Tensor) -> Tensor:
    """Add random blur and noise to each image."""
    blurred = F.avg_pool2d(F.pad(rgb, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    amount = torch.rand(len(rgb), 1, 1, 1) * (torch.rand(len(rgb), 1, 1, 1) < 0.5)
    grain = 0.02 * torch.rand(len(rgb), 1, 1, 1) * torch.randn_like(rgb)
    return (rgb.lerp(blurred, amount) + grain).clamp(0, 1)


def scramble(rgb: Tensor) -> Tensor:
    """Destroy the objects in images (B, C, S, S): flip and permute quarters and sixteenths."""
    for count in (2, 4):
        pieces = rgb.unflatten(3, (count, -1)).unflatten(2, (count, -1)).permute(0, 2, 4, 1, 3, 5).flatten(0, 2)
        pieces = pieces[torch.randperm(len(pieces))]
        pieces = torch.where((torch.rand(len(pieces)) < 0.5)[:, None, None, None], pieces.flip(2), pieces.flip(3))
        grid = pieces.unflatten(0, (len(rgb), count, count)).permute(0, 3, 1, 4, 2, 5)
        rgb = grid.flatten(4, 5).flatten(2, 3)
    return rgb
