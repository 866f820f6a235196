# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture is looked at several times: mirrored, and with its colours exchanged, on which its kind does not depend.

So a kind is known better in colours that it never had in training: some of the looks have others.
"""

import numpy as np
import torch
from torch import Tensor

from .clip_input import clip_pixels
from .mini_tower import Answers

CHANNELS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
OWN = 2
"""Looks at the picture in its own colours: they come first, and count twice."""


def looks_at(view: np.ndarray) -> Tensor:
    """[S, S, 3] uint8 sRGB -> [6, 3, S, S] as the tower takes them."""
    turned = [np.ascontiguousarray(view[:, ::way, list(order)]) for order in CHANNELS for way in (1, -1)]
    return torch.stack([clip_pixels(look) for look in turned])


def agreed(answers: Answers) -> Answers:
    """Answers to all looks at a picture -> those to the picture: of its kind all know, of its colours only the own."""
    likely = answers.category.softmax(1)
    kind = (2 * likely[:OWN].sum(0) + likely[OWN:].sum(0)) / (len(likely) + OWN)
    own = (values[:OWN].mean(0, keepdim=True) for values in (answers.size, answers.visible, answers.color))
    return Answers(kind.log()[None], *own)
