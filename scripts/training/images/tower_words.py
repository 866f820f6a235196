# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of the small image tower: the catalog's kinds, sizes, colors and parts."""

from blender_text3d.engine.image.image_vocabulary import ImageVocabulary

from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS, color_class
from .image_dataset import PART_ROLES, SIZES

SAID_AS = {"long": "wide", "big": "", "small": ""}
"""Size words that look like another, or like none."""
TOLD_SIZES = tuple(size for size in SIZES if size not in SAID_AS)
TOLD_SIZE_OF = tuple(TOLD_SIZES.index(SAID_AS.get(size, size)) for size in SIZES)
"""Number in `SIZES` -> number in `TOLD_SIZES`."""

ROLES_OF = tuple(tuple(role in category.accents for role in PART_ROLES) for category in CATEGORIES)
"""Number in `CATEGORIES` -> of each of `PART_ROLES`, whether a thing of that kind may have it beside its main part."""


def picture_words():
    """All of them, in the order of the tower's answers."""
    parts = {category.name: _parts(category) for category in CATEGORIES}
    return ImageVocabulary(tuple(parts), TOLD_SIZES, tuple(COLORS), PART_ROLES, parts)


def _parts(category):
    """Role -> (word, color classes that the part has where a caption is silent)."""
    return {
        role: (words[0], tuple(dict.fromkeys(color_class(word) for word in usual or ())))
        for role, (words, usual) in category.accents.items()
    }
