# SPDX-License-Identifier: GPL-3.0-or-later
"""The vocabulary of the small models, collected from the catalog.

Run as `python -m scripts.training.data.vocabulary FILE` to write it.
"""

import argparse
import json
from pathlib import Path

from .catalogue import CATEGORIES, categories_of, part_words
from .colors import COLORS, MATERIALS
from .kinds import FIRST_KINDS

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


LATEST_MODELS = ["mini/shap-e", "mini/point-e", "mini/three-step"]
"""Models whose included weights know every category of the catalog."""
EARLIER_MODELS = []
"""Models whose included weights know `FIRST_KINDS` alone, none now; one that is trained again moves to the others."""
STAND_INS = {
    "sofa": "armchair", "desk": "table", "wardrobe": "shelf", "bench": "chair", "cup": "mug", "plate": "bowl",
    "knife": "sword", "pear": "apple", "submarine": "boat", "spaceship": "rocket", "sailboat": "boat",
    "church": "house", "lighthouse": "tower", "windmill": "tower",
}  # fmt: skip
"""Kind that the earlier models do not know -> one that they know and that is much like it."""
SINGULARS = {
    "cherries": "cherry", "lens": "lens", "lenses": "lens", "olives": "olive", "patches": "patch", "sharps": "sharps",
}  # fmt: skip
"""Singulars that `singular` would get wrong; the black keys of a piano stay apart from what is sharp."""
OBJECT_ALIASES = {
    "men": "person", "women": "person", "people": "person", "human being": "person", "human figure": "person",
    "boy": "person", "girl": "person", "lady": "person", "guy": "person", "child": "person", "children": "person",
    "t rex": "dinosaur", "teacup": "cup", "handbag": "bag", "parcel": "box", "package": "box", "giftbox": "gift",
    "knapsack": "backpack", "cell phone": "phone", "cellphone": "phone", "mobile phone": "phone",
    "smartphone": "phone", "smart phone": "phone", "pawn": "chesspiece", "rook": "chesspiece",
    "chess figurine": "chesspiece", "chessman": "chesspiece", "chessmen": "chesspiece", "space ship": "spaceship",
    "star ship": "spaceship", "ufo": "spaceship", "flying saucer": "spaceship", "bow and arrow": "bow",
    "tepee": "tent", "tipi": "tent", "eye glasses": "glasses", "sunglasses": "glasses", "sun glasses": "glasses",
    "human skull": "skull", "human hand": "hand", "human heart": "heart",
}  # fmt: skip
"""More names of the kinds, which captions of the training do not use."""


def singular(word):
    """Return the token of a word ("leg" of "legs", "leaf" of "leaves"); the prompt parser removes plurals."""
    if word in SINGULARS:
        return SINGULARS[word]
    if word.endswith("ves"):
        return word[:-3] + "f"
    return word.removesuffix("s") if not word.endswith(("ss", "us")) else word


def parts_of(category):
    """Return the tokens of the words for the parts of a category."""
    return {singular(word) for word in part_words(category)}


def vocabulary(categories=CATEGORIES):
    """Return the vocabulary of some categories as JSON data."""
    objects = [category.name for category in categories]
    aliases = {alias: word for word, others in SIZES.items() for alias in others} | COLOR_ALIASES
    aliases |= {noun.replace("-", " "): category.name for category in categories for noun in category.nouns}
    aliases |= {noun: word for noun, word in OBJECT_ALIASES.items() if word in objects}
    parts = sorted(set().union(*map(parts_of, categories)))
    taken = {*objects, *COLORS, *MATERIALS, *SIZES, *aliases}
    groups = {
        "objects": objects,
        "colors": [*COLORS],
        "materials": [*MATERIALS],
        "sizes": [*SIZES],
        "parts": [word for word in parts if word not in taken],
        "links": ["with"],
    }
    named = aliases | {word: word for word in objects}
    return {
        "groups": groups,
        "aliases": dict(sorted(aliases.items())),
        "ignored": sorted(set(IGNORED)),
        "parts_of": {c.name: sorted({named.get(word, word) for word in parts_of(c)}) for c in categories},
    }


def vocabularies(latest=LATEST_MODELS, earlier=EARLIER_MODELS):
    """Return the vocabulary of all categories as JSON data, and what models of an earlier training know instead.

    Args:
        latest: names of the models that know all categories.
        earlier: names of the models that know the first kinds alone.
    """
    first = vocabulary(categories_of(FIRST_KINDS))
    del first["ignored"]
    entry = {"models": earlier, **first, "stand_ins": STAND_INS}
    return {"models": latest, **vocabulary(), "earlier": [entry] if earlier else []}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.parse_args().out.write_text(json.dumps(vocabularies(), indent=1), encoding="utf-8")
