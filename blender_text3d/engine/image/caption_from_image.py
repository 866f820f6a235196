# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file to a caption that the small models' word encoders read, and to what the user should know of it."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from ..mini.files import IMAGE_TOWER_WEIGHTS
from ..weights.loading.load_tensors import fill, tensors_of
from .caption import ImageCaption, caption_of
from .image_vocabulary import PictureWords
from .preprocess import prepared_image
from .small_tower import MiniTower, MiniTowerConfig
from .view_ensemble import consensus, middle_of, views_of

PREPARED_SIDE = 80
"""Pixels of the prepared picture, of whose white margin the tower sees less: only about the middle."""


@dataclass(frozen=True)
class ReadPicture:
    """A picture in words.

    Attributes:
        sight: what was seen.
        view: [S, S, 3] uint8 sRGB, what the tower saw first; its other looks are the same, mirrored or moved.
        notes: sentences on what would help to see it better.
    """

    sight: ImageCaption
    view: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        """A prompt in the small models' words."""
        return self.sight.caption

    @property
    def notice(self) -> str:
        """Sentences for the user."""
        return " ".join([self.sight.notice, *self.notes])


@cache
def mini_tower(path: Path, device: torch.device) -> tuple[MiniTower, PictureWords]:
    """A tower and its words, read once a process."""
    words = PictureWords.read(path)
    return fill(MiniTower(MiniTowerConfig.of(words)), tensors_of(path), "", device), words


@torch.inference_mode()
def read_picture_in_words(path: Path, device: torch.device) -> ReadPicture:
    """What the shipped tower sees in a picture's file.

    Raises:
        BadImage: the file is no picture that can be used, or shows nothing.
        BrokenWeights: the tower's own file is missing, damaged or of another version.
    """
    tower, words = mini_tower(IMAGE_TOWER_WEIGHTS, device)
    prepared = prepared_image(path, PREPARED_SIDE)
    side = tower.config.image_resolution
    sight = caption_of(consensus(tower(views_of(prepared.view, side).to(device))), words)
    return ReadPicture(sight, middle_of(prepared.view, side), prepared.notes)
