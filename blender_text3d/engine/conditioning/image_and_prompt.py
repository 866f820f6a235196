# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence for the user who gives a prompt together with an image."""

from collections.abc import Collection

from ...prompts.reader import read_prompt


def prompt_not_used(prompt: str, seen: Collection[str] = ()) -> str:
    """Return a sentence if a prompt asks for something, since the image decides, or "".

    The name of an image's file stands in for a prompt that was left out; it is told only if it names an object.

    Args:
        prompt: The prompt of the job.
        seen: Known words that the image was recognized as; a prompt of no others agrees with it.
    """
    reading = read_prompt(prompt)
    if reading is None or not reading.main or set(reading.tokens) <= set(seen):
        return ""
    return f"The image decides; the prompt '{prompt}' only names the object."
