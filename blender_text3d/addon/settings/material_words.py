# SPDX-License-Identifier: GPL-3.0-or-later
"""Choices of the setting for which models the words of a prompt set metallic and roughness."""

AUTO, ALWAYS, NEVER = "auto", "always", "never"
SMALL_MODELS = "mini/"
ITEMS = (
    (AUTO, "Small Models", "Objects of the small models become metallic, rough or clear as their prompts say"),
    (ALWAYS, "All Models", "Objects of all models do, though official ones have highlights in their colors"),
    (NEVER, "Never", "All objects get the same material with their own colors"),
)
