# SPDX-License-Identifier: GPL-3.0-or-later
"""Captions of a shape, in many phrasings: category, colors of its parts, sizes."""

from dataclasses import dataclass, replace

from ..shapes.parts import Look
from .catalogue import is_held_out
from .colors import COLORS, MATERIALS, color_class, tint

SIZE_LOOKS = {
    "tall": ("height", 1.3, 1.5),
    "short": ("height", 0.62, 0.76),
    "wide": ("width", 1.3, 1.5),
    "long": ("width", 1.3, 1.5),
    "narrow": ("width", 0.66, 0.78),
    "thick": ("thick", 1.35, 1.6),
    "thin": ("thick", 0.8, 0.86),
    "small": ("height", 0.8, 0.88),
    "big": ("height", 0.98, 1.08),
}

NATURAL = {
    "chair": "wooden", "stool": "wooden", "table": "wooden", "bed": "wooden white", "shelf": "wooden",
    "bottle": "green", "vase": "blue white", "teapot": "white blue", "bowl": "white wooden", "car": "red blue",
    "truck": "blue red", "bus": "yellow red", "rocket": "white silver", "boat": "wooden white",
    "plane": "white silver", "house": "white red", "tower": "stone", "castle": "stone", "tree": "green",
    "pine": "green", "cactus": "green", "mushroom": "red brown", "flower": "red yellow pink", "apple": "red green",
    "snowman": "white", "robot": "silver", "dog": "brown", "sword": "silver", "hammer": "silver",
    "key": "golden silver", "crown": "golden", "donut": "pink brown", "burger": "orange brown",
    "icecream": "pink white brown",
}  # fmt: skip
"""category -> colors it has where a caption names none; the others have any."""

MAX_ACCENTED = 0.6
"""Share of a shape's surface that told parts may cover together."""


@dataclass(frozen=True)
class Description:
    """One thing to build and how it is told.

    Attributes:
        category: a `parts.Category`.
        main: color or material word of the main part, or "" where the caption is silent (then `hidden_main` is used).
        hidden_main: the color built.
        accents: role -> (part word, color word) that the caption tells.
        size: a size word or "".
    """

    category: object
    main: str
    hidden_main: str
    accents: dict[str, tuple[str, str]]
    size: str

    @property
    def color_class(self):
        """The main color's class, a key of `COLORS`."""
        return color_class(self.hidden_main)


def color_word(name, rng):
    """The color's own name, or sometimes a material that counts as it."""
    materials = [material for material, (color, _) in MATERIALS.items() if color == name]
    return str(rng.choice(materials)) if materials and rng.random() < 0.3 else name


def natural_colors(category):
    """The color words of a category that goes without saying, of the pairs that training may see."""
    words = NATURAL.get(category.name, "").split()
    return [word for word in words if not is_held_out(category.name, color_class(word))]


def describe(category, color, rng):
    """A random description of a category in a main color, or, with no word about it, in one natural to it."""
    word, natural = color_word(color, rng), natural_colors(category)
    is_silent = bool(natural) and rng.random() < 0.08
    if is_silent:
        word = str(rng.choice(natural))
    told = {}
    roles = list(category.accents)
    rng.shuffle(roles)
    for role in roles[: rng.choice([0, 1, 2], p=[0.3, 0.5, 0.2])]:
        names, _ = category.accents[role]
        told[role] = (str(rng.choice(names)), color_word(str(rng.choice(list(COLORS))), rng))
    size = str(rng.choice(list(SIZE_LOOKS))) if rng.random() < 0.4 else ""
    return Description(category, "" if is_silent else word, word, told, size)


def look_of(size, rng):
    """The `Look` a size word asks for, with ordinary jitter."""
    values = {name: rng.uniform(0.93, 1.07) for name in ("height", "width", "thick")}
    if size:
        name, low, high = SIZE_LOOKS[size]
        values[name] = rng.uniform(low, high)
    if size == "small":
        values["thick"] = rng.uniform(1.15, 1.3)
    return Look(**values)


def fitting(description, shares):
    """The description without what is not true of a shape: parts it lacks, or so many that the main color is lost.

    Args:
        description: what was meant to be built.
        shares: role -> its share of the shape's surface.
    """
    told, left = {}, MAX_ACCENTED
    for role, words in description.accents.items():
        if 0 < shares.get(role, 0) <= left:
            told[role], left = words, left - shares[role]
    return replace(description, accents=told)


def role_words(description, rng):
    """Role -> color or material word; "main" included. What a caption is silent about differs from it."""
    words = {"main": description.hidden_main}
    for role, (_, defaults) in description.category.accents.items():
        told = description.accents.get(role)
        others = [word for word in defaults or () if color_class(word) != description.color_class]
        words[role] = told[1] if told else str(rng.choice(others or [description.hidden_main]))
    return words


def role_colors(words, rng):
    """Role -> [3] sRGB 0..1, with a little jitter per color word."""
    jitter = {word: rng.normal(0, 0.015, 3) for word in sorted(set(words.values()))}
    return {role: (jitter[word] + [c / 255 for c in tint(word)]).clip(0.0, 1.0) for role, word in words.items()}


def caption(description, rng):
    """One of many sentences for a description."""
    nouns = (description.category.name, description.category.name, *description.category.nouns)
    noun, main, size = str(rng.choice(nouns)), description.main, description.size
    if main and rng.random() < 0.08:
        main += str(rng.choice(["-colored", " coloured"]))
    if main and rng.random() < 0.15:
        head = f"{size} {noun}{rng.choice([', ', ' in ', ' that is ', ' '])}{main}"
    else:
        words = [main, size] if rng.random() < 0.2 else [size, main]
        head = " ".join([*words, noun])
    tail = [f"{color} {part}" for part, color in description.accents.values()]
    if tail:
        head += f"{rng.choice([' with ', ' with ', ' with ', ' and ', ', '])}{' and '.join(tail)}"
    return f"{rng.choice(['a ', 'the ', 'one ', '', ''])}{head}".strip()
