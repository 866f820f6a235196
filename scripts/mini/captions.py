# SPDX-License-Identifier: GPL-3.0-or-later
"""What a caption says of a shape: category, colours of its parts, sizes; and the many ways to say it."""

from dataclasses import dataclass

from .colors import COLORS, MATERIALS, color_class, tint
from .shapes.parts import Look

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


@dataclass(frozen=True)
class Description:
    """One thing to build and how it is told.

    Attributes:
        category: a `parts.Category`.
        main: colour or material word of the main part, or "" where the caption is silent (then `hidden_main` is used).
        hidden_main: the colour built.
        accents: role -> (part word, colour word) that the caption tells.
        size: a size word or "".
    """

    category: object
    main: str
    hidden_main: str
    accents: dict[str, tuple[str, str]]
    size: str

    @property
    def color_class(self):
        """The main colour's class, a key of `COLORS`."""
        return color_class(self.hidden_main)


def color_word(name, rng):
    """The colour's own name, or sometimes a material that counts as it."""
    materials = [material for material, (color, _) in MATERIALS.items() if color == name]
    return str(rng.choice(materials)) if materials and rng.random() < 0.3 else name


def describe(category, color, rng):
    """A random description of a category in a main colour."""
    word = color_word(color, rng)
    told = {}
    roles = list(category.accents)
    rng.shuffle(roles)
    for role in roles[: rng.choice([0, 1, 2], p=[0.45, 0.4, 0.15])]:
        names, _ = category.accents[role]
        told[role] = (str(rng.choice(names)), color_word(str(rng.choice(list(COLORS))), rng))
    size = str(rng.choice(list(SIZE_LOOKS))) if rng.random() < 0.4 else ""
    return Description(category, "" if rng.random() < 0.05 else word, word, told, size)


def look_of(size, rng):
    """The `Look` a size word asks for, with ordinary jitter."""
    values = {name: rng.uniform(0.93, 1.07) for name in ("height", "width", "thick")}
    if size:
        name, low, high = SIZE_LOOKS[size]
        values[name] = rng.uniform(low, high)
    if size == "small":
        values["thick"] = rng.uniform(1.15, 1.3)
    return Look(**values)


def role_colors(description, rng):
    """Role -> [3] sRGB 0..1, with a little jitter per role; "main" included."""
    words = {"main": description.hidden_main}
    for role, (_, defaults) in description.category.accents.items():
        told = description.accents.get(role)
        words[role] = told[1] if told else (str(rng.choice(defaults)) if defaults else description.hidden_main)
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
