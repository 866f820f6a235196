# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects → assets: mark, texts, tags, catalog and picture. Marking again updates them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import bpy
import numpy as np

from .data_access import custom_property
from .image_preview import set_pixels
from .names import ASSET_TAGS

MAX_TAGS, MAX_TAG_BYTES, MAX_TEXT_BYTES = 24, 63, 1000
"""Blender cuts tags after 63 bytes, so that two long ones would become one and its copy."""


Picture = np.ndarray
"""`(S, S, 4) uint8` sRGB with straight alpha, top row first."""


class AssetTexts(NamedTuple):
    """Data of an asset that the Asset Browser shows and searches.

    Attributes:
        catalog_id: UUID of its catalog.
        tags: Words that a search finds.
        description, author, license: One line each, or "".
    """

    catalog_id: str
    tags: tuple[str, ...] = ()
    description: str = ""
    author: str = ""
    license: str = ""


def mark_asset(target: bpy.types.Object, texts: AssetTexts, picture: Picture | None) -> None:
    """Mark a local object as an asset, or update one. The user's own tags stay, and empty texts change nothing.

    Args:
        target: The object.
        texts: Its texts.
        picture: Its picture; None keeps the one it has.
    """
    target.asset_mark()  # also sets the fake user, without which Blender drops assets that nothing uses
    data: Any = target.asset_data
    data.catalog_id = texts.catalog_id
    for name in ("description", "author", "license"):
        if value := getattr(texts, name):
            setattr(data, name, shortened(value, MAX_TEXT_BYTES))
    put_tags(target, texts.tags)
    if picture is not None:
        set_pixels(target.preview_ensure(), picture)


def put_tags(target: bpy.types.Object, wanted: Iterable[str]) -> None:
    """Replace the tags of an earlier mark; others are the user's."""
    data: Any = target.asset_data
    stored = custom_property(target, ASSET_TAGS)
    before = set(stored.split("\n")) if isinstance(stored, str) else set()
    tags = cleaned(wanted)
    for tag in [tag for tag in data.tags if tag.name in before and tag.name not in tags]:
        data.tags.remove(tag)
    for tag in tags:
        data.tags.new(tag, skip_if_exists=True)
    target[ASSET_TAGS] = "\n".join(tags)


def cleaned(tags: Iterable[str]) -> list[str]:
    """Return tags as Blender can store them, each once, without those that are too long for it."""
    stripped = dict.fromkeys(tag.strip() for tag in tags)
    return [tag for tag in stripped if tag and tag.isprintable() and len(tag.encode()) <= MAX_TAG_BYTES][:MAX_TAGS]


def shortened(text: str, max_bytes: int) -> str:
    """Return the beginning of a text of at most so many bytes in UTF-8."""
    return text.encode(errors="replace")[:max_bytes].decode(errors="ignore")
