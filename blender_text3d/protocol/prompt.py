# SPDX-License-Identifier: GPL-3.0-or-later
"""A prompt as the user typed it → a prompt a job can hold."""

import re
import unicodedata

from .errors import BadRequest

MAX_PROMPT_LENGTH = 1000
CONTROL_CATEGORIES = ("Cc", "Cs")


def clean_prompt(typed: str) -> str:
    """The prompt on one line, without blanks around it.

    Emoji, right-to-left text and every other script pass: which words it knows is for the model to say.

    Raises:
        BadRequest: It is empty, too long, or holds control characters.
    """
    prompt = re.sub(r"[\r\n\t]+", " ", typed).strip()
    if not any(unicodedata.category(character)[0] not in "ZC" for character in prompt):
        raise BadRequest('The prompt is empty. Type what to make, such as "a red chair".')
    if len(prompt) > MAX_PROMPT_LENGTH:
        raise BadRequest(f"The prompt has {len(prompt)} characters. Shorten it to {MAX_PROMPT_LENGTH} or fewer.")
    for position, character in enumerate(prompt, start=1):
        if unicodedata.category(character) in CONTROL_CATEGORIES:
            raise BadRequest(
                f"Character {position} of the prompt is the control character U+{ord(character):04X}. Remove it."
            )
    return prompt
