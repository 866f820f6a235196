# SPDX-License-Identifier: GPL-3.0-or-later
"""The meaning of a word of WordNet for the models, by the share of its meanings that each word of theirs stands for."""

from typing import NamedTuple

from blender_text3d.prompts.meanings import ADJECTIVE, NOTHING

from .classify import PERSON, Classifier
from .colors import color_in_gloss, nearest_color
from .sources import Sources

MIN_KIND, MIN_NAME, MIN_PERSON, MIN_GUESS = 0.45, 0.6, 0.62, 0.3
MIN_COLOR, MIN_UNNAMED_COLOR, MIN_ATTRIBUTE = 0.25, 0.45, 0.45


class Answer(NamedTuple):
    """The meaning of a word, see blender_text3d.prompts.meanings."""

    kind: str = ""
    attribute: str = ""
    is_sure: bool = True
    is_adjective: bool = False

    @property
    def line(self) -> str:
        """The answer as it stands in the table."""
        if not (self.kind or self.attribute):
            return ADJECTIVE if self.is_adjective else NOTHING
        return self.kind + (f"/{self.attribute}" if self.attribute else "") + ("" if self.is_sure else "?")


def answer_of(word: str, classifier: Classifier, sources: Sources) -> Answer:
    """Return the answer for a word or a collocation of WordNet."""
    shares = classifier.shares(word)
    things = {label: share for label, share in shares.kinds.items() if label != PERSON}
    kind = max(things, key=things.get, default="")
    is_name = word not in sources.words and word.capitalize() in sources.words
    is_sure = bool(kind) and things[kind] >= (MIN_NAME if is_name else MIN_KIND)
    if not is_sure and not is_name and shares.kinds.get(PERSON, 0.0) >= MIN_PERSON:
        return Answer(PERSON)
    attribute = attribute_of(word, classifier, sources)
    if is_sure or attribute:
        return Answer(kind if is_sure else "", attribute)
    if kind and not is_name and things[kind] >= MIN_GUESS:
        return Answer(kind, is_sure=False)
    return Answer(is_adjective=shares.is_adjective)


def attribute_of(word: str, classifier: Classifier, sources: Sources) -> str:
    """Return the color, material or size of a word, or ""."""
    named = sources.colors.get(word)
    for label, share in sorted(classifier.shares(word).attributes.items(), key=lambda pair: -pair[1]):
        if label == "color" and share >= (MIN_COLOR if named else MIN_UNNAMED_COLOR):
            return nearest_color(named) if named else color_in_gloss(classifier.gloss_of_color(word)) or ""
        if label != "color" and share >= MIN_ATTRIBUTE:
            return label
    return ""
