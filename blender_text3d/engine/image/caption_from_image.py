# SPDX-License-Identifier: GPL-3.0-or-later
"""Caption an image file in the small models' vocabulary."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from ..mini.files import IMAGE_TOWER_WEIGHTS
from ..weights.loading.load_tensors import load_float32, load_prefixed
from .caption import ImageCaption, caption_of
from .image_vocabulary import ImageVocabulary
from .mini_image_tower import SmallImageTower, SmallImageTowerConfig, TowerOutput
from .preprocess import PreparedImage, prepare_image
from .view_ensemble import center_crop, consensus, views_of

PREPARED_SIDE = 80
"""Pixels of the prepared image; the tower sees crops near its center, with less of the white margin."""


@dataclass(frozen=True)
class CaptionedImage:
    """An image with its caption.

    Attributes:
        image_caption: the recognized object.
        view: `(H, W, 3) uint8` sRGB, the tower's first view; the others are mirrored or shifted.
        notes: advice for the user.
    """

    image_caption: ImageCaption
    view: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        """A prompt in the small models' vocabulary."""
        return self.image_caption.caption

    @property
    def notice(self) -> str:
        """Sentences for the user."""
        return " ".join([self.image_caption.notice, *self.notes])


@cache
def load_image_tower(path: Path, device: torch.device) -> tuple[SmallImageTower, ImageVocabulary]:
    """Load a tower and its vocabulary; each file is read once per process."""
    vocabulary = ImageVocabulary.read(path)
    network = SmallImageTower(SmallImageTowerConfig.of(vocabulary))
    return load_prefixed(network, load_float32(path), "", device), vocabulary


@torch.inference_mode()
def read_by_tower(path: Path, device: torch.device) -> tuple[TowerOutput, PreparedImage]:
    """Return what the shipped tower sees in an image file, as of one image, and the image that it sees crops of.

    Raises:
        BadImage: The file cannot be used as an image, or shows no object.
        BrokenWeights: The tower's file is missing, corrupt or of another version.
    """
    tower, _ = load_image_tower(IMAGE_TOWER_WEIGHTS, device)
    prepared = prepare_image(path, PREPARED_SIDE)
    return consensus(tower(views_of(prepared.view, tower.config.image_resolution).to(device))), prepared


def caption_image(path: Path, device: torch.device) -> CaptionedImage:
    """Caption an image file with the shipped tower.

    Raises:
        BadImage: The file cannot be used as an image, or shows no object.
        BrokenWeights: The tower's file is missing, corrupt or of another version.
    """
    tower, vocabulary = load_image_tower(IMAGE_TOWER_WEIGHTS, device)
    output, prepared = read_by_tower(path, device)
    view = center_crop(prepared.view, tower.config.image_resolution)
    return CaptionedImage(caption_of(output, vocabulary), view, prepared.notes)
