# SPDX-License-Identifier: GPL-3.0-or-later
"""Material of an object by the words of its prompt: metallic, roughness, transmission and coat.

Words of parts ("with golden legs") and words that are denied ("not metallic") say nothing about the whole object.
"""

from typing import NamedTuple

from .item import Item
from .reader import read_prompt
from .roles import Reason, Role


class MaterialLook(NamedTuple):
    """Values of a Principled BSDF, each from 0 to 1.

    Attributes:
        metallic: 1 for metals, whose color is that of their reflections, else 0.
        roughness: Spread of reflections: 0 for a mirror.
        transmission: Share of light that passes through.
        coat: Weight of a clear coat, as of lacquer.

    Source: Burley, "Physically Based Shading at Disney", 2012, section 5.3 (metallic, roughness, clearcoat).
    """

    metallic: float = 0.0
    roughness: float = 0.5
    transmission: float = 0.0
    coat: float = 0.0


POLISHED_METAL, METAL, WORKED_METAL = MaterialLook(1, 0.2), MaterialLook(1, 0.3), MaterialLook(1, 0.4)
GLASS = MaterialLook(0, 0.05, transmission=0.9)
SUBSTANCES = {
    **dict.fromkeys(("gold", "golden", "silver", "brass"), POLISHED_METAL),
    **dict.fromkeys(("metal", "metallic", "copper", "bronze", "steel", "tin", "titanium", "platinum"), METAL),
    **dict.fromkeys(("aluminum", "aluminium", "iron", "pewter", "lead", "nickel"), WORKED_METAL),
    "chrome": MaterialLook(1, 0.08),
    **dict.fromkeys(("rusty", "rusted", "rust"), MaterialLook(0, 0.9)),
    **dict.fromkeys(("wooden", "wood", "oak", "walnut", "mahogany", "bamboo", "plywood"), MaterialLook(0, 0.6)),
    **dict.fromkeys(("stone", "rock", "granite", "concrete", "brick", "sandstone", "cement"), MaterialLook(0, 0.85)),
    "marble": MaterialLook(0, 0.25),
    **dict.fromkeys(("glass", "crystal"), GLASS),
    "plastic": MaterialLook(0, 0.35),
    **dict.fromkeys(("porcelain", "ceramic", "china", "enamel"), MaterialLook(0, 0.15, coat=0.5)),
    **dict.fromkeys(("clay", "terracotta", "chalk", "paper", "cardboard"), MaterialLook(0, 0.9)),
    **dict.fromkeys(("leather", "rubber"), MaterialLook(0, 0.55)),
    **dict.fromkeys(("cloth", "fabric", "wool", "woolen", "cotton", "felt", "velvet", "plush"), MaterialLook(0, 1)),
    "wax": MaterialLook(0, 0.4),
}  # fmt: skip
GLOSSY = frozenset({"glossy", "shiny", "polished", "gloss", "gleaming", "lacquered", "varnished", "glazed"})
SATIN = frozenset({"satin", "silky"})
MATTE = frozenset({"matte", "matt", "dull", "rough", "unpolished", "weathered"})
FINISHES = GLOSSY | SATIN | MATTE
GLOSSY_ROUGHNESS, SATIN_ROUGHNESS, MATTE_ROUGHNESS = 0.12, 0.35, 0.9
SURFACE_HEADS = frozenset({"finish", "paint", "coating", "varnish", "glaze", "surface", "texture"})
COLORED = frozenset({"colored", "coloured", "color", "colour"})
ENDS = (Role.LINK, Role.BREAK, Role.AND)
NOUNS = (Role.OBJECT, Role.PART)


def material_look(prompt: str) -> MaterialLook | None:
    """Return the look that the words of a prompt give the whole object, or None if none does."""
    reading = read_prompt(prompt)
    if reading is None:
        return None
    items = list(reading.items)
    words = [word for place, item in enumerate(items) if is_of_object(items, place) for word in words_of(item)]
    return look_of(words)


def look_of(words: list[str]) -> MaterialLook | None:
    """Return the look of words: the first substance, and the last word for its finish."""
    substance = next((SUBSTANCES[word] for word in words if word in SUBSTANCES), None)
    finish = next((word for word in reversed(words) if word in FINISHES), "")
    if substance is None and not finish:
        return None
    look = substance or MaterialLook()
    if finish in GLOSSY:
        coat = look.coat if look.metallic or look.transmission else max(look.coat, 0.5)
        return look._replace(roughness=min(look.roughness, GLOSSY_ROUGHNESS), coat=coat)
    if finish:
        return look._replace(roughness=MATTE_ROUGHNESS if finish in MATTE else SATIN_ROUGHNESS, coat=0.0)
    return look


def is_of_object(items: list[Item], place: int) -> bool:
    """True if an item describes the object that is made, not a part of it or another thing."""
    item = items[place]
    if item.reason not in ("", Reason.LOOK) or (item.reason == Reason.LOOK and not is_finish(items, place)):
        return False
    if any(word in COLORED for other in items[place + 1 : place + 2] for word in other.text.split()):
        return False
    for other in items[place:]:
        if other is not item and (other.role in ENDS or other.pauses):
            return True
        if other.role in NOUNS:
            return other.role == Role.OBJECT and other.is_used
    return True


def is_finish(items: list[Item], place: int) -> bool:
    """True for a word on looks that is about the surface: not for "glossy render" and "silver background"."""
    following = items[place + 1] if place + 1 < len(items) else None
    if following is not None and following.role == Role.STYLE_HEAD and not following.pauses:
        return False
    words = set(items[place].text.split())
    return bool(words & FINISHES) and words <= FINISHES | SURFACE_HEADS


def words_of(item: Item) -> list[str]:
    """Return the words of an item, and the known words that it is read as: "goldener" is "golden".

    Of a shade such as "steel blue" only the finish counts, as in "metallic blue".
    """
    words = item.text.replace("-", " ").split()
    if item.role != Role.ATTRIBUTE:
        return words
    if len(words) > 1:
        return [word for word in words if word in FINISHES or word == "metallic"]
    return [*words, *item.tokens]
