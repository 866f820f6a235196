# SPDX-License-Identifier: GPL-3.0-or-later
"""Notation in prompts that is not words: measurements, multipliers, years, and commands of other programs."""

from .splitting import Word

LENGTHS = frozenset([
    "mm", "cm", "dm", "m", "km", "ft", "inch", "inches", "yd", "yard", "yards", "meter", "meters", "metre", "metres",
    "centimeter", "centimeters", "centimetre", "centimetres", "millimeter", "millimeters", "millimetre", "millimetres",
])  # fmt: skip
UNSURE_LENGTHS = frozenset({"foot", "feet", "in"})
"""Lengths that are other words as well: only before a dimension, or joined to the number."""
DIMENSIONS = frozenset({"tall", "high", "wide", "long", "deep", "thick", "broad", "across"})
SIGNS = ('"', "″")
FIRST_YEAR, LAST_YEAR = 1500, 2100


def is_command(text: str) -> bool:
    """True for a flag such as "--ar 16:9", a tag such as "<lora:style:1>", and an address."""
    return text.startswith(("--", "—", "–", "<")) or "://" in text


def is_year(text: str) -> bool:
    """True for a number that names a year, rather than counting things."""
    return text.isdecimal() and len(text) == len(str(FIRST_YEAR)) and FIRST_YEAR <= int(text) <= LAST_YEAR


def is_multiplier(text: str) -> bool:
    """True for "x3" and "2x"."""
    return text.isascii() and (text.removeprefix("x").isdecimal() or text.removesuffix("x").isdecimal())


def measurement_length(words: list[Word], counts: frozenset[str]) -> int:
    """Return how many of the first words are a measurement, with the dimension after it ("2 m tall"), or 0."""
    texts = [word.text for word in words[:3]]
    number, unit = split_number(texts[0])
    if number and (unit in LENGTHS | UNSURE_LENGTHS or unit in SIGNS or is_box(number)):
        length = 1
    elif texts[0] in counts or (number and not unit):
        is_sure = texts[1:2] and texts[1] in LENGTHS
        length = 2 if is_sure or (texts[2:] and texts[1] in UNSURE_LENGTHS and texts[2] in DIMENSIONS) else 0
    else:
        length = 0
    return length + bool(length and texts[length:] and texts[length] in DIMENSIONS)


def split_number(text: str) -> tuple[str, str]:
    """Return the digits that a word begins with, with what joins them, and the unit after them: ("1.5", "m")."""
    end = next((place for place in range(len(text), 0, -1) if text[place - 1].isdecimal()), 0)
    return (text[:end], text[end:].strip(" -")) if text[:1].isdecimal() else ("", "")


def is_box(number: str) -> bool:
    """True for width, depth and height: "50x50x100"."""
    return "x" in number or "×" in number
