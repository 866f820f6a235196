# SPDX-License-Identifier: GPL-3.0-or-later
"""Known words that an unknown word is probably a typo of. Words that merely look alike ("horse", "house") are not."""

from itertools import pairwise

from .vocabulary import Vocabulary

MIN_LENGTH = 3
MIN_SUBSTITUTION_LENGTH = 5
"""Shorter words have too many neighbors: "cat" is not a misspelled "car"."""
MIN_LENGTH_FOR_TWO = 6
"""Length from which two slips are allowed, in a word that is at most one letter shorter."""
MAX_SUGGESTIONS = 2
KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
VOWELS = "aeiouy"
SOUNDS = (VOWELS, "cks", "sz", "fv", "iy")
FAR = 9


def typo_suggestions(word: str, vocabulary: Vocabulary) -> list[str]:
    """Return up to MAX_SUGGESTIONS words of the vocabulary that the word is probably meant to be, the closest first."""
    names = [name for name in (*vocabulary.kinds, *vocabulary.aliases) if " " not in name]
    ranked = sorted((slips(word, name), place, name) for place, name in enumerate(names))
    return [name for count, _, name in ranked if 0 < count <= allowed_slips(word, name)][:MAX_SUGGESTIONS]


def allowed_slips(typed: str, meant: str) -> int:
    """Return the number of slips that a typo may have, by the lengths of both words."""
    if len(typed) < MIN_LENGTH:
        return 0
    return 2 if len(typed) >= MIN_LENGTH_FOR_TWO and len(meant) >= MIN_LENGTH_FOR_TWO - 1 else 1


def slips(typed: str, meant: str) -> int:
    """Return the number of slips of a typist between two words, or FAR: letters left out, added, swapped or mistaken.

    The first letter must be right, or swapped with the second. Source: the optimal string alignment distance, with
    substitutions by neighboring keys and similar sounds only.
    """
    if abs(len(typed) - len(meant)) > 2 or meant[0] not in typed[:2] or typed[0] not in meant[:2]:
        return FAR
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(meant, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + mistake_cost(letter, other, typed))
            if i > 1 and j > 1 and (letter, typed[i - 2]) == (meant[j - 2], other):
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def mistake_cost(letter: str, other: str, typed: str) -> int:
    """Return 0 for equal letters, 1 for one that is easily typed in place of the other, else FAR."""
    if letter == other:
        return 0
    pair = {letter, other}
    is_close = any(pair == {first, second} for keys in KEY_ROWS for first, second in pairwise(keys))
    is_alike = any(pair <= set(letters) for letters in SOUNDS)
    return 1 if len(typed) >= MIN_SUBSTITUTION_LENGTH and (is_close or is_alike) else FAR
