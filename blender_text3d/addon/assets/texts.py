# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of an asset, read from the prompt of its recipe, or from the name of an object without one."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import bpy

from ...protocol.create_job import slug
from ...protocol.models import MODELS
from ...protocol.request import SEEDS
from ...system.untrusted_files import is_plain_name

SMALL_WORDS = {"a", "an", "the", "of", "with", "and", "on", "in", "one", "its", "to"}
CATALOG, TAG = "Text3D", "Text3D"
KIND_LABELS = {"chesspiece": "Chess Piece", "hotdog": "Hot Dog", "icecream": "Ice Cream"}


class AssetWords(NamedTuple):
    """Facts about an object.

    Attributes:
        kind: A kind of the small models, or "".
        tags: Words that a search should find.
        description: One line, or "".
        stem: Name of its file, without suffix.
        text: The prompt or name that all this is read from.
    """

    kind: str
    tags: tuple[str, ...]
    description: str
    stem: str
    text: str = ""

    @property
    def catalog(self) -> str:
        """Path of the catalog of its kind."""
        return f"{CATALOG}/{KIND_LABELS.get(self.kind, self.kind.capitalize())}" if self.kind else CATALOG


def words_of_object(target: bpy.types.Object) -> AssetWords:
    """Return what recipe and name of an object say."""
    from ...scene.recipe import recipe_of

    return asset_words(target.name, recipe_of(target) or {})


def asset_words(name: str, recipe: Mapping[str, Any]) -> AssetWords:
    """Return what a recipe says, and without a prompt in it, the name.

    Args:
        name: Name of the object.
        recipe: Its recipe, which may come from somebody else; {} without one.
    """
    from ...prompts.reader import read_prompt

    prompt, seed = recipe.get("prompt"), recipe.get("seed")
    is_named = bool(recipe.get("image") or recipe.get("object"))  # then the prompt is the name of a file
    base = re.sub(r"\.\d{3,}$", "", name)
    text = prompt if isinstance(prompt, str) and prompt and not is_named else base
    reading = read_prompt(text, str(recipe.get("model", "")))
    words = [word for word in re.findall(r"\w[\w-]*", text.lower()) if word not in SMALL_WORDS]
    tags = [*words, *(reading.tokens if reading else ()), *([TAG] if recipe else ())]
    is_seeded = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < SEEDS
    stem = slug(base) if is_plain_name(slug(base)) else f"asset-{slug(base)}"  # "con" is a device of Windows
    return AssetWords(
        kind=reading.main if reading else "",
        tags=tuple(dict.fromkeys(tag for tag in tags if tag != "with")),
        description=description_of(text, recipe) if recipe else "",
        stem=f"{stem}-{seed}" if is_seeded else stem,
        text=text,
    )


def description_of(text: str, recipe: Mapping[str, Any]) -> str:
    """Return prompt, seed and model on one line."""
    model = MODELS.get(str(recipe.get("model")))
    parts = [text, f"seed {recipe['seed']}" if "seed" in recipe else "", model.label if model else ""]
    return ", ".join(part for part in parts if part)
