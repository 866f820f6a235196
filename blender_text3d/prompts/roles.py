# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles of the words of a prompt, and the reasons for leaving them out."""

from enum import StrEnum


class Role(StrEnum):
    """The role of a word or phrase."""

    OBJECT = "object"
    ATTRIBUTE = "attribute"
    PART = "part"
    LINK = "link"
    ARTICLE = "article"
    AND = "and"
    BREAK = "break"
    FILLER = "filler"
    COUNT = "count"
    NEGATION = "negation"
    STYLE = "style"
    STYLE_HEAD = "style head"
    SURFACE = "surface"
    NOTHING_NOUN = "nothing"
    ADJECTIVE = "adjective"
    UNKNOWN = "unknown"
    MEASUREMENT = "measurement"


class Reason(StrEnum):
    """Why a word or phrase is left out.

    DENIED by a negation; LOOK: about style and rendering; OTHER: of another object; SAME: the object again; LEFT: of a
    thing that the models do not know; SIZE: a measurement; ELSEWHERE: an object that only another model knows.
    """

    DENIED = "denied"
    LOOK = "look"
    OTHER = "other"
    SAME = "same"
    LEFT = "left"
    SIZE = "size"
    ELSEWHERE = "elsewhere"
