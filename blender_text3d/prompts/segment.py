# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a prompt that are about one thing."""

from .item import Item
from .roles import Reason, Role

NOUNS = frozenset({Role.OBJECT, Role.PART, Role.NOTHING_NOUN, Role.UNKNOWN})


class Segment:
    """The words of one thing.

    Attributes:
        opener: What stands before it: "with", "and", ",", a preposition, or "" if nothing does.
        link: The item "with" before it, or None.
        items: Its items.
    """

    def __init__(self, opener: str = "", link: Item | None = None):
        self.opener, self.link = opener, link
        self.items: list[Item] = []

    @property
    def used(self) -> list[Item]:
        """Its items that are not left out."""
        return [item for item in self.items if item.is_used]

    @property
    def objects(self) -> list[Item]:
        """Its objects."""
        return [item for item in self.used if item.role == Role.OBJECT]

    @property
    def head(self) -> Item | None:
        """Its last noun; one that no table has is none if there is another."""
        nouns = [item for item in self.used if item.role in NOUNS]
        known = [item for item in nouns if item.role != Role.UNKNOWN]
        return next(reversed(known or nouns), None)

    @property
    def has_article(self) -> bool:
        """True if an article stands in it."""
        return any(item.role == Role.ARTICLE for item in self.items)

    @property
    def is_coordinated(self) -> bool:
        """True if it stands beside what is before it, not in, on or under it."""
        return self.opener in ("and", ",", "")

    def leave_out(self, reason: str) -> None:
        """Leave out all its items."""
        for item in self.used:
            item.reason = reason

    def leave_out_descriptions(self) -> None:
        """Leave out its colors and parts, since they are of a thing without a stand-in."""
        for item in self.used:
            if item.role in (Role.ATTRIBUTE, Role.PART):
                item.reason = Reason.LEFT
