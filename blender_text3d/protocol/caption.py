# SPDX-License-Identifier: GPL-3.0-or-later
"""The object that a small model recognized in an image, which the job's notice names."""

import re
from collections.abc import Iterable

from .events import Event, Notice

CAPTION = re.compile(r"(?:Recognized|Using|Seen in the picture): (an? [^.:;]+)\.")
"""The last form is that of version 0.1.0."""


def recognized_caption(message: str) -> str:
    """Return the caption in a notice on an image, such as "a blue mug", or ""."""
    match = CAPTION.search(message)
    return match[1] if match else ""


def result_name(prompt: str, image: str, events: Iterable[Event]) -> str:
    """Return the name of a job's objects: what was recognized in its image, else the prompt.

    Args:
        prompt: The prompt of the request; with an image, the name of the image file.
        image: The image of the request, or "".
        events: The events of the job.
    """
    messages = (event.message for event in events if image and isinstance(event, Notice))
    return next(filter(None, map(recognized_caption, messages)), prompt)
