# SPDX-License-Identifier: GPL-3.0-or-later
"""Phrases and function words that the reader of prompts knows: compounds, styles, shades, counts, negations."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

COMPOUNDS = Path(__file__).with_name("compounds.txt")
STYLES = Path(__file__).with_name("styles.txt")
ROLE_WORDS = Path(__file__).with_name("role_words.txt")
MAX_PHRASE_WORDS = 5

NEGATIONS = {
    "without": True, "with no": True, "with not": True, "no": True, "not": False, "without any": True, "never": False,
    "lacking": True, "minus": True, "sans": True, "free of": True, "except": True, "except for": True,
    "excluding": True, "instead of": True, "rather than": True, "other than": True, "anything but": True,
    "don't": True, "doesn't": True, "isn't": False, "aren't": False, "hasn't": True, "no more": True, "nor": True,
    "does not have": True, "do not have": True, "has no": True, "have no": True, "having no": True, "not any": True,
    "non": False, "--no": True, "—no": True, "negative prompt": True, "negative prompts": True,
    "should not have": True, "must not have": True, "avoid": True, "missing": True, "but no": True, "but not": False,
}  # fmt: skip
"""Phrases that deny: True if they deny a thing with all its words, False if perhaps only its color or size."""
PLACES = frozenset(
    [
        "in the middle of",
        "in the center of",
        "in the centre of",
        "in front of",
        "on top of",
        "at the top of",
        "at the bottom of",
        "on the edge of",
        "at the edge of",
        "at the back of",
        "on the back of",
        "in the back of",
        "on the side of",
        "at the foot of",
        "at the base of",
        "at the end of",
        "on the left of",
        "on the right of",
        "on both sides of",
        "full of",
        "out of",
        "next to",
        "inside of",
        "outside of",
        "made out of",
    ]
)
"""Phrases before another thing whose nouns are no parts."""
DENIES_ALL = frozenset({"--no", "—no", "negative prompt", "negative prompts"})
"""Negations of other programs: they deny all that follows, up to the next command."""
MATERIALS_ELSEWHERE = frozenset({"glass", "crystal", "diamond", "leather"})
"""Objects and parts that before another one, or after "of", are a material that the models do not know."""
TWO_READINGS = {
    "rose": ("flower", "pink"), "oak": ("tree", "wooden"), "orange": ("apple", "orange"),
    "violet": ("flower", "purple"),
    "lilac": ("flower", "purple"), "ebony": ("tree", "black"), "pine": ("pine", "wooden"), "fir": ("pine", "wooden"),
    "lime": ("apple", "green"), "ruby": ("gem", "red"),
}  # fmt: skip
"""Known words that are an object alone and an attribute before another one: (object, attribute)."""
PART_COLORS = {"mustard": "yellow", "olive": "green"}
"""Parts that are a color before an object."""
COLORED_KINDS = {"orange": ("orange", "apple"), "lime": ("green", "apple"), "ruby": ("red", "gem")}
PART_KINDS = {
    "cabin": "house", "mattress": "bed", "pot": "vase", "cushion": "pillow", "jewel": "gem", "turret": "tower",
    "glass": "cup", "saucer": "plate", "candlestick": "candle", "pickup": "truck", "temple": "house", "blade": "knife",
    "cap": "hat", "railing": "fence", "guard": "person", "treasure": "chest",
}  # fmt: skip
"""Parts that are an object where no other is named, if the model knows it."""


class Styles(NamedTuple):
    """Phrases of looks: those that are passed over, those that take what follows, and last words of such phrases."""

    phrases: frozenset[str]
    followed: frozenset[str]
    heads: frozenset[str]
    surfaces: frozenset[str]


class RoleWords(NamedTuple):
    """Words that are treated alike.

    Attributes:
        articles: "a", "the" and the like.
        conjunctions: "and" and the like.
        prepositions: Words that end the words of one thing, verbs among them.
        fillers: Words without an effect that nobody misses.
        scenes: Last words of phrases on what is around the object.
        counts: Numbers, "several" and the like.
        collections: Words that are a count in "a row of".
        shades: Words that before a color only change its shade.
        shade_bases: The colors themselves.
        places: Prepositions before what is around the object, whose parts it does not have.
        likenesses: Nouns that after an object only say its form, sort, material or surroundings: "statue", "animal".
        endings: Names that are no word of the vocabulary and that end compounds written as one word: "gardenshed".
    """

    articles: frozenset[str]
    conjunctions: frozenset[str]
    prepositions: frozenset[str]
    fillers: frozenset[str]
    scenes: frozenset[str]
    counts: frozenset[str]
    collections: frozenset[str]
    shades: frozenset[str]
    shade_bases: frozenset[str]
    places: frozenset[str]
    likenesses: frozenset[str]
    endings: frozenset[str]


@lru_cache(1)
def role_words() -> RoleWords:
    """Return the words that are treated alike."""
    lines = lines_of(ROLE_WORDS)
    return RoleWords(*(frozenset(" ".join(lines.get(name, ())).split()) for name in RoleWords._fields))


@lru_cache(1)
def compounds() -> dict[str, str]:
    """Return the known word of each compound, or "nothing"."""
    return {phrase: known for known, phrases in lines_of(COMPOUNDS).items() for phrase in phrases}


@lru_cache(1)
def joined_compounds() -> dict[str, str]:
    """Return the known word of each compound of two words that is written as one: "racehorse"."""
    return {
        phrase.replace(" ", ""): known
        for phrase, known in compounds().items()
        if known != "nothing" and phrase.count(" ") == 1
    }


@lru_cache(1)
def styles() -> Styles:
    """Return the phrases of looks."""
    return Styles(*(frozenset(lines_of(STYLES).get(name, ())) for name in Styles._fields))


def lines_of(path: Path) -> dict[str, list[str]]:
    """Return the phrases of a file's lines by their first word; {} if it cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    pairs = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {name: [phrase.strip() for phrase in phrases.split(",")] for name, _, phrases in pairs}
