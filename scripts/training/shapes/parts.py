# SPDX-License-Identifier: GPL-3.0-or-later
"""A shape as a list of placed, colored parts; and categories with their captions."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Part:
    """A primitive placed in the shape: point_in_shape = turn @ point_in_part + at.

    Attributes:
        solid: a primitive of `primitives`.
        role: color role: "main" or a key of the category's accents.
        at: position of the primitive's origin, in the shape's units (z up, ground at 0, front towards -y).
        turn: (3, 3) rotation, or None.
    """

    solid: object
    role: str = "main"
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    turn: np.ndarray | None = None


@dataclass(frozen=True)
class Proportions:
    """Scale factors of a shape from size words; 1 is ordinary. A builder multiplies its dimensions by them.

    Attributes:
        height: tall 1.35, short or low 0.72 …
        width: wide 1.35, narrow 0.75 (long: 1.35 along the object's longest horizontal side)
        thick: thick 1.4, thin 0.8, of legs, stems, walls, handles.
    """

    height: float = 1.0
    width: float = 1.0
    thick: float = 1.0


@dataclass(frozen=True)
class Category:
    """One kind of object.

    Attributes:
        name: the label in captions and of the classifier, e.g. "chair".
        build: (rng, proportions) -> parts.
        nouns: other words for it, singular ("armchair" is not a noun of "chair": it is a separate category).
        accents: role -> caption words, and the default colors
            (None: the main color).  {"legs": (("legs",), None), "wheels": (("wheels", "tyres", "tires"), ("black",))}
    """

    name: str
    build: Callable
    nouns: tuple[str, ...] = ()
    accents: dict[str, tuple[tuple[str, ...], tuple[str, ...] | None]] = field(default_factory=dict)


def rotation(axis, degrees):
    """Return the (3, 3) rotation matrix about "x", "y" or "z"."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = cos, -sin, sin, cos
    return matrix
