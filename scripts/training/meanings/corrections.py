# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers that a person gave, in corrections.txt."""

from collections import defaultdict
from pathlib import Path

from blender_text3d.prompts.vocabulary import Vocabulary

from .answers import Answer

CORRECTIONS = Path(__file__).with_name("corrections.txt")
LEFT_OUT = "left out"


def corrections(vocabulary: Vocabulary) -> dict[str, Answer]:
    """Return the answers that a person gave."""
    given: dict[str, dict[str, str]] = defaultdict(dict)
    for line in CORRECTIONS.read_text(encoding="utf-8").splitlines():
        label, _, entries = line.partition(":")
        for entry in entries.split() if not line.startswith(("#", LEFT_OUT)) else ():
            word, _, second = entry.removesuffix("?").partition("/")
            is_guess = entry.endswith("?") or label.endswith("?")
            for value in (*label.removesuffix("?").split("/"), *([second] if second else [])):
                group = "none" if value == "-" else "kind" if vocabulary.kinds[value] == "objects" else "attribute"
                group += "?" if is_guess else ""
                given[word].setdefault(group, value)
    return {word: corrected(values) for word, values in given.items()}


def corrected(values: dict[str, str]) -> Answer:
    """Return the answer of one word's corrections: sure ones before nothing, nothing before guesses."""
    if "kind" in values or "attribute" in values:
        return Answer(values.get("kind", ""), values.get("attribute", ""))
    if "none" in values:
        return Answer()
    return Answer(values.get("kind?", ""), "" if "kind?" in values else values["attribute?"], is_sure=False)


def phrases_left_out() -> frozenset[str]:
    """Return the phrases that the reader's rules treat better than WordNet does."""
    lines = CORRECTIONS.read_text(encoding="utf-8").splitlines()
    return frozenset(phrase.strip() for line in lines if line.startswith(LEFT_OUT) for phrase in line[10:].split("|"))
