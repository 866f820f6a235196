# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures with alpha become what the tower is shown in training: at many places, sizes, lights and backgrounds."""

import torch
from torch import Tensor
from torch.nn import functional as F

from blender_text3d.engine.image.caption_from_image import PREPARED_SIDE
from blender_text3d.engine.image.clip_preprocess import MEAN, STD
from blender_text3d.engine.image.framing import OBJECT_SHARE
from blender_text3d.engine.image.mini_image_tower import SmallImageTowerConfig

from .splat import REACH
from .tower_words import picture_words

SIDE = SmallImageTowerConfig.of(picture_words()).image_resolution
ZOOM = REACH / (OBJECT_SHARE * PREPARED_SIDE / SIDE)
"""How much larger the object is in the stored picture than in the tower's view, as parts of their sides."""


def normalised(rgb: Tensor) -> Tensor:
    """(B, 3, S, S) sRGB 0..1 -> as `clip_pixels` gives them."""
    return (rgb - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def plain(pictures: Tensor) -> Tensor:
    """(B, 4, S, S) sRGB times alpha, and alpha -> (B, 3, side, side) 0..1 on white, framed as users' pictures are."""
    moved = _moved(pictures, torch.eye(2).expand(len(pictures), 2, 2) * ZOOM, torch.zeros(len(pictures), 2))
    return (moved[:, :3] + 1 - moved[:, 3:]).clamp(0, 1)


def varied(pictures: Tensor) -> Tensor:
    """The same, each differently: mirrored, moved, sized, lit, and now and then on a ground with a shadow."""
    count = len(pictures)
    tilt, size = 0.06 * torch.randn(count), ZOOM * (1 + 0.05 * torch.randn(count))
    flip = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    turn = torch.stack([tilt.cos() * flip, -tilt.sin(), tilt.sin() * flip, tilt.cos()], 1).view(-1, 2, 2)
    shift, reach = 0.04 * torch.randn(count, 2), _reach(count)
    turn = turn * (size * (1 + 0.35 * reach.abs() * torch.rand(count)))[:, None, None]
    shift[:, 0] += 0.3 * reach * torch.rand(count)  # a shadow that was left in counts as a part of the object
    moved, shadow = _moved(pictures, turn, shift), _shadow(pictures, turn, shift, reach)
    return _noisy(_lit(moved[:, :3]) + (1 - moved[:, 3:]) * (1 - shadow) * _ground(count))


def _reach(count: int) -> Tensor:
    """(B,): how far shadows fall to the side, for an object of height 1; 0 where there is none."""
    side = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    return side * (0.2 + 0.8 * torch.rand(count)) * (torch.rand(count) < 0.4)


def _shadow(pictures: Tensor, turn: Tensor, shift: Tensor, reach: Tensor) -> Tensor:
    """(B, 1, side, side): how dark the ground is where objects lie flat on it, sheared to the side."""
    rows = torch.linspace(-1, 1, pictures.shape[2])
    floor = torch.where(pictures[:, 3].amax(2) > 0.5, rows, -1.0).amax(1) - 0.05
    flat = (0.1 + 0.35 * torch.rand(len(pictures))) * torch.where(torch.rand(len(pictures)) < 0.75, 1.0, -1.0)
    zero, one = torch.zeros_like(flat), torch.ones_like(flat)
    laid = torch.stack([one, reach / flat, zero, 1 / flat], 1).view(-1, 2, 2)
    start = torch.stack([-reach / flat * floor, floor - floor / flat], 1)
    there = (laid @ shift[..., None])[..., 0] + start
    strength = (0.15 + 0.45 * torch.rand(len(pictures))) * (reach != 0)
    fallen = _moved(pictures[:, 3:], laid @ turn, there)
    return F.avg_pool2d(fallen, 5, stride=1, padding=2) * strength[:, None, None, None]


def _moved(pictures: Tensor, turn: Tensor, shift: Tensor) -> Tensor:
    """(B, C, S, S) -> (B, C, side, side); what is seen at p was at turn p + shift, both from -1 to 1."""
    size = (*pictures.shape[:2], SIDE, SIDE)
    grid = F.affine_grid(torch.cat([turn, shift[..., None]], 2), size, align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)


def _lit(rgb: Tensor) -> Tensor:
    """Brighter or darker, and a little warmer or colder."""
    gain = (1 + 0.12 * torch.randn(len(rgb), 1, 1, 1)) * (1 + 0.03 * torch.randn(len(rgb), 3, 1, 1))
    return rgb * gain.clamp(0.65, 1.3)


def _ground(count: int) -> Tensor:
    """(B, 3, side, side): white; in some, a soft shadow low in the picture, or another light color."""
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIDE), torch.linspace(-1, 1, SIDE), indexing="ij")
    place = torch.rand(count, 4, 1, 1)
    across, down = x - (place[:, 0] - 0.5) * 0.6, y - (0.55 + 0.4 * place[:, 1])
    shade = torch.exp(-((across / (0.3 + 0.5 * place[:, 2])) ** 2) - (down / (0.08 + 0.2 * place[:, 3])) ** 2)
    strength = torch.rand(count, 1, 1) * 0.45 * (torch.rand(count, 1, 1) < 0.2)
    is_tinted = torch.rand(count, 1, 1, 1) < 0.12
    tint = torch.where(is_tinted, 0.55 + 0.45 * torch.rand(count, 3, 1, 1), 1.0)
    return tint * (1 - strength * shade)[:, None]


def _noisy(rgb: Tensor) -> Tensor:
    """Blurred and grainy, each by its own measure."""
    blurred = F.avg_pool2d(F.pad(rgb, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    amount = torch.rand(len(rgb), 1, 1, 1) * (torch.rand(len(rgb), 1, 1, 1) < 0.5)
    grain = 0.02 * torch.rand(len(rgb), 1, 1, 1) * torch.randn_like(rgb)
    return (rgb.lerp(blurred, amount) + grain).clamp(0, 1)


def scrambled(rgb: Tensor) -> Tensor:
    """(B, C, S, S) of which no thing is left: their quarters and sixteenths turned over and exchanged at random."""
    for count in (2, 4):
        pieces = rgb.unflatten(3, (count, -1)).unflatten(2, (count, -1)).permute(0, 2, 4, 1, 3, 5).flatten(0, 2)
        pieces = pieces[torch.randperm(len(pieces))]
        pieces = torch.where((torch.rand(len(pieces)) < 0.5)[:, None, None, None], pieces.flip(2), pieces.flip(3))
        grid = pieces.unflatten(0, (len(rgb), count, count)).permute(0, 3, 1, 4, 2, 5)
        rgb = grid.flatten(4, 5).flatten(2, 3)
    return rgb
