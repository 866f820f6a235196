# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of the small models, collected from the catalog.

Run as `python -m scripts.training.data.vocabulary FILE` to write it.
"""

import json
import sys

from .catalogue import CATEGORIES
from .colors import COLORS, MATERIALS

SIZES = {
    "tall": ("high", "towering"),
    "short": ("low", "squat"),
    "wide": ("broad", "fat", "chubby"),
    "narrow": ("slim", "slender", "skinny"),
    "thick": ("chunky", "bulky", "heavy"),
    "thin": ("fine", "delicate"),
    "small": ("little", "tiny", "mini", "miniature"),
    "big": ("large", "huge", "giant", "great"),
    "long": (),
}
COLOR_ALIASES = {
    "grey": "gray",
    "violet": "purple",
    "lilac": "purple",
    "magenta": "pink",
    "rose": "pink",
    "crimson": "red",
    "scarlet": "red",
    "ruby": "red",
    "turquoise": "cyan",
    "teal": "cyan",
    "aqua": "cyan",
    "navy": "blue",
    "lime": "green",
    "beige": "white",
    "ivory": "white",
    "cream": "white",
    "snowy": "white",
    "ebony": "black",
    "dark": "black",
    "wood": "wooden",
    "oak": "wooden",
    "timber": "wooden",
    "gold": "golden",
    "metal": "silver",
    "metallic": "silver",
    "steel": "silver",
    "iron": "silver",
    "chrome": "silver",
    "concrete": "stone",
    "rock": "stone",
    "marble": "white",
    "brick": "red",
    "bronze": "brown",
    "copper": "orange",
    "chocolate": "brown",
}
IGNORED = [
    "a",
    "an",
    "the",
    "of",
    "some",
    "one",
    "two",
    "three",
    "my",
    "your",
    "his",
    "her",
    "our",
    "this",
    "that",
    "these",
    "those",
    "is",
    "are",
    "it",
    "its",
    "in",
    "and",
    "or",
    "to",
    "on",
    "for",
    "very",
    "nice",
    "beautiful",
    "cute",
    "pretty",
    "lovely",
    "cool",
    "simple",
    "please",
    "make",
    "me",
    "create",
    "generate",
    "draw",
    "model",
    "object",
    "thing",
    "3d",
    "d",
    "render",
    "color",
    "colour",
    "colored",
    "coloured",
    "colors",
    "colours",
    "made",
    "from",
    "out",
    "has",
    "have",
    "having",
    "single",
]


SINGULARS = {"cherries": "cherry", "lens": "lens", "lenses": "lens", "olives": "olive", "patches": "patch"}
"""Singulars that `singular` would get wrong."""


def singular(word):
    """Return the token of a word ("leg" of "legs", "leaf" of "leaves"); the prompt parser removes plurals."""
    if word in SINGULARS:
        return SINGULARS[word]
    if word.endswith("ves"):
        return word[:-3] + "f"
    return word.removesuffix("s") if not word.endswith(("ss", "us")) else word


def vocabulary(categories=CATEGORIES):
    """Return the vocabulary of some categories as JSON data."""
    objects = [category.name for category in categories]
    aliases = {alias: word for word, others in SIZES.items() for alias in others} | COLOR_ALIASES
    aliases |= {noun.replace("-", " "): category.name for category in categories for noun in category.nouns}
    parts = sorted(
        {singular(word) for category in categories for names, _ in category.accents.values() for word in names}
    )
    taken = {*objects, *COLORS, *MATERIALS, *SIZES, *aliases}
    groups = {
        "objects": objects,
        "colors": [*COLORS],
        "materials": [*MATERIALS],
        "sizes": [*SIZES],
        "parts": [word for word in parts if word not in taken],
        "links": ["with"],
    }
    return {"groups": groups, "aliases": dict(sorted(aliases.items())), "ignored": sorted(set(IGNORED))}


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(vocabulary(), file, indent=1)
