# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user should know of how a small model understood a prompt."""

from .vocabulary import Reading, Vocabulary


def notice_of(reading: Reading, vocabulary: Vocabulary) -> str | None:
    """What the user should know of how the prompt was understood, or None."""
    if not reading.unknown and reading.tokens:
        return None
    known = ", ".join(reading.tokens) or "none of these words"
    parts = [f"The small model knows: {known}"]
    for word in reading.unknown[:5]:
        nearest = ", ".join(reading.nearest[word])
        parts.append(f"'{word}' is not among them" + (f", nearest: {nearest}" if nearest else ""))
    if not any(token in vocabulary.groups["objects"] for token in reading.tokens):
        parts.append(f"name one of its objects, such as {', '.join(vocabulary.groups['objects'][::6])}")
    return "; ".join(parts) + "."
