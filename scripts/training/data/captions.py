# SPDX-License-Identifier: GPL-3.0-or-later
"""Captions of a shape, in many phrasings: category, colors of its parts, sizes."""

from dataclasses import dataclass, replace

from ..shapes.parts import Proportions
from .catalogue import is_held_out
from .colors import COLORS, MATERIALS, color_class, tint

SIZE_RANGES = {
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
    "icecream": "pink white brown", "cat": "orange gray black", "rabbit": "white brown gray",
    "duck": "yellow white", "fish": "orange blue yellow", "bird": "blue red brown", "horse": "brown white black",
    "elephant": "gray", "bear": "brown", "penguin": "black", "dinosaur": "green brown", "dragon": "green red",
    "train": "red blue green", "sailboat": "white wooden", "desk": "wooden", "wardrobe": "wooden white",
    "bench": "wooden", "clock": "wooden golden red", "candle": "white red", "mirror": "golden wooden silver",
    "pillow": "white blue pink", "cup": "white", "plate": "white blue", "fork": "silver golden",
    "spoon": "silver wooden", "knife": "silver", "pan": "black silver", "pot": "silver red", "barrel": "wooden",
    "box": "brown", "gift": "red blue", "chest": "wooden", "basket": "wooden yellow", "bag": "brown red",
    "crate": "wooden", "backpack": "red blue", "church": "white stone", "lighthouse": "white",
    "windmill": "white stone", "cake": "brown pink white", "laptop": "silver black", "phone": "black silver",
    "camera": "black silver", "guitar": "brown red", "piano": "black wooden", "drum": "red blue",
    "ball": "white orange", "dice": "white red", "chesspiece": "black white", "banana": "yellow",
    "pear": "green yellow", "carrot": "orange", "pumpkin": "orange", "pizza": "yellow", "hotdog": "brown",
    "egg": "white brown", "cheese": "yellow", "bicycle": "red blue green", "tank": "green gray brown",
    "helicopter": "red blue green", "submarine": "yellow gray", "spaceship": "silver white", "axe": "silver",
    "bow": "wooden brown", "shield": "blue red silver", "helmet": "silver golden", "wand": "brown purple",
    "potion": "purple green red", "gem": "blue green red purple", "coin": "golden silver", "bridge": "stone wooden",
    "tent": "green orange blue", "well": "stone", "fence": "white wooden", "crystal": "cyan purple",
    "hat": "black brown red", "shoe": "white black brown", "glove": "red blue brown", "glasses": "black brown",
    "person": "red blue green", "skull": "white", "hand": "orange brown", "heart": "red pink",
    "star": "yellow golden", "moon": "yellow white",
}  # fmt: skip
"""Category -> default colors without a color in the caption; other categories have any color."""

MAX_ACCENTED = 0.6
"""Maximum share of the surface that captioned parts may cover together."""


@dataclass(frozen=True)
class Description:
    """An object to build and the details its captions mention.

    Attributes:
        category: a `parts.Category`.
        main: color or material word of the main part, or "" if the caption omits it (then `hidden_main` is used).
        hidden_main: color of the geometry.
        accents: role -> (part word, color word) of the captioned parts.
        size: a size word or "".
    """

    category: object
    main: str
    hidden_main: str
    accents: dict[str, tuple[str, str]]
    size: str

    @property
    def color_class(self):
        """Class of the main color, a key of `COLORS`."""
        return color_class(self.hidden_main)


def color_word(name, rng):
    """Return the color name or, sometimes, a material of that color class."""
    materials = [material for material, (color, _) in MATERIALS.items() if color == name]
    return str(rng.choice(materials)) if materials and rng.random() < 0.3 else name


def natural_colors(category):
    """Return the default color words of a category, without held-out pairs."""
    words = NATURAL.get(category.name, "").split()
    return [word for word in words if not is_held_out(category.name, color_class(word))]


def describe(category, color, rng):
    """Return a random description of a category in a main color or, with the color uncaptioned, a default color."""
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
    size = str(rng.choice(list(SIZE_RANGES))) if rng.random() < 0.4 else ""
    return Description(category, "" if is_silent else word, word, told, size)


def proportions_of(size, rng):
    """Return random `Proportions` for a size word."""
    values = {name: rng.uniform(0.93, 1.07) for name in ("height", "width", "thick")}
    if size:
        name, low, high = SIZE_RANGES[size]
        values[name] = rng.uniform(low, high)
    if size == "small":
        values["thick"] = rng.uniform(1.15, 1.3)
    return Proportions(**values)


def remove_hidden_details(description, shares):
    """Remove parts from a description that the shape lacks or that would hide its main color.

    Args:
        description: the intended description.
        shares: role -> its share of the shape's surface.
    """
    told, left = {}, MAX_ACCENTED
    for role, words in description.accents.items():
        if 0 < shares.get(role, 0) <= left:
            told[role], left = words, left - shares[role]
    return replace(description, accents=told)


def role_words(description, rng):
    """Return role -> color or material word, including "main"; uncaptioned parts get a different color."""
    words = {"main": description.hidden_main}
    for role, (_, defaults) in description.category.accents.items():
        told = description.accents.get(role)
        others = [word for word in defaults or () if color_class(word) != description.color_class]
        words[role] = told[1] if told else str(rng.choice(others or [description.hidden_main]))
    return words


def role_colors(words, rng):
    """Return role -> (3,) sRGB 0..1, with a small jitter per color word."""
    jitter = {word: rng.normal(0, 0.015, 3) for word in sorted(set(words.values()))}
    return {role: (jitter[word] + [c / 255 for c in tint(word)]).clip(0.0, 1.0) for role, word in words.items()}


def caption(description, rng):
    """Return a random sentence for a description."""
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
