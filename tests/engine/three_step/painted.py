# SPDX-License-Identifier: GPL-3.0-or-later
"""A text-to-image model that draws a mug whose color the seed determines, in a few visible steps."""

import numpy as np
import torch

from blender_text3d.engine.glide.pictures import PictureStep
from blender_text3d.engine.three_step.image_models import IMAGE_MODELS, ImageModelEntry
from tests.engine.image.drawing import mug

COLORS = ((60, 80, 200), (205, 40, 40), (60, 160, 70), (230, 200, 60))
"""Blue, red, green, yellow."""
BLUE, RED, GREEN, YELLOW = range(4)
BLACK, BLANK = 4, 5
STEPS = 3


class PaintedImages:
    """Paints a mug of COLORS[seed % 4]; seed % 8 of BLACK and BLANK gives a black and a white picture.

    Attributes:
        opened, closed: prompts of the runs, and how often its memory was freed.
    """

    sha256 = "12" * 32

    def __init__(self, device, source=""):
        self.device, self.source = device, source
        self.asked, self.closed = [], 0

    def pictures(self, prompts, seeds, quality, guidance=None, negative_prompt="", size=0):
        self.asked.append((list(prompts), list(seeds), quality, negative_prompt))
        made = np.stack([picture_of(seed) for seed in seeds])
        for index in range(1, STEPS + 1):
            yield PictureStep("image", index, STEPS, lambda index=index: made // (STEPS + 1 - index), 1.0 / index)
        return made

    def close(self):
        self.closed += 1


def picture_of(seed):
    """The picture of a seed, (96, 96, 3) uint8."""
    if seed % 8 in (BLACK, BLANK):
        return np.full((96, 96, 3), 0 if seed % 8 == BLACK else 255, np.uint8)
    picture = np.asarray(mug(size=(320, 240)).convert("RGB").crop((40, 0, 280, 240)).resize((96, 96)))
    share = (255 - picture[..., 1:2]) / (255 - picture[..., 1].min())
    return (255 + share * (np.array(COLORS[seed % 4]) - 255)).round().clip(0, 255).astype(np.uint8)


def use_painted_images(monkeypatch, name="mini/glide", **entry):
    """Register it under a name; returns the models that were loaded."""
    loaded = []

    def load(device, source):
        loaded.append(PaintedImages(device, source))
        return loaded[-1]

    monkeypatch.setitem(IMAGE_MODELS, name, ImageModelEntry(load, **entry))
    return loaded


CPU = torch.device("cpu")
