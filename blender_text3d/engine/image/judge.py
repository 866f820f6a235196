# SPDX-License-Identifier: GPL-3.0-or-later
"""Kind and color that the small models' image tower sees in the picture of an object."""

from pathlib import Path

import torch

from ..mini.files import IMAGE_TOWER_WEIGHTS
from .caption import caption_of
from .caption_from_image import load_image_tower, read_by_tower
from .image_file import BadImage

CPU = torch.device("cpu")


def judged(picture: Path) -> dict[str, str]:
    """Return "judge_kind" and "judge_color" of a picture; {} where the tower is not sure, as of unknown kinds.

    Raises:
        BrokenWeights: The tower's file is corrupt.
    """
    try:
        output = read_by_tower(picture, CPU)[0]
    except BadImage:
        return {}
    caption = caption_of(output, load_image_tower(IMAGE_TOWER_WEIGHTS, CPU)[1])
    return {"judge_kind": caption.category, "judge_color": caption.color} if caption.is_sure else {}
