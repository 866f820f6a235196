# SPDX-License-Identifier: GPL-3.0-or-later
"""A word or phrase of a prompt, with its role and what it stands for."""

from .roles import Role
from .splitting import Word
from .vocabulary import plural_forms


class Item:
    """A word or phrase of a prompt.

    Attributes:
        start, end: Its place in the prompt.
        text: Its words in lower case.
        role: Its role.
        tokens: The known words that it stands for.
        attribute: The color, material or size that it is before another object, or "".
        is_told: True if the user is told what it is read as.
        offer: A known word that is offered, but not used.
        offers_object: True if that is an object.
        elsewhere: The object that only models of a later training know, or "".
        known: The word of the vocabulary that it is written as, or "".
        pauses: True if a comma or the like stands before it.
        reason: Why it is left out; "" as long as it is not.
    """

    def __init__(self, words: list[Word], role: Role, *tokens: str, attribute: str = "", is_told: bool = False):
        self.start, self.end, self.pauses = words[0].start, words[-1].end, words[0].pauses
        self.text = " ".join(word.text for word in words)
        self.role, self.tokens, self.attribute, self.is_told = role, tokens, attribute, is_told
        self.offer, self.known, self.elsewhere, self.reason = "", "", "", ""
        self.offers_object = False

    @property
    def is_used(self) -> bool:
        """True as long as it is not left out."""
        return not self.reason

    @property
    def is_worth_telling(self) -> bool:
        """True if it is read as another word, rather than as its own singular: "donuts", "snow man"."""
        text = self.text.replace(" ", "").replace("men", "man")
        return self.is_told and self.tokens not in [(form,) for form in (text, *plural_forms(text))]
