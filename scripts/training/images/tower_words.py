# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of the small image tower: the catalog's kinds, sizes, colors and parts."""

from blender_text3d.engine.image.image_vocabulary import ImageVocabulary

from ..data.catalogue import CATEGORIES
from ..data.colors import COLORS, color_class
from .image_dataset import PART_ROLES, SIZES

SIZE_ALIASES = {"long": "wide", "big": "", "small": ""}
"""Size word -> visually equal size word."""
VISIBLE_SIZES = tuple(size for size in SIZES if size not in SIZE_ALIASES)
VISIBLE_SIZE_INDEX = tuple(VISIBLE_SIZES.index(SIZE_ALIASES.get(size, size)) for size in SIZES)
"""Index into `SIZES` -> index into `VISIBLE_SIZES`."""

HAS_ROLE = tuple(tuple(role in category.accents for role in PART_ROLES) for category in CATEGORIES)
"""Index into `CATEGORIES` -> flags of `PART_ROLES` that the kind has in addition to its main part."""


def image_vocabulary():
    """Return the vocabulary in the order of the tower's outputs."""
    parts = {category.name: _parts(category) for category in CATEGORIES}
    return ImageVocabulary(tuple(parts), VISIBLE_SIZES, tuple(COLORS), PART_ROLES, parts)


def _parts(category):
    """Return role -> (word, default color classes of the part)."""
    return {
        role: (words[0], tuple(dict.fromkeys(color_class(word) for word in default or ())))
        for role, (words, default) in category.accents.items()
    }
