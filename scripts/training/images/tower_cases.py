# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures to try the image tower on, as somebody might take or draw them, each with what is true of it."""

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
from ..evaluate.shap_e import Task
from .coloring import HELD, SEEN, painted_views
from .tower_words import TOLD_SIZE_OF, TOLD_SIZES, picture_words

SIDE = 256
MANNERS = ("white", "plain", "transparent", "far", "grainy", "jpeg", "lit")


@dataclass(frozen=True)
class Case:
    """One thing to be seen.

    Attributes:
        rgba: (4, S, S) sRGB times alpha, and alpha.
        sight: what a tower that is never wrong says of it.
        colors: (R,) numbers in `COLORS` of `PART_ROLES`, -1 where the part is not seen.
    """

    rgba: torch.Tensor
    sight: ImageCaption
    colors: np.ndarray

    @property
    def task(self):
        """The prompt given to a classifier of meshes; of several named parts, the first."""
        category, color = self.sight.category, self.sight.color
        if not self.sight.parts:
            return Task(category, color)
        word, part_color = self.sight.parts[0]
        roles = {words[0]: role for role, words in picture_words().parts[category].items()}
        return Task(category, color, roles[word], word, part_color)

    def is_true(self, word, color):
        """True if a part has a color."""
        roles = [role for role, words in picture_words().parts[self.sight.category].items() if words[0] == word]
        return any(self.colors[1 + ROLES.index(role)] == list(COLORS).index(color) for role in roles)


def cases(shapes, count, rng):
    """`count` of them, a third in colors that their kind never had in training."""
    made = []
    for colors, share in ((SEEN, 2), (HELD, 1)):
        able = np.flatnonzero([bool(colors[CATEGORIES[number].name]) for number in shapes["category"]])
        views = painted_views(shapes, rng.permutation(able)[: count * share // 3], colors, rng)
        made += [case_of(views, row) for row in range(len(views.category))]
    return made


def case_of(views, row):
    """One of some painted views."""
    color = views.color[row]
    size = TOLD_SIZE_OF[int(views.size[row])]
    answers = TowerOutput(
        category=20.0 * F.one_hot(views.category[row], len(CATEGORIES))[None],
        size=20.0 * F.one_hot(torch.tensor(size), len(TOLD_SIZES))[None],
        visible=torch.where(color >= 0, 20.0, -20.0)[None],
        color=20.0 * F.one_hot(color.clamp(min=0), len(COLORS))[None],
    )
    return Case(views.pictures[row], caption_of(answers, picture_words()), color.numpy())


def shown(rgba, manner, rng):
    """A picture (4, S, S) -> a PNG's or JPEG's picture of it in one of `MANNERS`."""
    margin = rgba.shape[1] if manner == "far" else 14
    wide = F.pad(rgba, (margin, margin, margin - 4, margin + 2))
    if manner == "transparent":
        return _resized(torch.cat([wide[:3] / wide[3:].clamp(min=1e-3), wide[3:]]))
    ground = torch.ones(3) if manner == "white" else _plain_color(rng)
    gain = torch.from_numpy(rng.uniform(0.75, 1.2) * rng.normal(1, 0.03, 3)).float() if manner == "lit" else 1.0
    rgb = wide[:3] * torch.as_tensor(gain).view(-1, 1, 1) + (1 - wide[3:]) * ground[:, None, None]
    picture = _resized(rgb)
    if manner == "grainy":
        grain = rng.normal(0, 5, (SIDE, SIDE, 3))
        return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))
    return _pressed(picture) if manner == "jpeg" else picture


def _plain_color(rng):
    return torch.from_numpy(rng.uniform(0.5, 1.0) + rng.normal(0, 0.04, 3)).float().clamp(0, 1)


def _resized(values):
    pixels = (values.clamp(0, 1).permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    return Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def _pressed(picture):
    kept = BytesIO()
    picture.save(kept, format="JPEG", quality=60)
    return Image.open(kept).convert("RGB")
