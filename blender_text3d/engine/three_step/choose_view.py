# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the candidate that becomes the object."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..image.image_file import BadImage
from ..image.preprocess import prepare_image
from ..recipe import Recipe, ViewChoice
from .scores import Scorer

BLACK = 16
"""Largest level of a picture that counts as black: what is left of numbers that are not finite."""


class UnusableView(Exception):
    """The image model made no view of an object; the message says why and what to do."""


class ChosenView(NamedTuple):
    """The view of a recipe.

    Attributes:
        path: its file.
        choice: its index and all scores.
        notice: a sentence for the user; "" if there was nothing to choose.
    """

    path: Path
    choice: ViewChoice
    notice: str


def choose_view(recipe: Recipe, pictures: np.ndarray, scorer: Scorer, folder: Path) -> ChosenView:
    """Write the candidates (N, H, W, 3) uint8 sRGB as view_0.png and so on, and choose one that shows an object.

    Raises:
        UnusableView: none of them does.
        BrokenWeights: weights of the scorer are corrupt.
    """
    paths = [folder / f"view_{index}.png" for index in range(len(pictures))]
    for path, picture in zip(paths, pictures, strict=True):
        Image.fromarray(picture).save(path, format="PNG")
    usable = usable_views(recipe.prompt, pictures, paths)
    if len(pictures) == 1:
        return ChosenView(paths[0], ViewChoice(0, (None,)), "")
    found = scorer.scores(recipe.prompt, [paths[index] for index in usable])
    if isinstance(found, str):
        notice = f"{paths[usable[0]].name} was taken, the first of {len(paths)} views, {found}."
        return ChosenView(paths[usable[0]], ViewChoice(usable[0], (None,) * len(paths)), notice)
    scores = dict(zip(usable, found, strict=True))
    best = max(usable, key=lambda index: scores[index])
    notice = f"{paths[best].name} was taken of {len(paths)} views; its score by {scorer.name} is {scores[best]:.3f}."
    choice = ViewChoice(best, tuple(scores.get(index) for index in range(len(paths))), scorer.name)
    return ChosenView(paths[best], choice, notice)


def usable_views(prompt: str, pictures: np.ndarray, paths: Sequence[Path]) -> list[int]:
    """Return the indices of the views that show something.

    Raises:
        UnusableView: none does.
    """
    lit = [index for index, picture in enumerate(pictures) if picture.max() > BLACK]
    if not lit:
        raise UnusableView(f"The image model made a black image of '{prompt}'. Its numbers may have become invalid.")
    usable = [index for index in lit if shows_object(paths[index])]
    if not usable:
        raise UnusableView(f"The image model made an image of '{prompt}' that shows only background.")
    return usable


def shows_object(path: Path) -> bool:
    """True if an image shows more than its background."""
    try:
        prepare_image(path)
    except BadImage:
        return False
    return True
