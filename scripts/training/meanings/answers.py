# SPDX-License-Identifier: GPL-3.0-or-later
"""The meaning of a word of WordNet for the models: WordNet decides, and the sentence model has a vote."""

from typing import NamedTuple

from blender_text3d.prompts.meanings import ADJECTIVE, NOTHING

from .classify import SIZES, Classifier
from .colors import color_in_gloss, nearest_color
from .sources import CERTAIN, Sources

SHARE_WEIGHT = 0.75
MIN_KIND, MIN_KIND_VOTE, SAFE_SCORE, MIN_SAFE_VOTE, MIN_GUESS = 0.3, 0.1, 0.4, 0.02, 0.15
MIN_SIZE, MIN_SIZE_VOTE, MIN_COLOR, MIN_COLOR_VOTE, MIN_MATERIAL = 0.25, 0.05, 0.25, 0.05, 0.3
CAPITAL_SCORE = 0.5


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
    shares, vote = classifier.shares(word), sources.votes.get(word, {})
    scores = {label: mixed(share, vote.get(label, 0.0)) for label, share in shares.kinds.items()}
    kind = max(scores, key=scores.get, default="")
    needed = CAPITAL_SCORE if word not in sources.words and word.capitalize() in sources.words else MIN_KIND
    needed_vote = MIN_SAFE_VOTE if kind and scores[kind] >= SAFE_SCORE else MIN_KIND_VOTE
    is_sure = bool(kind) and scores[kind] >= needed and vote.get(kind, 0.0) >= needed_vote
    attribute = attribute_of(word, classifier, sources)
    if is_sure or attribute:
        return Answer(kind if is_sure else "", attribute)
    if kind and scores[kind] >= MIN_GUESS:
        return Answer(kind, is_sure=False)
    return Answer(is_adjective=shares.is_adjective)


def mixed(share: float, vote: float) -> float:
    """Return WordNet's share and the sentence model's vote as one score."""
    return SHARE_WEIGHT * share + (1 - SHARE_WEIGHT) * vote


def attribute_of(word: str, classifier: Classifier, sources: Sources) -> str:
    """Return the color, material or size of a word, or ""."""
    shares, vote = classifier.shares(word).attributes, sources.votes.get(word, {})
    for label, share in sorted(shares.items(), key=lambda pair: -pair[1]):
        probability = vote.get("size" if label in SIZES else label, 0.0)
        score = mixed(share, probability)
        named = sources.colors.get(word)
        if label == "color" and share >= MIN_COLOR and (named or probability >= MIN_COLOR_VOTE or share > CERTAIN):
            return nearest_color(named) if named else color_in_gloss(classifier.gloss_of_color(word)) or ""
        if label in SIZES and score >= MIN_SIZE and probability >= MIN_SIZE_VOTE:
            return label
        if label not in SIZES and label != "color" and score >= MIN_MATERIAL:
            return label
    return ""
