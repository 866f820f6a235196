# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of words of grammar, of numbers, and of words about looks."""

from .notation import is_multiplier, is_year
from .phrases import NEGATIONS, role_words, styles
from .roles import Role


def function_role(text: str) -> Role | None:
    """Return the role of a word of grammar or of a number, or None."""
    if text in NEGATIONS:
        return Role.NEGATION
    if is_year(text):
        return Role.ADJECTIVE
    if text in role_words().counts or is_multiplier(text):
        return Role.COUNT
    if text in role_words().articles:
        return Role.ARTICLE
    if text in role_words().conjunctions:
        return Role.AND
    return Role.BREAK if text in role_words().prepositions else Role.FILLER if text[0].isdecimal() else None


def style_role(text: str) -> Role | None:
    """Return the role of a word about looks, or None."""
    known = styles()
    if text in known.heads:
        return Role.STYLE_HEAD
    if text in known.surfaces:
        return Role.SURFACE
    return Role.STYLE if text in known.phrases or text in known.followed else None
