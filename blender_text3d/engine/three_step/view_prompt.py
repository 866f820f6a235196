# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt for a text-to-image model that asks for one object on a plain ground.

Source: the paper of Point-E, section 3.2, for views that look like renders; the words are ours, since those of its own
model were not released.
"""

import re

BEGINNING, END = "a 3d render of ", ", white background"
PICTURE_WORD = re.compile(
    r"\b(render(ing|s|ed)?|photo(graph|s)?|picture|image|drawing|painting|sketch)\b", re.IGNORECASE
)
GROUND_WORD = re.compile(r"\b(background|backdrop)\b", re.IGNORECASE)


def view_prompt(prompt: str) -> str:
    """Return a prompt for one object on a white ground; what the user says about either stays as it is."""
    beginning = "" if PICTURE_WORD.search(prompt) else BEGINNING
    end = "" if GROUND_WORD.search(prompt) else END
    return f"{beginning}{prompt.strip().rstrip('.')}{end}"
