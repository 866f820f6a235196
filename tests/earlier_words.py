# SPDX-License-Identifier: GPL-3.0-or-later
"""A vocabulary file in which some models know the kinds of the first training alone; no included model does."""

import json
from pathlib import Path

from blender_text3d.prompts.vocabulary import FILE

KINDS = 37
ALIASES = {"cup": "mug", "spaceship": "rocket", "turret": "tower"}
"""Names of first kinds that became kinds or parts of their own."""
STAND_INS = {
    "sofa": "armchair", "desk": "table", "wardrobe": "shelf", "bench": "chair", "cup": "mug", "plate": "bowl",
    "knife": "sword", "pear": "apple", "submarine": "boat", "spaceship": "rocket", "sailboat": "boat",
    "church": "house", "lighthouse": "tower", "windmill": "tower",
}  # fmt: skip


def write_vocabulary(path: Path, *, latest: list[str], earlier: list[str]) -> Path:
    """Write the included words as those of some models, and those of the first training as those of others."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    data |= {"models": latest, "earlier": [{"models": earlier, **first_words(data)}]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def first_words(data: dict) -> dict:
    """Return the words of the first training, of a file's content."""
    groups = data["groups"] | {"objects": data["groups"]["objects"][:KINDS]}
    parts_of = {kind: data["parts_of"][kind] for kind in groups["objects"]}
    known = {word for name in ("objects", "colors", "materials", "sizes") for word in groups[name]}
    aliases = {word: meant for word, meant in data["aliases"].items() if meant in known} | ALIASES
    groups["parts"] = sorted({part for parts in parts_of.values() for part in parts} - known)
    return {"groups": groups, "aliases": dict(sorted(aliases.items())), "parts_of": parts_of, "stand_ins": STAND_INS}
