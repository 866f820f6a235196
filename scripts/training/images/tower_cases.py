# SPDX-License-Identifier: GPL-3.0-or-later
"""Labeled test images of the image tower, similar to the images of users."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from blender_text3d.engine.image.caption import ImageCaption, caption_of
from blender_text3d.engine.image.mini_image_tower import TowerOutput

from ..data.catalogue import CATEGORIES, ROLES
from ..data.colors import COLORS
from ..evaluate.tasks import Task
from .coloring import HELD_OUT_COLORS, TRAINING_COLORS, color_views
from .tower_words import VISIBLE_SIZE_INDEX, VISIBLE_SIZES, image_vocabulary

SIDE = 256
IMAGE_STYLES = ("white", "plain", "transparent", "far", "grainy", "jpeg", "lit")


@dataclass(frozen=True)
class Case:
    """A labeled test image.

    Attributes:
        rgba: (4, S, S) sRGB times alpha, and alpha.
        image_caption: the true caption.
        colors: (R,) indices into `COLORS` for `PART_ROLES`, -1 for invisible parts.
    """

    rgba: torch.Tensor
    image_caption: ImageCaption
    colors: np.ndarray

    @property
    def task(self):
        """The prompt given to a classifier of meshes; of several named parts, the first."""
        category, color = self.image_caption.category, self.image_caption.color
        if not self.image_caption.parts:
            return Task(category, color)
        word, part_color = self.image_caption.parts[0]
        roles = {words[0]: role for role, words in image_vocabulary().parts[category].items()}
        return Task(category, color, roles[word], word, part_color)

    def is_true(self, word, color):
        """True if a part has a color."""
        roles = [
            role for role, words in image_vocabulary().parts[self.image_caption.category].items() if words[0] == word
        ]
        return any(self.colors[1 + ROLES.index(role)] == list(COLORS).index(color) for role in roles)


def cases(shapes, count, rng):
    """Return `count` cases, a third of them with held-out pairs of kind and color."""
    made = []
    for colors, share in ((TRAINING_COLORS, 2), (HELD_OUT_COLORS, 1)):
        able = np.flatnonzero([bool(colors[CATEGORIES[number].name]) for number in shapes["category"]])
        views = color_views(shapes, rng.permutation(able)[: count * share // 3], colors, rng)
        made += [case_of(views, row) for row in range(len(views.category))]
    return made


def case_of(views, row):
    """Return the case of one colored view."""
    color = views.color[row]
    size = VISIBLE_SIZE_INDEX[int(views.size[row])]
    answers = TowerOutput(
        category=20.0 * F.one_hot(views.category[row], len(CATEGORIES))[None],
        size=20.0 * F.one_hot(torch.tensor(size), len(VISIBLE_SIZES))[None],
        visible=torch.where(color >= 0, 20.0, -20.0)[None],
        color=20.0 * F.one_hot(color.clamp(min=0), len(COLORS))[None],
        known=torch.tensor([20.0]),
    )
    return Case(views.images[row], caption_of(answers, image_vocabulary()), color.numpy())


def simulate_user_image(rgba, style, rng):
    """Return an image (4, S, S) as a PIL image in one of `IMAGE_STYLES`."""
    margin = rgba.shape[1] if style == "far" else 14
    wide = F.pad(rgba, (margin, margin, margin - 4, margin + 2))
    if style == "transparent":
        return _resized(torch.cat([wide[:3] / wide[3:].clamp(min=1e-3), wide[3:]]))
    ground = torch.ones(3) if style == "white" else _plain_color(rng)
    gain = torch.from_numpy(rng.uniform(0.75, 1.2) * rng.normal(1, 0.03, 3)).float() if style == "lit" else 1.0
    rgb = wide[:3] * torch.as_tensor(gain).view(-1, 1, 1) + (1 - wide[3:]) * ground[:, None, None]
    image = _resized(rgb)
    if style == "grainy":
        grain = rng.normal(0, 5, (SIDE, SIDE, 3))
        return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))
    return _pressed(image) if style == "jpeg" else image


def _plain_color(rng):
    return torch.from_numpy(rng.uniform(0.5, 1.0) + rng.normal(0, 0.04, 3)).float().clamp(0, 1)


def _resized(values):
    pixels = (values.clamp(0, 1).permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    return Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _pressed(image):
    kept = BytesIO()
    image.save(kept, format="JPEG", quality=60)
    return Image.open(kept).convert("RGB")
